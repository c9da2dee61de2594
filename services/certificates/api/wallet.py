"""A holder's wallet: their certificates, and who used them."""

from datetime import datetime
from uuid import UUID

from chassis.app import service_router
from chassis.clock import local_day
from chassis.edge import Reads
from chassis.pagination import Cursor, Limit, Page
from chassis.schema import View
from services.certificates import store
from services.certificates.api.access import CanSeeOwn
from services.certificates.api.runtime import Running
from services.certificates.api.shapes import CertificateLine, line_values

router = service_router("wallet")


class UseView(View):
    """One use of one of the holder's certificates: who, for what, when."""

    id: UUID
    certificate_id: UUID
    identifier: str
    type_name: str
    purpose: str
    item_code: str | None
    item_name: str | None
    application_id: UUID | None
    user_kind: str
    user_name: str
    client_id: str
    used_at: datetime


@router.get("/wallet")
async def list_wallet(actor: CanSeeOwn, running: Running, tx: Reads, limit: Limit = 50, cursor: Cursor = None) -> Page[CertificateLine]:
    """My certificates, or those of the organisation I act for; the latest first."""
    cursors = running.cursors("wallet")
    position = cursors.open(cursor)
    after = UUID(position[0]) if position else None
    rows = await store.list_held(tx, actor.holder_index, after=after, limit=limit + 1) if actor.holder_index else []
    today = local_day(tx.now)
    return cursors.page(rows, limit, position=lambda row: [str(row["id"])], shape=lambda row: CertificateLine(**line_values(row, today)))


@router.get("/wallet/uses")
async def list_wallet_uses(actor: CanSeeOwn, running: Running, tx: Reads, limit: Limit = 50, cursor: Cursor = None) -> Page[UseView]:
    """Who used or read my certificates, for what, and when; the latest first."""
    cursors = running.cursors("wallet-uses")
    position = cursors.open(cursor)
    after = UUID(position[0]) if position else None
    rows = await store.list_uses(tx, actor.holder_index, after=after, limit=limit + 1) if actor.holder_index else []
    return cursors.page(
        rows, limit, position=lambda row: [str(row["id"])], shape=lambda row: UseView(**{n: row[n] for n in UseView.model_fields})
    )

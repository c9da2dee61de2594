"""One code: a person shows it, a registered device scans it, and for that visit the device knows who is there."""

from datetime import datetime
from io import BytesIO
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from pydantic import Field
import segno

from chassis.app import service_router
from chassis.edge import Reads
from chassis.pagination import Cursor, Limit, Page
from chassis.schema import View
from services.identity.api.access import IsSelf
from services.identity.api.edge import TOO_MANY_ATTEMPTS, PartsHere, Running, SecretWrites, seconds_to_wait_before
from services.identity.commands.show_one_code import show_one_code
from services.identity.errors import TooManyAttempts
from services.identity.rules.throttling import ONE_CODES_PER_PERSON
from services.identity.store import visits

router = service_router("one-code")


class OneCodeView(View):
    code: str = Field(description="The text in the QR code")
    svg: str = Field(description="The QR code as an SVG document")
    expires_at: datetime


class OwnVisitView(View):
    id: UUID
    device_name: str
    device_kind: str
    department: str
    began_at: datetime
    ends_at: datetime
    closed_at: datetime | None


async def _limited(actor: IsSelf, parts: PartsHere) -> UUID:
    """The person, who does not make codes without end. Raises TooManyAttempts."""
    if seconds := await seconds_to_wait_before(parts, {f"one-code:{actor.subject}": ONE_CODES_PER_PERSON}):
        raise TooManyAttempts(seconds)
    return actor.subject


@router.post("/me/one-code", status_code=201, responses=TOO_MANY_ATTEMPTS)
async def show(person_id: Annotated[UUID, Depends(_limited)], tx: SecretWrites) -> OneCodeView:
    """Your one code, to be shown at a window or kiosk: good for 60 seconds and one use. The one before is good no more."""
    code, expires_at = await show_one_code(tx, person_id)
    return OneCodeView(code=code, svg=_svg(code), expires_at=expires_at)


def _svg(code: str) -> str:
    drawn = BytesIO()
    segno.make_qr(code, error="m").save(drawn, kind="svg", xmldecl=False, border=4, scale=8)
    return drawn.getvalue().decode()


@router.get("/me/visits")
async def list_visits(actor: IsSelf, tx: Reads, running: Running, limit: Limit = 20, cursor: Cursor = None) -> Page[OwnVisitView]:
    """Where your one code was scanned, newest first."""
    cursors = running.cursors(f"visits:{actor.subject}")
    position = cursors.open(cursor)
    rows = await visits.visits_of(tx, actor.subject, limit=limit + 1, before=UUID(position[0]) if position else None)
    page: Page[OwnVisitView] = cursors.page(
        rows, limit, position=lambda row: (str(row["id"]),), shape=lambda row: OwnVisitView.model_validate(dict(row))
    )
    return page

"""Who changed what in administration."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request

from chassis.app import service_router
from chassis.edge import Reads
from chassis.pagination import Cursor, Limit, Page
from chassis.schema import View
from services.identity.api.access import CanAdminister
from services.identity.queries.administrators import administrator
from services.identity.store import administration

router = service_router("administration")


class ChangeView(View):
    """`before` is null for what was entered; both are null where the change is a secret."""

    id: int
    changed_at: datetime
    changed_by: UUID
    changed_by_kind: str
    changed_by_name: str
    client_id: str
    request_id: str | None
    action: str
    record_kind: str
    record: str
    department: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


@router.get("/administrative-changes")
async def changes(
    actor: CanAdminister,
    request: Request,
    tx: Reads,
    record_kind: Annotated[Literal["department", "staff", "delegation", "client"] | None, Query()] = None,
    record: Annotated[str | None, Query(max_length=64, description="USCC, login, delegation id or client id")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ChangeView]:
    """Changes to the departments you keep, their staff, delegations and systems, newest first."""
    cursors = request.app.state.runtime.cursors(f"changes:{record_kind}:{record}")
    position = cursors.open(cursor)
    by = await administrator(tx, actor)
    rows = await administration.changes_before(
        tx, position[0] if position else None, limit + 1, reach=by.departments, record_kind=record_kind, record=record
    )
    page: Page[ChangeView] = cursors.page(
        rows, limit, position=lambda row: [row["id"]], shape=lambda row: ChangeView.model_validate(dict(row))
    )  # fmt: skip
    return page

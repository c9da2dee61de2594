"""The versions of an item in time: listed, compared in words, taken back before they begin."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from sqlalchemy import RowMapping

from chassis.app import service_router
from chassis.edge import Reads, Writes
from chassis.pagination import Cursor, Limit, Page
from services.catalog.api.access import Anyone, CanStopItems
from services.catalog.api.items import ItemPath
from services.catalog.api.life_schemas import ComparisonView, RecallBody, VersionView, change_views
from services.catalog.commands.recall_version import recall_version
from services.catalog.errors import ItemUnknown
from services.catalog.life_errors import VersionUnknown
from services.catalog.rules.comparing import changes
from services.catalog.store import lives

router = service_router("item versions")

Number = Annotated[int, Query(ge=1, le=1_000_000_000, description="A version's number.")]


@router.get("/items/{local_code}/versions")
async def list_versions(
    request: Request, local_code: ItemPath, access: Anyone, tx: Reads, limit: Limit = 50, cursor: Cursor = None
) -> Page[VersionView]:
    """All versions ever published, newest first: of withdrawn items too, and those that were taken back."""
    life = await lives.life_at(tx, local_code, tx.now)
    if life is None:
        raise ItemUnknown()
    cursors = request.app.state.runtime.cursors(f"item-versions:{local_code}")
    position = cursors.open(cursor)
    rows = await lives.list_versions(tx, local_code, before=int(position[0]) if position else None, limit=limit + 1)
    in_force = None if life.state == "withdrawn" else life.version_id

    def shape(row: RowMapping) -> VersionView:
        known = {name: row[name] for name in ("published_at", "effective_from", "origin", "recalled_at", "recall_reason")}
        return VersionView(version_id=row["id"], version_number=row["number"], is_in_force=row["id"] == in_force, **known)

    page: Page[VersionView] = cursors.page(rows, limit, position=lambda row: (row["number"],), shape=shape)
    return page


@router.get("/items/{local_code}/changes")
async def compare(local_code: ItemPath, access: Anyone, tx: Reads, since: Number, until: Number) -> ComparisonView:
    """What differs between two versions, in words: materials by what they are, form fields, steps, and everything else."""
    before = await lives.version_of_number(tx, local_code, since)
    after = await lives.version_of_number(tx, local_code, until)
    if before is None or after is None:
        raise VersionUnknown()
    found = changes(before["content"], after["content"])
    return ComparisonView(local_code=local_code, from_number=since, to_number=until, changes=change_views(found))


@router.post("/item-versions/{version_id}/recall", status_code=200)
async def recall(version_id: UUID, body: RecallBody, access: CanStopItems, tx: Writes) -> VersionView:
    """Take a version back before it takes effect. It stays readable for ever; what is in force stays in force."""
    await recall_version(version_id, body.reason, tx, actor=access)
    row = await lives.version(tx, version_id)
    assert row is not None
    known = {name: row[name] for name in ("published_at", "effective_from", "origin", "recalled_at", "recall_reason")}
    return VersionView(version_id=row["id"], version_number=row["number"], is_in_force=False, **known)

"""Regions: province, city, county, street or town, village; as they are, and what became of their codes."""

from datetime import date
from typing import Annotated

from fastapi import Path, Query, Request
from sqlalchemy import RowMapping

from chassis.app import service_router
from chassis.clock import LOCAL_ZONE
from chassis.edge import Reads, Writes
from chassis.pagination import Cursor, Limit, Page
from services.catalog import store
from services.catalog.api.access import Anyone, CanAdminister
from services.catalog.api.region_schemas import (
    RegionChangesBody,
    RegionChangesRecorded,
    RegionHistoryView,
    RegionsBody,
    RegionsLoaded,
    RegionView,
    history_view,
)  # fmt: skip
from services.catalog.commands.load_regions import Region, load_regions
from services.catalog.commands.record_region_changes import record_region_changes
from services.catalog.errors import RegionNeverWas, RegionUnknown
from services.catalog.queries.tell_region import tell_region
from services.catalog.rules.region_history import RegionChange
from services.catalog.rules.regions import RegionCode
from services.catalog.store import places as store_places

router = service_router("regions")

_FIRST, _LAST = date(1949, 10, 1), date(2100, 12, 31)
RegionPath = Annotated[RegionCode, Path(description="12 digits, of a region of today or of before.")]


@router.put("/regions")
async def load(body: RegionsBody, access: CanAdminister, tx: Writes) -> RegionsLoaded:
    """Add or rename regions, all or none."""
    count = await load_regions([Region(r.code, r.name, r.level, r.parent_code) for r in body.regions], tx)
    return RegionsLoaded(count=count)


@router.get("/regions")
async def list_regions(
    request: Request,
    access: Anyone,
    tx: Reads,
    parent: Annotated[RegionCode | None, Query(description="Directly under this one; without it, the regions at the top.")] = None,
    under: Annotated[RegionCode | None, Query(description="This one and all below it, instead of `parent`.")] = None,
    level: Annotated[int | None, Query(ge=1, le=5, description="Only of this level; without a place, of the whole country.")] = None,
    with_ended: Annotated[bool, Query(description="Also those that are no more.")] = False,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[RegionView]:
    """Regions by code: the children of one, all below one, or all of a level. Raises RegionUnknown."""
    for place in (parent, under):
        if place is not None and not await store.region_exists(tx, place):
            raise RegionUnknown(code=place)
    cursors = request.app.state.runtime.cursors(f"regions:{parent}:{under}:{level}:{with_ended}")
    position = cursors.open(cursor)
    after = str(position[0]) if position else None
    if under is not None or (level is not None and parent is None):
        rows = await store_places.list_subtree(tx, under=under, level=level, with_ended=with_ended, after=after, limit=limit + 1)
    else:
        rows = await store_places.list_children(tx, parent=parent, with_ended=with_ended, after=after, limit=limit + 1)
    page: Page[RegionView] = cursors.page(rows, limit, position=_position, shape=RegionView.model_validate)
    return page


@router.get("/regions/{code}")
async def read(
    code: RegionPath,
    access: Anyone,
    tx: Reads,
    written_on: Annotated[
        date | None, Query(ge=_FIRST, le=_LAST, description="The day the code was written down: it may have meant another place then.")
    ] = None,
    as_of: Annotated[date | None, Query(ge=_FIRST, le=_LAST, description="The day of which it is asked; today when left out.")] = None,
) -> RegionHistoryView:
    """A region by a code of today or of any day before, and what it is now, or was on a day. Raises RegionNeverWas."""
    told = await tell_region(tx, code, written_on=written_on, as_of=as_of or tx.now.astimezone(LOCAL_ZONE).date())
    if told is None:
        raise RegionNeverWas(code=code)
    return history_view(told)


@router.post("/region-changes")
async def record(body: RegionChangesBody, access: CanAdminister, tx: Writes) -> RegionChangesRecorded:
    """Record what became of regions, all or none; what is known already is passed over. A code that means nothing any more has ended."""
    added = await record_region_changes([RegionChange(**one.model_dump()) for one in body.changes], tx)
    return RegionChangesRecorded(count=len(body.changes), added=added)


def _position(row: RowMapping) -> tuple[str]:
    return (row["code"],)

"""Regions: province, city, county, street or town, village."""

from typing import Annotated

from fastapi import Query, Request
from pydantic import Field
from sqlalchemy import RowMapping

from chassis.app import service_router
from chassis.edge import Reads, Writes
from chassis.pagination import Cursor, Limit, Page
from chassis.schema import Body, View
from services.catalog import store
from services.catalog.api.access import Anyone, CanAdminister
from services.catalog.commands.load_regions import Region, load_regions
from services.catalog.errors import RegionUnknown
from services.catalog.rules.regions import RegionCode

router = service_router("regions")


class RegionBody(Body):
    code: RegionCode
    name: str = Field(min_length=1, max_length=100)
    level: int = Field(ge=1, le=5, description="1 province, 2 city, 3 county, 4 street or town, 5 village")
    parent_code: RegionCode | None = None


class RegionsBody(Body):
    """Regions to add or rename. A parent is among them or known already."""

    regions: list[RegionBody] = Field(min_length=1, max_length=5000)


class RegionsLoaded(View):
    count: int


class RegionView(View):
    code: str
    name: str
    level: int
    parent_code: str | None


@router.put("/regions")
async def load(body: RegionsBody, access: CanAdminister, tx: Writes) -> RegionsLoaded:
    """Add or rename regions, all or none."""
    count = await load_regions([Region(r.code, r.name, r.level, r.parent_code) for r in body.regions], tx)
    return RegionsLoaded(count=count)


@router.get("/regions")
async def list_children(
    request: Request,
    access: Anyone,
    tx: Reads,
    parent: Annotated[RegionCode | None, Query(description="Directly under this one; without it, the regions at the top.")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[RegionView]:
    """The regions directly under a parent, by code. Raises RegionUnknown."""
    if parent is not None and not await store.region_exists(tx, parent):
        raise RegionUnknown(code=parent)
    cursors = request.app.state.runtime.cursors(f"regions:{parent}")
    position = cursors.open(cursor)
    rows = await store.list_regions(tx, parent=parent, after=str(position[0]) if position else None, limit=limit + 1)
    page: Page[RegionView] = cursors.page(rows, limit, position=_position, shape=RegionView.model_validate)
    return page


def _position(row: RowMapping) -> tuple[str]:
    return (row["code"],)

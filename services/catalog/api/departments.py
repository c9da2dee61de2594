"""Departments that decide here, as identity tells of them."""

from datetime import datetime
from typing import Annotated

from fastapi import Path, Query, Request
from pydantic import Field
from sqlalchemy import RowMapping

from chassis.app import service_router
from chassis.edge import Reads
from chassis.pagination import Cursor, Limit, Page
from chassis.schema import View
from services.catalog.api.access import Anyone
from services.catalog.errors import DepartmentUnknown
from services.catalog.queries.name_places import full_names
from services.catalog.rules.regions import RegionCode
from services.catalog.store import places as store_places

router = service_router("departments")

DepartmentPath = Annotated[str, Path(pattern=r"^[0-9A-Z]{18}$", description="The department's unified social credit code.")]


class DepartmentView(View):
    code: str
    name: str
    name_en: str | None
    region_code: str
    region_name: str | None = Field(description="In full; null where the region is not loaded.")
    parent_code: str | None
    heard_at: datetime = Field(description="When identity last told of it.")


@router.get("/departments")
async def list_departments(
    request: Request,
    access: Anyone,
    tx: Reads,
    under: Annotated[RegionCode | None, Query(description="Of this region and all below it.")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[DepartmentView]:
    """Departments by code."""
    cursors = request.app.state.runtime.cursors(f"departments:{under}")
    position = cursors.open(cursor)
    rows = await store_places.list_departments(tx, under=under, after=str(position[0]) if position else None, limit=limit + 1)
    names = await full_names(tx, [row["region_code"] for row in rows])

    def shape(row: RowMapping) -> DepartmentView:
        return _view(row, names)

    page: Page[DepartmentView] = cursors.page(rows, limit, position=lambda row: (row["code"],), shape=shape)
    return page


@router.get("/departments/{code}")
async def read(code: DepartmentPath, access: Anyone, tx: Reads) -> DepartmentView:
    """A department. Raises DepartmentUnknown."""
    row = await store_places.department(tx, code)
    if row is None:
        raise DepartmentUnknown()
    return _view(row, await full_names(tx, [row["region_code"]]))


def _view(row: RowMapping, names: dict[str, str]) -> DepartmentView:
    known = {name: row[name] for name in ("code", "name", "name_en", "region_code", "parent_code", "heard_at")}
    return DepartmentView(**known, region_name=names.get(row["region_code"]))

"""Departments."""

from typing import Annotated

from fastapi import Path, Request, Response
from pydantic import Field

from chassis.app import service_router
from chassis.edge import Reads, Writes
from chassis.pagination import Cursor, Limit, Page
from chassis.schema import Body, View
from services.identity.api.access import AnyoneReadsDepartments, CanAdminister
from services.identity.api.edge import CREATED
from services.identity.commands.put_department import put_department
from services.identity.errors import UsccInvalid, number_fault
from services.identity.store import subjects
from standards.uscc import InvalidUscc, parse_uscc

router = service_router("departments")

RegionCode = Annotated[str, Field(pattern=r"^[0-9]{2,12}$", description="Region code; 12 digits, or the leading ones of a level")]
DisplayName = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]


class DepartmentBody(Body):
    name: DisplayName
    name_en: DisplayName | None = None
    region: RegionCode


class DepartmentView(View):
    uscc: str
    name: str
    name_en: str | None
    region: str


@router.put("/departments/{uscc}", responses=CREATED)
async def put(
    _: CanAdminister, uscc: Annotated[str, Path(max_length=36)], body: DepartmentBody, tx: Writes, response: Response
) -> DepartmentView:
    """Enter a department or change it."""
    try:
        code = parse_uscc(uscc).value
    except InvalidUscc as error:
        raise UsccInvalid(errors=[number_fault("path:uscc", error.reason)]) from error
    if await put_department(tx, uscc=code, **body.model_dump()):
        response.status_code = 201
    return DepartmentView(uscc=code, **body.model_dump())


@router.get("/departments")
async def departments(
    _: AnyoneReadsDepartments, request: Request, tx: Reads, limit: Limit = 50, cursor: Cursor = None
) -> Page[DepartmentView]:
    """All departments, by code."""
    cursors = request.app.state.runtime.cursors("departments")
    position = cursors.open(cursor)
    rows = await subjects.departments_after(tx, position[0] if position else "", limit + 1)
    page: Page[DepartmentView] = cursors.page(
        rows, limit, position=lambda row: [row["uscc"]], shape=lambda row: DepartmentView.model_validate(dict(row))
    )  # fmt: skip
    return page

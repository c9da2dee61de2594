"""Departments."""

from typing import Annotated

from fastapi import Path, Request, Response
from pydantic import Field

from chassis.app import service_router
from chassis.edge import IfMatchOrNew, Reads, Writes, etag
from chassis.pagination import Cursor, Limit, Page
from chassis.problems import NotFound
from chassis.schema import Body, View
from services.identity.api.access import AnyoneReadsDepartments, CanAdminister
from services.identity.api.edge import CREATED
from services.identity.commands.put_department import PutDepartment, put_department
from services.identity.errors import UsccInvalid, number_fault
from services.identity.queries.administrators import administrator
from services.identity.store import subjects
from standards.uscc import InvalidUscc, parse_uscc

router = service_router("departments")

RegionCode = Annotated[str, Field(pattern=r"^[0-9]{2,12}$", description="Region code; 12 digits, or the leading ones of a level")]
DisplayName = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
DepartmentCode = Annotated[str, Path(max_length=36, description="USCC")]


class DepartmentBody(Body):
    name: DisplayName
    name_en: DisplayName | None = None
    region: RegionCode
    parent: str | None = Field(
        default=None, max_length=36, description="USCC of the department above; its administrators keep this one too"
    )


class DepartmentView(View):
    uscc: str
    name: str
    name_en: str | None
    region: str
    parent: str | None
    version: int


def department_code(text: str, pointer: str = "path:uscc") -> str:
    """The code in its normal form. Raises UsccInvalid."""
    try:
        return parse_uscc(text).value
    except InvalidUscc as error:
        raise UsccInvalid(errors=[number_fault(pointer, error.reason)]) from error


@router.put("/departments/{uscc}", responses=CREATED)
async def put(
    actor: CanAdminister, uscc: DepartmentCode, body: DepartmentBody, seen: IfMatchOrNew, tx: Writes, response: Response
) -> DepartmentView:
    """Enter a department or change it. An administrator changes theirs with If-Match; the operator's loading may leave it out."""
    facts = body.model_dump()
    if body.parent is not None:
        facts["parent"] = department_code(body.parent, "/parent")
    row, is_new = await put_department(
        tx, PutDepartment(uscc=department_code(uscc), **facts), await administrator(tx, actor), seen=seen
    )  # fmt: skip
    if is_new:
        response.status_code = 201
    response.headers["ETag"] = etag(row["version"])
    return DepartmentView.model_validate(dict(row))


@router.get("/departments/{uscc}")
async def department(_: AnyoneReadsDepartments, uscc: DepartmentCode, tx: Reads, response: Response) -> DepartmentView:
    """One department."""
    row = await subjects.department(tx, department_code(uscc))
    if row is None:
        raise NotFound()
    response.headers["ETag"] = etag(row["version"])
    return DepartmentView.model_validate(dict(row))


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

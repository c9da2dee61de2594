"""Import of departments and staff from CSV: all of a file or nothing of it, with every fault by line and column."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import Query, Request
from pydantic import Field, ValidationError
from starlette.responses import JSONResponse

from chassis.app import service_router
from chassis.edge import AnsweredWithoutEffect, Writes
from chassis.problems import FieldError, Text
from chassis.schema import View
from chassis.validation import field_error
from services.identity.api.access import CanAdminister
from services.identity.api.departments import DepartmentBody
from services.identity.api.staff import StaffBody
from services.identity.commands.import_officials import Counts, import_departments, import_staff
from services.identity.commands.put_department import PutDepartment
from services.identity.commands.put_staff import PutStaff
from services.identity.errors import number_fault
from services.identity.import_errors import ImportRefused, csv_fault
from services.identity.queries.administrators import administrator
from services.identity.rules.csv_files import FileKind, Row, listed, read_sheet
from standards.uscc import InvalidUscc, parse_uscc

router = service_router("administration")

_MOST_FAULTS = 200
_LOGIN = r"^[a-z][a-z0-9._-]{1,63}$"
_CSV_BODY = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}}
IsCheck = Annotated[bool, Query(description="Only say what an import would do; nothing is kept")]


class _StaffRow(StaffBody):
    login: str = Field(pattern=_LOGIN)


class ImportView(View):
    """What an import did, or (`is_check`) would do."""

    kind: Literal["departments", "staff"]
    is_check: bool
    rows: int
    entered: int
    changed: int
    unchanged: int


@router.post("/imports/departments", openapi_extra=_CSV_BODY)
async def departments(actor: CanAdminister, request: Request, tx: Writes, check: IsCheck = False) -> ImportView:
    """Departments from CSV (UTF-8 or GB18030): 统一社会信用代码 uscc, 名称 name, 区划代码 region; 英文名称 name_en, 上级部门 parent.

    A department may stand above others of the same file. Importing the same file again changes nothing.
    """
    commands = await _commands(request, "departments", _department)
    counts = await import_departments(tx, commands, await administrator(tx, actor))
    return _report("departments", counts, is_check=check)


@router.post("/imports/staff", openapi_extra=_CSV_BODY)
async def staff(actor: CanAdminister, request: Request, tx: Writes, check: IsCheck = False) -> ImportView:
    """Staff from CSV (UTF-8 or GB18030): 登录名 login, 姓名 name, 部门 department, 区划代码 region, 岗位 posts, 授权等级 grade;
    事项部门 item_departments, 事项编码 item_codes (empty: every item). Several entries of a cell are parted by 、 or ;.

    Passwords are never imported: members get a one-time secret each. Importing the same file again changes nothing.
    """
    commands = await _commands(request, "staff", _member)
    counts = await import_staff(tx, commands, await administrator(tx, actor))
    return _report("staff", counts, is_check=check)


async def _commands(request: Request, kind: FileKind, command_of: Callable[[Row], Any]) -> list[tuple[int, Any]]:
    """The command of every line. Raises ImportRefused with all that is wrong, at most the first 200 faults."""
    sheet = read_sheet(await request.body(), kind)
    errors = [csv_fault(fault.line, fault.column, fault.reason) for fault in sheet.faults]
    commands: list[tuple[int, Any]] = []
    for row in sheet.rows:
        try:
            commands.append((row.line, command_of(row)))
        except ValidationError as invalid:
            errors += [_at(row.line, field_error({**detail, "loc": ("body", *detail["loc"])})) for detail in invalid.errors()]
        except _WrongCode as wrong:
            errors.append(_at(row.line, wrong.fault))
    if errors:
        raise ImportRefused(errors=errors[:_MOST_FAULTS], faults=len(errors))
    return commands


class _WrongCode(Exception):
    def __init__(self, fault: FieldError) -> None:
        self.fault = fault


def _department(row: Row) -> PutDepartment:
    cells = dict(row.cells)
    uscc = _code(cells.pop("uscc", ""), "uscc")
    body = DepartmentBody.model_validate(cells)
    parent = _code(body.parent, "parent") if body.parent else None
    return PutDepartment(uscc=uscc, **{**body.model_dump(), "parent": parent})


def _member(row: Row) -> PutStaff:
    cells: dict[str, Any] = dict(row.cells)
    for name in ("posts", "item_departments", "item_codes"):
        cells[name] = listed(cells.get(name))
    cells["posts"] = cells["posts"] or []
    facts = _StaffRow.model_validate(cells).model_dump(exclude={"password"})
    lists: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in facts.items()}
    return PutStaff(**lists)


def _code(text: str, column: str) -> str:
    try:
        return parse_uscc(text).value
    except InvalidUscc as error:
        raise _WrongCode(number_fault(f"/{column}", error.reason)) from error


def _at(line: int, fault: FieldError) -> FieldError:
    """A fault of a body's field as one of a file's cell."""
    column = fault.pointer.strip("/").partition("/")[0]
    detail = Text(f"第 {line} 行 {column}：{fault.detail.zh}", f"line {line}, {column}: {fault.detail.en}")
    return FieldError(f"line:{line}:{column}", fault.code, detail)


def _report(kind: FileKind, counts: Counts, *, is_check: bool) -> ImportView:
    """A check is an import that is taken back: it says exactly what the import would."""
    rows = counts.entered + counts.changed + counts.unchanged
    view = ImportView(kind=kind, is_check=is_check, rows=rows, entered=counts.entered, changed=counts.changed, unchanged=counts.unchanged)
    if is_check:
        raise AnsweredWithoutEffect(JSONResponse(view.model_dump()))
    return view

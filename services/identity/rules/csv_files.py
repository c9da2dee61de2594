"""Departments and staff as CSV files: what people save from spreadsheets, read strictly, with every fault by line and column.

UTF-8 with or without a mark, else GB18030. Column names in Chinese or English, in any order. A cell that a spreadsheet would run as a
formula is refused (OWASP, CSV injection): what was let in here would be run by whoever opens an export of it.
"""

from collections.abc import Mapping, Sequence
import csv
from dataclasses import dataclass, field
import io
from typing import Literal
import unicodedata

FileKind = Literal["departments", "staff"]
MOST_ROWS = 1_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

COLUMNS: Mapping[FileKind, Mapping[str, str]] = {
    "departments": {"统一社会信用代码": "uscc", "名称": "name", "英文名称": "name_en", "区划代码": "region", "上级部门": "parent"},
    "staff": {
        "登录名": "login", "姓名": "name", "部门": "department", "区划代码": "region", "岗位": "posts", "授权等级": "grade",
        "事项部门": "item_departments", "事项编码": "item_codes",
    },
}  # fmt: skip
"""Chinese column name → its English one, by which code and errors call it."""
REQUIRED: Mapping[FileKind, frozenset[str]] = {
    "departments": frozenset({"uscc", "name", "region"}),
    "staff": frozenset({"login", "name", "department", "region", "posts", "grade"}),
}
KEY: Mapping[FileKind, str] = {"departments": "uscc", "staff": "login"}


@dataclass(frozen=True, slots=True)
class Fault:
    """`line` counts from 1, the header's line; `column` is its English name, empty for the line as a whole."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """One record: cells by column, trimmed; an absent or empty cell is not in it."""

    line: int
    cells: Mapping[str, str]


@dataclass(slots=True)
class Sheet:
    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read_sheet(content: bytes, kind: FileKind) -> Sheet:
    """The records of a file, or everything that is wrong with its form."""
    sheet = Sheet()
    text = _text(content)
    if text is None:
        sheet.faults.append(Fault(1, "", "encoding"))
        return sheet
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = _columns(next(lines, []), kind, sheet)
        if sheet.faults:
            return sheet
        began = lines.line_num + 1
        for cells in lines:
            if any(cell.strip() for cell in cells):
                _take(sheet, began, columns, cells)
            began = lines.line_num + 1
            if len(sheet.rows) > MOST_ROWS:
                sheet.faults.append(Fault(began - 1, "", "too-many-rows"))
                return sheet
    except csv.Error:
        sheet.faults.append(Fault(lines.line_num, "", "quoting"))
    if not sheet.rows and not sheet.faults:
        sheet.faults.append(Fault(1, "", "no-rows"))
    _find_repeated(sheet, KEY[kind])
    return sheet


def listed(cell: str | None) -> list[str] | None:
    """The entries of a cell that holds several, parted by 、 ; or comma; None for an empty one."""
    if cell is None:
        return None
    for mark in "、；，;":
        cell = cell.replace(mark, ",")
    return [entry.strip() for entry in cell.split(",") if entry.strip()]


def _text(content: bytes) -> str | None:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\x00" in text else text
    return None


def _columns(header: Sequence[str], kind: FileKind, sheet: Sheet) -> list[str]:
    known = COLUMNS[kind]
    names = [unicodedata.normalize("NFKC", name).strip() for name in header]
    columns = [known.get(name, name.lower().replace(" ", "_")) for name in names]
    for position, column in enumerate(columns):
        if column not in known.values():
            sheet.faults.append(Fault(1, names[position][:40], "unknown-column"))
        elif column in columns[:position]:
            sheet.faults.append(Fault(1, column, "repeated-column"))
    sheet.faults += [Fault(1, missing, "missing-column") for missing in sorted(REQUIRED[kind] - set(columns))]
    return columns


def _take(sheet: Sheet, line: int, columns: Sequence[str], cells: Sequence[str]) -> None:
    if len(cells) != len(columns):
        sheet.faults.append(Fault(line, "", "cell-count"))
        return
    for column, cell in zip(columns, cells, strict=True):
        if unicodedata.normalize("NFKC", cell).lstrip(" \n").startswith(_FORMULA):
            sheet.faults.append(Fault(line, column, "formula"))
        elif any(unicodedata.category(character) == "Cc" for character in cell):
            sheet.faults.append(Fault(line, column, "control-character"))
    trimmed = {column: cell.strip() for column, cell in zip(columns, cells, strict=True)}
    sheet.rows.append(Row(line, {column: cell for column, cell in trimmed.items() if cell}))


def _find_repeated(sheet: Sheet, key: str) -> None:
    seen: set[str] = set()
    for row in sheet.rows:
        value = row.cells.get(key, "").upper()
        if value and value in seen:
            sheet.faults.append(Fault(row.line, key, "repeated"))
        seen.add(value)

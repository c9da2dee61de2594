"""XLSX: the one worksheet of a workbook, values only.

A formula's value is whatever the program that saved it last believed, so formulas are refused. What a workbook unpacks to is
bounded before it is unpacked (a zip reader gives no more than a member declares), and its XML is read without entities.
"""

from collections.abc import Iterator
from datetime import date, datetime, time
import io
from typing import Any
import warnings
import zipfile

from services.catalog.rules.sheet import (
    MOST_COLUMNS,
    MOST_ROWS,
    BadCell,
    Cell,
    Fault,
    NumberCell,
    Row,
    Sheet,
    SheetUnreadable,
    too_many_columns,
    too_many_rows,
)  # fmt: skip

MOST_UNPACKED = 100 * 1024 * 1024
_MOST_PARTS = 1_000
_MOST_BLANK_ROWS = 10_000


def read_xlsx(content: bytes) -> Sheet:
    """Raises SheetUnreadable."""
    _refuse_bomb(content)
    from openpyxl import DEFUSEDXML, load_workbook

    if not DEFUSEDXML:
        raise RuntimeError("openpyxl reads entities where defusedxml is missing")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles and extensions it does not know: only values matter
            workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
            try:
                return _sheet(_only_worksheet(workbook.worksheets))
            finally:
                workbook.close()
    except SheetUnreadable:
        raise
    except Exception as error:  # whatever a broken workbook makes of a parser: zip, XML, missing parts, wrong types
        zh = "工作簿已损坏或不是 .xlsx，请用表格软件打开后另存为 .xlsx"
        raise SheetUnreadable(
            Fault(0, "", "workbook-broken", zh, "The workbook is damaged or no .xlsx; open it in a spreadsheet program and save it anew.")
        ) from error


def _refuse_bomb(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        fault = Fault(0, "", "workbook-broken", "工作簿已损坏，请重新保存为 .xlsx", "The workbook is damaged; save it again as .xlsx.")
        raise SheetUnreadable(fault) from error
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        zh = f"工作簿解压后超过 {MOST_UNPACKED // 1024 // 1024} MiB，请删去图片和多余的工作表，或改用 CSV"
        en = f"The workbook unpacks to more than {MOST_UNPACKED // 1024 // 1024} MiB; remove pictures and other sheets, or use CSV."
        raise SheetUnreadable(Fault(0, "", "workbook-too-large", zh, en))


def _only_worksheet(worksheets: list[Any]) -> Any:
    """The one that shows; rows on a second one would be lost without a word."""
    shown = [one for one in worksheets if one.sheet_state == "visible"]
    if len(shown) != 1:
        zh, en = "工作簿应只有一个可见的工作表，请合并或删去其他的", "A workbook has one visible worksheet; merge or remove the others."
        raise SheetUnreadable(Fault(0, "", "several-worksheets", zh, en))
    return shown[0]


def _sheet(worksheet: Any) -> Sheet:
    worksheet.reset_dimensions()  # what a sheet says of its own size may be a million columns
    header: tuple[str, ...] | None = None
    header_line, rows = 0, []
    for line, cells in _filled_rows(worksheet):
        if header is None:
            header, header_line = tuple(_text(cell) for cell in cells), line
            continue
        rows.append(Row(line, cells))
        if len(rows) > MOST_ROWS:
            raise SheetUnreadable(too_many_rows())
    return Sheet("xlsx", header or (), header_line, tuple(rows))


def _filled_rows(worksheet: Any) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    """Rows that hold anything, without the empty cells at their ends. A sheet ends where very many rows are blank."""
    blank = 0
    for line, row in enumerate(worksheet.iter_rows(max_col=MOST_COLUMNS + 1), start=1):
        cells = [_cell(one) for one in row]
        while cells and cells[-1] == "":
            cells.pop()
        if len(cells) > MOST_COLUMNS:
            raise SheetUnreadable(too_many_columns(line))
        blank = 0 if cells else blank + 1
        if cells:
            yield line, tuple(cells)
        elif blank > _MOST_BLANK_ROWS:
            return


def _cell(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return BadCell("formula")
    if cell.data_type == "e":
        return BadCell("cell-error")
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, int | float):
        return NumberCell(str(int(value)) if value == int(value) else str(value))
    return str(value)


def _text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else cell.text if isinstance(cell, NumberCell) else ""

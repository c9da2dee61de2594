"""Files that catalogs come in: read whole, or refused with a place and what to do."""

import io
from typing import Any
import zipfile

from hypothesis import given
from hypothesis import strategies as st
import openpyxl
import pytest

from services.catalog.rules.base_entry import BaseEntry, read_entries
from services.catalog.rules.sheet import MOST_ROWS, SheetUnreadable
from services.catalog.sheets import read_sheet
from services.catalog.sheets.xlsx_file import MOST_UNPACKED
from tests.catalog.base_files import HEADER, ROWS, csv_file, xlsx_file


def _refusal(content: bytes) -> list[tuple[int, str]]:
    with pytest.raises(SheetUnreadable) as refused:
        read_sheet(content)
    assert all(fault.zh and fault.en for fault in refused.value.faults)
    return [(fault.line, fault.rule) for fault in refused.value.faults]


def _faults(content: bytes, **columns: str) -> list[tuple[int, str, str]]:
    _, faults = read_entries(read_sheet(content), columns)
    return [(fault.line, fault.column, fault.rule) for fault in faults]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
def test_the_encodings_that_spreadsheets_save_are_read(encoding: str) -> None:
    sheet = read_sheet(csv_file(encoding=encoding))
    assert (sheet.header, sheet.rows[0].cells, sheet.rows[0].line) == (HEADER, ROWS[0], 2)


@pytest.mark.parametrize("encoding", ["utf-16", "big5", "shift_jis", "euc_kr"])
def test_another_encoding_is_told_and_not_read_as_nonsense(encoding: str) -> None:
    rows = tuple(tuple(cell.encode(encoding, errors="ignore").decode(encoding) for cell in row) for row in ROWS)
    content = csv_file(rows, ("code", "name", "department", "item_type", "legal_basis"), encoding=encoding)
    assert [rule for _, rule in _refusal(content)] == ["encoding-wrong"]


def test_a_damaged_byte_in_utf_8_is_told_by_its_line() -> None:
    content = csv_file(ROWS * 20).replace("烟草专卖零售".encode(), "烟草专卖零".encode() + b"\xe5\x94", 1)
    assert _refusal(content) == [(4, "encoding-wrong")]


def test_a_file_cut_off_in_the_middle_of_a_character_is_told_by_its_line() -> None:
    assert _refusal(csv_file(ROWS * 20).rstrip()[:-1]) == [(81, "encoding-wrong")]


@pytest.mark.parametrize("content", [b"", b" \r\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_told(content: bytes) -> None:
    assert _refusal(content) == [(0, "file-empty")]


def test_a_header_without_rows_is_told() -> None:
    assert _faults(csv_file(())) == [(0, "", "file-empty")]


def test_an_unclosed_quotation_mark_is_told_by_the_line_it_opens_on() -> None:
    content = csv_file(ROWS[:1]) + '000131128000,"个体\n'.encode() + csv_file(ROWS[2:])
    assert _refusal(content) == [(3, "quotes-broken")]


def test_missing_columns_are_told_with_those_there_are() -> None:
    content = csv_file(tuple(row[1:3] for row in ROWS), ("名字", "部门"))
    _, faults = read_entries(read_sheet(content), {})
    assert [(fault.column, fault.rule) for fault in faults] == [("code", "column-missing"), ("name", "column-missing")]
    assert "名字、部门" in faults[0].zh and "基本编码" in faults[0].zh


def test_a_column_that_stands_for_another_twice_is_told() -> None:
    content = csv_file(tuple((*row, "x") for row in ROWS), (*HEADER, "名称"))
    assert _faults(content) == [(1, "名称", "column-twice")]
    assert _faults(content, name="名称") == []


def test_columns_nobody_knows_are_elements_under_their_header() -> None:
    sheet = read_sheet(csv_file(tuple((*row, "2026年起") for row in ROWS), (*HEADER, "备注")))
    entries, faults = read_entries(sheet, {})
    assert (faults, entries[0].elements["备注"], entries[0].elements["item_type"]) == ([], "2026年起", "01")


def test_formulas_error_values_and_codes_kept_as_numbers_are_told_by_cell() -> None:
    content = xlsx_file(
        (
            (131024000, "食品经营许可", "市场监管局"),
            ("000131128000", '=CONCATENATE("个体","登记")', "市场监管局"),
            ("000162112000", "烟草专卖零售许可", "#REF!"),
            ("x1", 12, "数字可以作名称"),
        ),
        HEADER[:3],
    )
    assert _faults(content) == [(2, "基本编码", "code-is-number"), (3, "事项名称", "formula"), (4, "主管部门", "cell-error")]


@pytest.mark.parametrize(
    "cell", ["=1+1", ' =HYPERLINK("http://x";"点此")', "@SUM(A1:A2)", "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "\t=A1"]
)
def test_formulas_in_text_files_are_told_by_cell(cell: str) -> None:
    assert _faults(csv_file((ROWS[0], (ROWS[1][0], cell, *ROWS[1][2:])))) == [(3, "事项名称", "formula")]


@pytest.mark.parametrize("cell", ["-", "+86 户籍迁入", "- 食品经营许可", "A=B 类备案", "1-3 岁托育（备案）", "a@b 平台备案"])
def test_signs_that_compute_nothing_are_text(cell: str) -> None:
    assert _faults(csv_file((ROWS[0], (ROWS[1][0], cell, *ROWS[1][2:])))) == []


def test_a_workbook_with_a_second_sheet_is_refused_since_its_rows_would_be_lost() -> None:
    assert _refusal(xlsx_file(more_sheets=1)) == [(0, "several-worksheets")]


def test_blank_rows_and_cells_at_the_ends_are_nothing() -> None:
    padded = tuple((*row, None, None) for row in ROWS)
    sheet = read_sheet(xlsx_file(((None,) * 5, *padded, (None,) * 9)))
    assert [(row.line, row.cells) for row in sheet.rows] == [(at + 3, row) for at, row in enumerate(ROWS)]


def _zip(*parts: tuple[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts:
            archive.writestr(name, part)
    return content.getvalue()


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = _zip(("xl/worksheets/sheet1.xml", b"0" * (MOST_UNPACKED + 1)))
    assert len(bomb) < 300_000
    assert _refusal(bomb) == [(0, "workbook-too-large")]
    assert _refusal(_zip(*((f"xl/{at}", b"") for at in range(1_001)))) == [(0, "workbook-too-large")]


def _with_part(name: str, change: Any) -> bytes:
    with zipfile.ZipFile(io.BytesIO(xlsx_file())) as archive:
        return _zip(*((part, change(archive.read(part)) if part == name else archive.read(part)) for part in archive.namelist()))


def test_a_workbook_with_xml_entities_is_refused() -> None:
    laughs = b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    for part in ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml"):
        assert _refusal(_with_part(part, lambda xml: laughs + xml)) == [(0, "workbook-broken")], part


def test_a_sheet_that_lies_about_its_size_is_read_as_far_as_it_goes() -> None:
    for told in (b"A1:XFD1048576", b"A1:B2"):
        lying = _with_part("xl/worksheets/sheet1.xml", lambda xml, told=told: xml.replace(b'ref="A1:E5"', b'ref="' + told + b'"'))
        assert [row.cells for row in read_sheet(lying).rows] == list(ROWS), told
    far = _with_part("xl/worksheets/sheet1.xml", lambda xml: xml.replace(b'<row r="5"', b'<row r="1048576"'))
    assert len(read_sheet(far).rows) == 3


@pytest.mark.parametrize(
    "content",
    [b"PK\x03\x04", b"PK\x03\x04" + b"x" * 500, xlsx_file()[:-40], _zip(("a.txt", b"hello"))],
    ids=["nothing behind the mark", "nonsense behind it", "cut off", "another zip"],
)
def test_a_broken_workbook_is_told(content: bytes) -> None:
    assert _refusal(content) == [(0, "workbook-broken")]


def test_an_old_or_locked_workbook_is_told() -> None:
    assert _refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500) == [(0, "workbook-locked")]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b'{"entries": {}}', [(0, "json-shape")]),
        (b"[1, {}, []]", [(1, "json-shape"), (3, "json-shape")]),
        (b'[\n{"code": "a",}]', [(2, "json-broken")]),
        (b'[{"code": "\xff"}]', [(1, "json-broken")]),
        (b"[" * 5000, [(1, "json-broken")]),
    ],
    ids=["no array", "entries of other kinds", "a comma too many", "broken encoding", "endless nesting"],
)
def test_json_of_another_shape_is_told(content: bytes, place: list[tuple[int, str]]) -> None:
    assert _refusal(content) == place


def test_values_in_json_that_are_no_text_are_told_by_entry() -> None:
    content = '[{"code": "a1", "name": "甲", "department": {"name": "乙"}}, {"code": "a2", "name": "丙", "department": "丁"}]'.encode()
    assert _faults(content) == [(1, "department", "cell-not-text")]


def test_more_rows_than_a_file_may_have_are_refused() -> None:
    assert _refusal(csv_file((("a", "b", "c", "", ""),) * (MOST_ROWS + 1))) == [(MOST_ROWS + 1, "too-many-rows")]


def test_control_characters_are_told_by_cell() -> None:
    assert _faults(csv_file((("a1", "甲\x00", "丁\x1b", "", ""),))) == [
        (2, "事项名称", "cell-unreadable"),
        (2, "主管部门", "cell-unreadable"),
    ]


@given(st.binary(max_size=400) | st.binary(max_size=400).map(lambda more: b"PK\x03\x04" + more) | st.text(max_size=200).map(str.encode))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    try:
        entries, _ = read_entries(read_sheet(content), {})
    except SheetUnreadable as refused:
        assert refused.faults
    else:
        assert all(isinstance(entry, BaseEntry) for entry in entries)


def test_openpyxl_reads_no_entities_here() -> None:
    assert openpyxl.DEFUSEDXML

"""CSV as spreadsheets save it, and what is refused in it."""

from hypothesis import given
from hypothesis import strategies as st
import pytest

from services.identity.rules.csv_files import listed, read_sheet

HEADER = "登录名,姓名,部门,区划代码,岗位,授权等级\n"
LINE = "zhang.san,张三,115116000000000001,511602,window、reviewer,1\n"
CELLS = {
    "login": "zhang.san", "name": "张三", "department": "115116000000000001", "region": "511602", "posts": "window、reviewer", "grade": "1",
}  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_usual_encoding_and_line_end_reads_the_same(encoding: str, newline: str) -> None:
    sheet = read_sheet((HEADER + LINE).replace("\n", newline).encode(encoding), "staff")
    assert sheet.faults == []
    assert [(row.line, row.cells) for row in sheet.rows] == [(2, CELLS)]


def test_columns_may_be_english_in_any_order_and_optional_ones_absent_or_empty() -> None:
    text = "Grade,posts,name,login,region,department,item_codes\n1,window、reviewer,张三,zhang.san,511602,115116000000000001,\n"
    (row,) = read_sheet(text.encode(), "staff").rows
    assert row.cells == CELLS


def test_full_width_header_letters_and_blank_lines_do_not_matter() -> None:
    sheet = read_sheet(("ｌｏｇｉｎ,姓名,部门,区划代码,岗位,授权等级\n\n,,,,,\n" + LINE).encode(), "staff")
    assert (sheet.faults, [row.line for row in sheet.rows]) == ([], [4])


@pytest.mark.parametrize("cell", ["=1+1", "+86", "-1", "@SUM(A1)", "＝cmd", " =1", '"\t=1"', "＋1", "\u3000=1"])
def test_formula_injection_is_refused_at_its_cell(cell: str) -> None:
    sheet = read_sheet((HEADER + LINE.replace("张三", cell)).encode(), "staff")
    assert (sheet.faults[0].line, sheet.faults[0].column, sheet.faults[0].reason) == (2, "name", "formula")


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", [(1, "login", "missing-column"), (1, "grade", "missing-column")]),
        ("登录名,姓名\n", [(1, "department", "missing-column")]),
        (HEADER.replace("姓名", "工资"), [(1, "工资", "unknown-column"), (1, "name", "missing-column")]),
        (HEADER.replace("姓名", "登录名"), [(1, "login", "repeated-column"), (1, "name", "missing-column")]),
        (HEADER, [(1, "", "no-rows")]),
        (HEADER + LINE + LINE, [(3, "login", "repeated")]),
        (HEADER + LINE + LINE.replace("zhang.san", "ZHANG.SAN"), [(3, "login", "repeated")]),
        (HEADER + "a,b\n", [(2, "", "cell-count")]),
        (HEADER + LINE + '"a,b\n', [(3, "", "quoting")]),
        (HEADER + '"zhang\nsan",张三,1,2,3,4\n' + LINE + "x\n", [(2, "login", "control-character"), (5, "", "cell-count")]),
    ],
)
def test_what_is_wrong_is_named_by_line_and_column(text: str, faults: list[tuple[int, str, str]]) -> None:
    found = [(fault.line, fault.column, fault.reason) for fault in read_sheet(text.encode(), "staff").faults]
    for fault in faults:
        assert any(one[:2] == fault[:2] and fault[2] == one[2] for one in found), found


def test_a_file_that_is_no_text_is_refused() -> None:
    for content in (b"PK\x03\x04\xff\xff\xff\xff", "登录名\x00".encode()):
        assert [fault.reason for fault in read_sheet(content, "staff").faults] == ["encoding"]


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: (HEADER + text).encode("utf-8", "surrogatepass")))
def test_whatever_is_sent_is_read_or_refused_and_never_breaks(content: bytes) -> None:
    sheet = read_sheet(content, "staff")
    assert sheet.rows or sheet.faults


def test_a_cell_lists_by_any_usual_mark() -> None:
    assert listed("a、b；c，d;e, f,") == ["a", "b", "c", "d", "e", "f"]
    assert listed(None) is None

"""Entries of the four lists, read from sheets."""

from typing import Any

import pytest

from services.catalog.rules.list_entry import KINDS, ListKind, read_list
from services.catalog.rules.sheet import NumberCell, Row, Sheet

HEADERS: dict[ListKind, tuple[str, ...]] = {
    "power": ("权力编码", "权力名称", "实施部门", "设定依据", "关联事项", "基本编码"),
    "responsibility": ("责任编码", "责任事项", "责任部门", "责任内容", "关联事项", "基本编码"),
    "negative": ("清单编码", "禁止或许可事项", "主管部门", "准入措施", "关联事项", "基本编码"),
    "fee": ("收费编码", "收费项目", "收费单位", "收费标准", "关联事项", "收费依据"),
}


def sheet(kind: ListKind, *rows: tuple[Any, ...], header: tuple[str, ...] | None = None) -> Sheet:
    return Sheet("csv", header or HEADERS[kind], 1, tuple(Row(at, row) for at, row in enumerate(rows, start=2)))


def faults(kind: ListKind, *rows: tuple[Any, ...], header: tuple[str, ...] | None = None) -> list[tuple[int, str, str]]:
    return [(one.line, one.column, one.rule) for one in read_list(kind, sheet(kind, *rows, header=header), {})[1]]


@pytest.mark.parametrize("kind", KINDS)
def test_each_list_is_read_by_the_headers_that_departments_write(kind: ListKind) -> None:
    entries, found = read_list(
        kind,
        sheet(kind, ("A-1", "某项", "某局", "某内容", "item-1、item-2", "")[: len(HEADERS[kind]) - 1] + ("依据",)[: kind == "fee"]),
        {},
    )
    assert found == []
    assert (entries[0].code, entries[0].name, entries[0].department, entries[0].items) == ("A-1", "某项", "某局", ("item-1", "item-2"))


def test_a_power_is_linked_by_the_base_code_it_names_or_has() -> None:
    rows = (
        ("000131024000", "甲", "某局", "某法", "", ""),
        ("A-2", "乙", "某局", "某法", "", "000131128000"),
        ("A-3", "丙", "某局", "某法", "", ""),
    )
    entries, _ = read_list("power", sheet("power", *rows), {})
    assert [one.base_code for one in entries] == ["000131024000", "000131128000", None]


def test_columns_that_nobody_knows_are_kept_under_their_headers() -> None:
    header = (*HEADERS["power"], "追责情形")
    [entry], _ = read_list("power", sheet("power", ("A-1", "甲", "某局", "某法", "", "", "不履职的"), header=header), {})
    assert entry.elements == {"legal_basis": "某法", "追责情形": "不履职的"}


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (("", "甲", "某局", "某法"), (2, "权力编码", "cell-empty")),
        (("A-1", "甲", "某局", ""), (2, "设定依据", "cell-empty")),
        (("A 1", "甲", "某局", "某法"), (2, "权力编码", "code-invalid")),
        ((NumberCell("131024000"), "甲", "某局", "某法"), (2, "权力编码", "code-is-number")),
        (("A-1", "甲", "某局", "某法", "item-1、？？"), (2, "关联事项", "item-code-invalid")),
        (("A-1", "甲", "某局", "某法", "、".join(f"i{n}" for n in range(201))), (2, "关联事项", "too-many-items")),
        (("A-1", "甲", "某局", "某法", "", "123"), (2, "基本编码", "base-code-invalid")),
        (("A-1", "甲" * 301, "某局", "某法"), (2, "权力名称", "cell-too-long")),
        (("A-1", "甲", "某局", "某法", "", "", "多"), (2, "", "row-too-long")),
    ],
)
def test_every_fault_is_told_where_it_stands(row: tuple[Any, ...], fault: tuple[int, str, str]) -> None:
    assert faults("power", row, ("A-9", "乙", "某局", "某法")) == [fault]


def test_the_same_code_twice_and_columns_that_are_missing_are_told() -> None:
    assert faults("power", ("A-1", "甲", "某局", "某法"), ("A-1", "乙", "某局", "某法")) == [(3, "权力编码", "code-twice")]
    assert faults("fee", ("A-1", "甲"), header=("收费编码", "收费项目")) == [
        (1, "department", "column-missing"), (1, "standard", "column-missing"), (1, "legal_basis", "column-missing")
    ]  # fmt: skip
    assert faults("power") == [(0, "", "file-empty")]

"""An entry of one of the four lists (权力、责任、负面、收费清单), read from a sheet.

Every list has codes and names; what else an entry must say differs: a power its legal basis, a responsibility what the duty is, the
negative list which measure holds, a fee its standard and basis. An entry is linked to items by the local codes it names, and by a
base code, its own or one that it names. Other columns are kept under their headers. All faults of a file are told.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
import re
from typing import Any, Literal

from services.catalog.rules.columns import (
    CELL_SAYS,
    cell_text,
    code_twice,
    column_names,
    missing,
    no_rows,
    row_too_long,
    too_long,
)  # fmt: skip
from services.catalog.rules.sheet import BadCell, Fault, Row, Sheet
from standards.errors import StandardViolation
from standards.item_codes import parse_base_code

ListKind = Literal["power", "responsibility", "negative", "fee"]
KINDS: tuple[ListKind, ...] = ("power", "responsibility", "negative", "fee")
MOST_CODE = 80

_COMMON: dict[str, tuple[str, ...]] = {
    "department": ("实施部门", "实施主体", "责任部门", "收费单位", "主管部门", "部门"),
    "base_code": ("基本编码", "事项基本编码"),
    "items": ("关联事项", "对应事项", "关联事项编码", "item_codes"),
    "legal_basis": ("设定依据", "实施依据", "法律依据", "收费依据", "设立依据", "依据"),
}
KNOWN_COLUMNS: Mapping[ListKind, Mapping[str, tuple[str, ...]]] = {
    "power": {
        "code": ("权力编码", "职权编码", "清单编码", "事项编码", "编码"),
        "name": ("权力名称", "职权名称", "权力事项名称", "事项名称", "名称"),
        "item_type": ("权力类型", "职权类型", "事项类型"),
        **_COMMON,
    },
    "responsibility": {
        "code": ("责任编码", "清单编码", "权力编码", "事项编码", "编码"),
        "name": ("责任名称", "责任事项", "权力名称", "事项名称", "名称"),
        "duty": ("责任内容", "责任事项内容", "职责"),
        **_COMMON,
    },
    "negative": {
        "code": ("清单编码", "事项编码", "编码", "项目号"),
        "name": ("禁止或许可事项", "事项名称", "名称"),
        "measure": ("禁止或许可准入措施描述", "准入措施", "管理措施", "措施"),
        **_COMMON,
    },
    "fee": {
        "code": ("收费编码", "项目编码", "清单编码", "编码"),
        "name": ("收费项目", "收费项目名称", "项目名称", "名称"),
        "standard": ("收费标准", "标准"),
        **_COMMON,
    },
}
REQUIRED: Mapping[ListKind, tuple[str, ...]] = {
    "power": ("code", "name", "department", "legal_basis"),
    "responsibility": ("code", "name", "department", "duty"),
    "negative": ("code", "name", "measure"),
    "fee": ("code", "name", "department", "standard", "legal_basis"),
}

_CODE = re.compile(rf"[0-9A-Za-z][0-9A-Za-z._-]{{0,{MOST_CODE - 1}}}")
_STANDARD_CODE = re.compile(r"[0-9A-Z]{12}")
_LOCAL_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}")
_BETWEEN_CODES = re.compile(r"[\s、，,；;|]+")
_CODES = frozenset({"code", "base_code", "items"})
_OWN = frozenset({"code", "name", "department", "base_code", "items"})
_MOST_CHARACTERS = {"name": 300, "department": 200}
_MOST_ELEMENT = 8_000
_MOST_ITEMS = 200


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One entry. `department` may be empty on the negative list; `elements` are texts by element name, never empty."""

    code: str
    name: str
    department: str
    base_code: str | None
    items: tuple[str, ...]
    elements: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "name": self.name,
            "department": self.department,
            "base_code": self.base_code,
            "items": list(self.items),
            "elements": dict(self.elements),
        }


def read_list(kind: ListKind, sheet: Sheet, told: Mapping[str, str]) -> tuple[list[ListEntry], list[Fault]]:
    """The entries of a sheet and everything wrong with it. `told` is the header of each of our names that is told."""
    names, faults = column_names(sheet, told, KNOWN_COLUMNS[kind], REQUIRED[kind])
    if faults:
        return [], faults
    entries: list[ListEntry] = []
    line_of: dict[str, int] = {}
    for row in sheet.rows:
        entry, found = _entry(kind, row, names, sheet.header)
        if entry is not None:
            first = line_of.setdefault(entry.code, row.line)
            if first != row.line:
                found = [code_twice(entry.code, row.line, first, sheet.header[names.index("code")])]
            entries.append(entry)
        faults.extend(found)
    if not sheet.rows:
        faults.append(no_rows())
    return entries, faults


def _entry(kind: ListKind, row: Row, names: list[str], header: tuple[str, ...]) -> tuple[ListEntry | None, list[Fault]]:
    faults: list[Fault] = []
    texts: dict[str, str] = {}
    if len(row.cells) > len(names):
        faults.append(row_too_long(row, len(names)))
    for name, head, cell in zip(names, header, row.cells, strict=False):
        text = cell_text(cell, is_code=name in _CODES, is_folded=name in _CODES)
        if isinstance(text, BadCell):
            faults.append(Fault(row.line, head, text.rule, *CELL_SAYS[text.rule]))
        elif text:
            texts[name] = text
            faults.extend(_cell_faults(row.line, name, head, text))
    refused = {fault.column for fault in faults}
    for name in REQUIRED[kind]:
        head = header[names.index(name)]
        if name not in texts and head not in refused:
            faults.append(missing(row.line, head))
    if faults:
        return None, faults
    own = texts["code"] if _is_base_code(texts["code"]) else None
    elements = {name: text for name, text in texts.items() if name not in _OWN}
    items = tuple(dict.fromkeys(_split(texts.get("items", ""))))
    return ListEntry(texts["code"], texts["name"], texts.get("department", ""), texts.get("base_code", own), items, elements), []


def _cell_faults(line: int, name: str, head: str, text: str) -> Iterator[Fault]:
    most = _MOST_CHARACTERS.get(name, _MOST_ELEMENT)
    if name == "code" and not _CODE.fullmatch(text):
        zh = f"编码“{text[:40]}”应为字母、数字、点、连字符或下划线，不超过 {MOST_CODE} 个字符"
        en = f"A code is letters, digits, point, hyphen or underscore, at most {MOST_CODE} characters; found “{text[:40]}”."
        yield Fault(line, head, "code-invalid", zh, en)
    elif name == "base_code" and not _is_base_code(text):
        zh, en = f"“{text[:40]}”不是 12 位基本编码，请核对", f"“{text[:40]}” is no base code of 12 characters."
        yield Fault(line, head, "base-code-invalid", zh, en)
    elif name == "items":
        yield from _item_faults(line, head, _split(text))
    elif len(text) > most:
        yield too_long(line, head, most)


def _item_faults(line: int, head: str, codes: list[str]) -> Iterator[Fault]:
    if len(codes) > _MOST_ITEMS:
        yield Fault(line, head, "too-many-items", f"最多关联 {_MOST_ITEMS} 个事项", f"An entry names at most {_MOST_ITEMS} items.")
    for code in codes:
        if not _LOCAL_CODE.fullmatch(code):
            zh = f"“{code[:40]}”不是事项的本地编码；多个编码用顿号分开"
            yield Fault(line, head, "item-code-invalid", zh, f"“{code[:40]}” is no local code of an item; commas go between several.")


def _split(text: str) -> list[str]:
    return [code for code in _BETWEEN_CODES.split(text) if code]


def _is_base_code(text: str) -> bool:
    if not _STANDARD_CODE.fullmatch(text):
        return False
    try:
        parse_base_code(text)
    except StandardViolation:
        return False
    return True

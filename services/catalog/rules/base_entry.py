"""An entry of a base catalog: what the state or the province defines, read from a sheet.

Code, name and department are required. Every other column is an element: under a fixed name where we know the column
(`KNOWN_COLUMNS`), else under the header that the file gives it. Empty cells are not elements. All faults of a file are told.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
import re
from typing import Any

from services.catalog.rules.columns import CELL_SAYS, cell_text, code_twice, column_names, missing, no_rows, row_too_long, too_long
from services.catalog.rules.sheet import BadCell, Fault, Row, Sheet
from standards.errors import StandardViolation
from standards.item_codes import ITEM_TYPES, parse_base_code

KNOWN_COLUMNS: dict[str, tuple[str, ...]] = {
    "code": ("基本编码", "事项基本编码", "基本目录编码", "目录编码", "事项编码", "编码", "base_code", "item_code"),
    "name": ("事项名称", "基本目录名称", "目录名称", "名称"),
    "department": ("主管部门", "行业主管部门", "牵头部门", "实施部门", "部门", "authority"),
    "department_code": ("部门编码", "部门代码"),
    "main_item": ("主项名称", "主项"),
    "item_type": ("事项类型", "事项类型编码"),
    "legal_basis": ("设定依据", "法律依据", "实施依据"),
    "exercise_level": ("行使层级",),
    "region_code": ("行政区划代码", "区划代码"),
}
REQUIRED = ("code", "name", "department")
MOST_CODE = 80

_CODE = re.compile(rf"[0-9A-Za-z][0-9A-Za-z._-]{{0,{MOST_CODE - 1}}}")
_STANDARD_CODE = re.compile(r"[0-9A-Z]{12}")
_MOST_CHARACTERS = {"name": 300, "department": 200}
_MOST_ELEMENT = 8_000
_MOST_ENTRY = 60_000
_TYPE_OF_NAME = {name: code for code, name in ITEM_TYPES.items()}


@dataclass(frozen=True, slots=True)
class BaseEntry:
    """One entry. `elements` are texts by element name, never empty."""

    code: str
    name: str
    department: str
    elements: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "name": self.name, "department": self.department, "elements": dict(self.elements)}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "BaseEntry":
        return cls(document["code"], document["name"], document["department"], document["elements"])


def read_entries(sheet: Sheet, columns: Mapping[str, str]) -> tuple[list[BaseEntry], list[Fault]]:
    """The entries of a sheet and everything wrong with it. `columns` is the header of each of our names that is told."""
    names, faults = column_names(sheet, columns, KNOWN_COLUMNS, REQUIRED)
    if faults:
        return [], faults
    entries: list[BaseEntry] = []
    line_of: dict[str, int] = {}
    for row in sheet.rows:
        entry, found = _entry(row, names, sheet.header)
        if entry is not None and not found:
            found = list(_repeated(entry.code, row.line, line_of, sheet.header[names.index("code")]))
            entries.append(entry)
        faults.extend(found)
    if not sheet.rows:
        faults.append(no_rows())
    return entries, faults


def _entry(row: Row, names: list[str], header: tuple[str, ...]) -> tuple[BaseEntry | None, list[Fault]]:
    faults: list[Fault] = []
    texts: dict[str, str] = {}
    if len(row.cells) > len(names):
        faults.append(row_too_long(row, len(names)))
    for name, head, cell in zip(names, header, row.cells, strict=False):
        text = cell_text(cell, is_code=name in ("code", "department_code"), is_folded=name in ("code", "item_type"))
        if isinstance(text, BadCell):
            faults.append(Fault(row.line, head, text.rule, *CELL_SAYS[text.rule]))
        elif text:
            texts[name] = text
            faults.extend(_cell_faults(row.line, name, head, text))
    if sum(map(len, texts.values())) > _MOST_ENTRY:
        zh, en = f"一行最多 {_MOST_ENTRY} 个字符，请缩短", f"A row has at most {_MOST_ENTRY} characters; shorten it."
        faults.append(Fault(row.line, "", "row-too-long", zh, en))
    refused = {fault.column for fault in faults}
    for name in REQUIRED:
        head = header[names.index(name)]
        if name not in texts and head not in refused:
            faults.append(missing(row.line, head))
    if faults:
        return None, faults
    elements = {name: text for name, text in texts.items() if name not in REQUIRED}
    if "item_type" in elements:
        elements["item_type"] = _item_type(elements["item_type"])
    entry = BaseEntry(texts["code"], texts["name"], texts["department"], elements)
    return entry, list(_code_faults(entry, row.line, header[names.index("code")]))


def _cell_faults(line: int, name: str, head: str, text: str) -> Iterator[Fault]:
    most = _MOST_CHARACTERS.get(name, _MOST_ELEMENT)
    if name == "code":
        if not _CODE.fullmatch(text):
            zh = f"编码“{text[:40]}”应为字母、数字、点、连字符或下划线，不超过 {MOST_CODE} 个字符"
            en = f"A code is letters, digits, point, hyphen or underscore, at most {MOST_CODE} characters; found “{text[:40]}”."
            yield Fault(line, head, "code-invalid", zh, en)
    elif name == "item_type":
        if _item_type(text) not in ITEM_TYPES:
            zh, en = (
                f"没有事项类型“{text[:20]}”，应为 01 至 10、20 或其名称",
                f"There is no item type “{text[:20]}”; it is 01 to 10, 20, or its name.",
            )
            yield Fault(line, head, "item-type-unknown", zh, en)
    elif len(text) > most:
        yield too_long(line, head, most)


def _code_faults(entry: BaseEntry, line: int, head: str) -> Iterator[Fault]:
    """Twelve digits and capitals are a national or provincial base code and must be one."""
    if not _STANDARD_CODE.fullmatch(entry.code):
        return
    try:
        of_code = parse_base_code(entry.code).item_type
    except StandardViolation as fault:
        yield Fault(line, head, "code-invalid", f"基本编码 {entry.code} 有误，请核对", f"{entry.code} is no base code: {fault}.")
        return
    if entry.elements.get("item_type", of_code) != of_code:
        zh = f"编码中的事项类型是 {ITEM_TYPES[of_code]}，与事项类型一列不符，请核对"
        yield Fault(line, head, "item-type-differs", zh, f"The code says item type {of_code}; the item type column does not.")


def _repeated(code: str, line: int, line_of: dict[str, int], head: str) -> Iterator[Fault]:
    first = line_of.setdefault(code, line)
    if first != line:
        yield code_twice(code, line, first, head)


def _item_type(text: str) -> str:
    return _TYPE_OF_NAME.get(text) or text.zfill(2)

"""A file of items: JSON lines, or one JSON array, of `{"local_code": …, "content": …}`. Every fault is told by line and field."""

from dataclasses import dataclass, replace
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from chassis.problems import FieldError, Text
from chassis.validation import field_error
from services.catalog.rules.content import ItemContent, LocalCode

MOST_ITEMS = 20_000
_MEMBERS = {"local_code", "content"}
_CODE: TypeAdapter[str] = TypeAdapter(LocalCode)
_NOT_JSON = Text("不是有效的 JSON", "is not valid JSON")
_NUL = "\x00"
_MOST_NUMBER = float(2**63)


@dataclass(frozen=True, slots=True)
class Record:
    """An item as the file has it; `place` is `line:17`, or of an array `item:17`."""

    place: str
    local_code: str
    content: ItemContent


def read_items(content: bytes) -> tuple[list[Record], list[FieldError]]:
    """What the file says, and everything that is wrong with it: pointers are `line:17:/content/name`, or `file`."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return [], [FieldError(f"line:{_line_at(content, error.start)}", "not-utf8", Text("不是 UTF-8 编码", "is not UTF-8"))]
    rows, faults = _array(text) if text.lstrip()[:1] == "[" else _lines(text)
    if len(rows) > MOST_ITEMS:
        return [], [FieldError("file", "too-many", Text(f"事项不超过 {MOST_ITEMS} 个", f"may have at most {MOST_ITEMS} items"))]
    if not rows and not faults:
        faults.append(FieldError("file", "empty", Text("文件中没有事项", "has no items")))
    records: list[Record] = []
    seen: dict[str, str] = {}
    for place, row in rows:
        record, wrong = _record(place, row)
        faults += wrong
        if record is None:
            continue
        first = seen.setdefault(record.local_code, place)
        if first != place:
            said = Text(f"与 {first} 的编码重复", f"is the code of {first} again")
            faults.append(FieldError(f"{place}:/local_code", "repeated", said))
        records.append(record)
    return records, faults


def _line_at(content: bytes, offset: int) -> int:
    return content[:offset].count(b"\n") + 1


def _array(text: str) -> tuple[list[tuple[str, Any]], list[FieldError]]:
    try:
        return [(f"item:{at}", row) for at, row in enumerate(orjson.loads(text), start=1)], []
    except orjson.JSONDecodeError as error:
        return [], [FieldError(f"line:{error.lineno}", "not-json", _NOT_JSON)]


def _lines(text: str) -> tuple[list[tuple[str, Any]], list[FieldError]]:
    rows: list[tuple[str, Any]] = []
    faults: list[FieldError] = []
    for at, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            rows.append((f"line:{at}", orjson.loads(line)))
        except orjson.JSONDecodeError:
            faults.append(FieldError(f"line:{at}", "not-json", _NOT_JSON))
    return rows, faults


def _record(place: str, row: Any) -> tuple[Record | None, list[FieldError]]:
    if not isinstance(row, dict) or set(row) != _MEMBERS:
        said = Text("应为含 local_code 和 content 的对象", "is an object of local_code and content")
        return None, [FieldError(place, "wrong-members", said)]
    if _is_unstorable(row):
        said = Text("含有空字符或过大的数，无法保存", "has a NUL character or too large a number, which cannot be kept")
        return None, [FieldError(place, "unstorable", said)]
    faults: list[FieldError] = []
    code = content = None
    try:
        code = _CODE.validate_python(row["local_code"])
    except ValidationError as error:
        faults += _told(place, "local_code", error)
    try:
        content = ItemContent.model_validate(row["content"])
    except ValidationError as error:
        faults += _told(place, "content", error)
    return (Record(place, code, content) if code is not None and content is not None else None), faults


def _told(place: str, member: str, error: ValidationError) -> list[FieldError]:
    found = [field_error({**one, "loc": ("body", member, *one["loc"])}) for one in error.errors(include_url=False)]
    return [replace(one, pointer=f"{place}:{one.pointer}") for one in found]


def _is_unstorable(value: Any) -> bool:
    if isinstance(value, str):
        return _NUL in value
    if isinstance(value, float):
        return abs(value) >= _MOST_NUMBER
    if isinstance(value, dict):
        return any(_is_unstorable(one) for pair in value.items() for one in pair)
    return isinstance(value, list) and any(_is_unstorable(one) for one in value)

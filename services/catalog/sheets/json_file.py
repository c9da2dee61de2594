"""JSON: an array of flat objects, or an object with that array in `entries`."""

from typing import Any

import orjson

from services.catalog.rules.sheet import (
    MOST_COLUMNS,
    MOST_ROWS,
    BadCell,
    Cell,
    Fault,
    Row,
    Sheet,
    SheetUnreadable,
    too_many_columns,
    too_many_rows,
)  # fmt: skip


def read_json(content: bytes) -> Sheet:
    """Raises SheetUnreadable."""
    try:
        document = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        zh, en = f"不是有效的 UTF-8 JSON：第 {error.lineno} 行第 {error.colno} 个字符附近有误", f"Not valid UTF-8 JSON: {error}."
        raise SheetUnreadable(Fault(error.lineno, "", "json-broken", zh, en)) from error
    entries = document.get("entries") if isinstance(document, dict) else document
    if not isinstance(entries, list):
        zh, en = "应为对象的数组，或含数组 entries 的对象", "It must be an array of objects, or an object with that array in `entries`."
        raise SheetUnreadable(Fault(0, "", "json-shape", zh, en))
    if len(entries) > MOST_ROWS:
        raise SheetUnreadable(too_many_rows())
    wrong = [at for at, entry in enumerate(entries, start=1) if not isinstance(entry, dict)]
    if wrong:
        raise SheetUnreadable(*(Fault(at, "", "json-shape", "这一条应为对象", "This entry must be an object.") for at in wrong))
    header = tuple(dict.fromkeys(name for entry in entries for name in entry))
    if len(header) > MOST_COLUMNS:
        raise SheetUnreadable(too_many_columns(0))
    rows = tuple(Row(at, tuple(_cell(entry.get(name)) for name in header)) for at, entry in enumerate(entries, start=1))
    return Sheet("json", header, 0, rows)


def _cell(value: Any) -> Cell:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | list | dict):
        return BadCell("cell-not-text")
    return str(value)

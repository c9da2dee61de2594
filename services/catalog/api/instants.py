"""Instants as people write them: a date (its beginning, here), or a date and time with its offset."""

from datetime import UTC, datetime, time
import re
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from chassis.clock import LOCAL_ZONE

_WRITTEN = re.compile(r"\d{4}-\d{2}-\d{2}([Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?([Zz]|[+ -]\d{2}:\d{2}))?", re.ASCII)
_FIRST, _LAST = 1990, 2100
_WRONG = "应写作 2026-10-01 或 2026-10-01T08:00:00+08:00|is written 2026-10-01 or 2026-10-01T08:00:00+08:00"


def read_instant(written: Any) -> datetime:
    """An aware instant, UTC. In a query a plus that was not escaped arrives as a space. Raises ValueError."""
    if isinstance(written, datetime):
        return written
    if not isinstance(written, str) or not _WRITTEN.fullmatch(written):
        raise ValueError(_WRONG)
    try:
        if len(written) == 10:
            read = datetime.combine(datetime.fromisoformat(written).date(), time(), LOCAL_ZONE)
        else:
            read = datetime.fromisoformat(written[:11].upper() + written[11:].replace(" ", "+").upper())
    except ValueError as error:
        raise ValueError(_WRONG) from error
    if not _FIRST <= read.year <= _LAST:
        raise ValueError(f"应在 {_FIRST} 年到 {_LAST} 年之间|lies between the years {_FIRST} and {_LAST}")
    return read.astimezone(UTC)


Instant = Annotated[
    datetime,
    BeforeValidator(read_instant),
    WithJsonSchema({"type": "string", "examples": ["2026-10-01", "2026-10-01T08:00:00+08:00"]}),
]

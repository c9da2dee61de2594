"""The one source of time and of identifiers, so that tests and replays decide both.

Instants are aware UTC datetimes; days are calendar days of the place the suite serves.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from uuid_utils.compat import uuid7

LOCAL_ZONE = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    def now(self) -> datetime:
        """The instant, aware, UTC."""
        ...

    def new_id(self) -> UUID:
        """A fresh UUIDv7."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def new_id(self) -> UUID:
        return uuid7()


class OffsetClock:
    """The system's clock, shifted by what `TONGBAN_CLOCK_OFFSET_SECONDS` says: rehearsals of a coming date, never production."""

    def __init__(self, offset: timedelta) -> None:
        self._offset = offset

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def new_id(self) -> UUID:
        return uuid7()


def local_day(instant: datetime) -> date:
    """The calendar day of an instant where the suite serves."""
    return instant.astimezone(LOCAL_ZONE).date()

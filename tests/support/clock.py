"""A clock for tests."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7


class ManualClock:
    """A clock that stands until it is moved; ids stay fresh and ordered."""

    def __init__(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise ValueError("the instant must be aware")
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        return self._at

    def new_id(self) -> UUID:
        return uuid7()

    def advance(self, by: timedelta) -> None:
        self._at += by

    def set(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)

"""When signing keys change: the next one is published before it signs, the one before until its last token has expired.

All processes see the same instants and choose by their clocks, so nobody has to be told at the moment of the change.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.identity.rules.authorization import ACCESS_LIFETIME

OVERLAP = ACCESS_LIFETIME + timedelta(minutes=5)
"""How long a key is published after the next one began to sign: the longest life of a token, and clocks that differ."""

KEPT_AFTERWARDS = timedelta(days=30)
"""How long a retired key is kept, unpublished, to recognise the id tokens of people who sign off late."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """`lifetime` is how long a key signs; `notice` how long the next one is published before it does (never longer than that)."""

    lifetime: timedelta = timedelta(days=90)
    notice: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class KeyTimes:
    """A key that is not withdrawn."""

    kid: str
    signs_from: datetime


def current_key(keys: Iterable[KeyTimes], now: datetime) -> KeyTimes | None:
    """The key that signs now: of those whose time has come, the newest."""
    begun = [key for key in keys if key.signs_from <= now]
    return max(begun, key=lambda key: (key.signs_from, key.kid), default=None)


def next_begins(keys: Iterable[KeyTimes], now: datetime, schedule: Schedule) -> datetime | None:
    """From when a key that should be made now is to sign; None while there is nothing to do."""
    known = list(keys)
    current = current_key(known, now)
    if current is None:
        return now
    ends = current.signs_from + schedule.lifetime
    if now < ends - schedule.notice or any(key.signs_from > now for key in known):
        return None
    return max(ends, now + schedule.notice)

"""How often an item was asked for of late: a count that halves every 90 days.

Kept as `heat`, the base-2 logarithm of the sum of 2^(age of each request since an epoch / half-life): it is the same number on
every day, so nothing needs to be counted anew as time passes, and a request that arrives late counts as it would have in time.
"""

from datetime import UTC, datetime, timedelta
import math

HALF_LIFE = timedelta(days=90)
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


def heat_of(at: datetime) -> float:
    """The heat of one request at that time."""
    return (at - _EPOCH) / HALF_LIFE


def warmer(heat: float | None, by: float) -> float:
    """The heat of both together."""
    if heat is None:
        return by
    high, low = max(heat, by), min(heat, by)
    return high + math.log2(1 + 2 ** (low - high))


def count_at(heat: float | None, now: datetime) -> float:
    """The decayed count at a time; 0 for what nobody asked for."""
    return 0.0 if heat is None else 2 ** min(heat - heat_of(now), 60.0)

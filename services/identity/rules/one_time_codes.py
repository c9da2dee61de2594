"""One-time codes sent to phones: six digits, ten minutes, five tries, one use."""

from datetime import datetime, timedelta
import secrets
from typing import Literal

LIFETIME = timedelta(minutes=10)
MOST_TRIES = 5

Purpose = Literal["recovery", "phone"]


def new_code() -> str:
    """Six digits; safe only because of the few tries, which are counted by the id that its asker alone holds."""
    return f"{secrets.randbelow(1_000_000):06d}"


def is_open(*, tries: int, expires_at: datetime, used_at: datetime | None, now: datetime) -> bool:
    """Whether a try is judged at all."""
    return used_at is None and now < expires_at and tries < MOST_TRIES

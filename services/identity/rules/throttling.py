"""How often one may be wrong, in all and by place. An attempt is counted before it is judged and given back when it was right, so that guesses made at
the same time are counted too; what is left are the failures.

An account's attempts from places where its owner has been are counted by place, all others together: a stranger who guesses uses up what
strangers have, never what the owner has at home.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
import math


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `attempts` failures within `window`, counted from the first."""

    attempts: int
    window: timedelta


SIGN_IN_PER_ACCOUNT = Limit(8, timedelta(minutes=15))
SIGN_IN_PER_SOURCE = Limit(100, timedelta(minutes=15))
"""Generous: a whole service hall may share one address."""
SIGN_UP_PER_SOURCE = Limit(30, timedelta(minutes=15))
"""Sign-up tells whether a name and a number belong together; nobody may try names by the thousand."""

VERIFICATIONS_PER_PERSON = Limit(10, timedelta(hours=1))
"""Each costs a query at somebody else's system, and a card's four factors may not be tried out."""
NAMED_PEOPLE_PER_PERSON = Limit(20, timedelta(hours=1))
"""Naming an agent tells whether a name and a number belong together."""
ONE_CODES_PER_PERSON = Limit(60, timedelta(minutes=15))
SCANS_PER_DEVICE = Limit(60, timedelta(minutes=5))
"""Failed ones: a scanner that only sees codes that are none is broken, or tries them out."""
CODES_PER_ACCOUNT = Limit(10, timedelta(hours=1))
CODES_PER_SOURCE = Limit(30, timedelta(hours=1))
"""One-time codes sent: each costs a message and its owner's patience."""
CODE_TRIES_PER_SOURCE = Limit(30, timedelta(minutes=15))

LONGEST_WINDOW = timedelta(hours=1)
"""Of all limits; attempts older than this count nowhere."""

PLACE_KEPT = timedelta(days=90)
"""How long a place where an account's owner was is known after the last time."""


def seconds_to_wait(attempts: int, window_began: datetime, now: datetime, limit: Limit) -> int:
    """0 when this attempt, already counted in `attempts`, may be judged; else whole seconds until the window ends, at least 1."""
    if attempts <= limit.attempts:
        return 0
    return max(1, math.ceil((window_began + limit.window - now).total_seconds()))

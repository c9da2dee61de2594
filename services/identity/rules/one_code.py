"""One code: what a person shows a window or kiosk to be known there, once, for one visit."""

from datetime import datetime, timedelta
from typing import Literal

CODE_LIFETIME = timedelta(seconds=60)
VISIT_LIFETIME = timedelta(minutes=30)
KEPT_AFTERWARDS = timedelta(days=1)
"""How long a code that is no good any more is still known for what it was."""

CodeFault = Literal["unknown", "expired", "replayed"]

_PREFIX = "TB1."


def written(secret: str) -> str:
    """The text of the QR code; the prefix tells scanners whose it is."""
    return _PREFIX + secret


def secret_of(text: str) -> str | None:
    """What the text of a code carries; None when it is none of ours."""
    return text.removeprefix(_PREFIX) if text.startswith(_PREFIX) else None


def fault_of(*, expires_at: datetime, used_at: datetime | None, now: datetime) -> CodeFault | None:
    """Used comes before expired: a copy shown late is still a copy."""
    if used_at is not None:
        return "replayed"
    return "expired" if expires_at <= now else None


def is_going_on(*, ends_at: datetime, closed_at: datetime | None, now: datetime) -> bool:
    """Whether a visit still identifies the person."""
    return closed_at is None and now < ends_at

"""Sign-off: where a browser may be sent afterwards, what a client is told behind its back, and when it is told again."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from services.identity.rules.clients import is_acceptable_redirect
from services.identity.rules.sessions import BrowserSession

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
KEPT = timedelta(days=30)
"""How long a notice that is delivered or given up can be looked at."""

_LIFETIME = timedelta(minutes=2)
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 900.0


def logout_claims(*, issuer: str, client_id: str, subject: UUID, session_id: UUID, notice_id: UUID, now: datetime) -> dict[str, Any]:
    """The claims of a logout token (OpenID Connect Back-Channel Logout 1.0, 2.4). `jti` stays the same when it is sent again."""
    issued_at = int(now.timestamp())
    return {
        "iss": issuer,
        "aud": client_id,
        "sub": str(subject),
        "sid": str(session_id),
        "iat": issued_at,
        "exp": issued_at + int(_LIFETIME.total_seconds()),
        "jti": str(notice_id),
        "events": {LOGOUT_EVENT: {}},
    }


def seconds_before_retry(attempts: int, jitter: float) -> float:
    """After so many (1 or more) failures: doubling from a second to a quarter of an hour, less up to a fifth by `jitter` in [0, 1)."""
    return min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(attempts - 1, 60)) * (1.0 - 0.2 * jitter)


def is_acceptable_back_channel(uri: str) -> bool:
    """Whether logout tokens may be sent there: https, or http on this machine."""
    return is_acceptable_redirect(uri) and urlsplit(uri).scheme in ("http", "https")


def speaks_of(session: BrowserSession, *, subject: UUID, session_id: UUID | None) -> bool:
    """Whether an id token was issued in this session; an old one without `sid`, to the same person."""
    return session.id == session_id if session_id is not None else session.subject == subject

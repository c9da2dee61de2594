"""Signing in at a kiosk with one's own telephone (device authorization grant, RFC 8628): the code people type, how long, how often.

Only registered kiosks may begin one: elsewhere this grant is the phisher's favourite, since anybody can begin one and send the code on.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
import secrets
from typing import Literal
import unicodedata
from uuid import UUID

from services.identity.rules.authorization import Fault
from services.identity.rules.throttling import Limit

LIFETIME = timedelta(minutes=10)
INTERVAL = timedelta(seconds=5)
"""Between two questions of a kiosk; after one that came too soon, as much longer (RFC 8628, 3.5)."""
_LONGEST_SECONDS = 60
_GRACE = timedelta(seconds=1)
"""A network hurries some questions and delays others: that is not asking too often."""
SESSION = timedelta(minutes=30)
"""How long one is signed on at a kiosk at most. People walk away from it."""

_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""No vowels, so no words; no digits, so none that looks like a letter; both cases typed alike (RFC 8628, 6.1)."""
_LENGTH = 8

KIOSK_SCOPES = frozenset({"openid", "identity.self", "intake.apply", "certificates.own", "certificates.use"})
"""What a citizen may do alone at a kiosk. Not: letting others act, or changing how one signs in."""

GRANTS_PER_KIOSK = Limit(120, timedelta(minutes=15))
"""A kiosk shows a new code to everybody who steps up to it."""
USER_CODES_PER_PERSON = Limit(10, timedelta(minutes=15))
"""Wrong ones, of 26 thousand million."""
USER_CODES_PER_SOURCE = Limit(100, timedelta(minutes=15))

GrantState = Literal["waiting", "confirmed", "declined", "over"]


@dataclass(frozen=True, slots=True)
class DeviceGrant:
    """One request of a kiosk. `scopes` as asked for; `family_id` is what was issued for it."""

    id: UUID
    device_id: UUID
    scopes: frozenset[str]
    interval_seconds: int
    polled_at: datetime | None
    subject: UUID | None
    confirmed_at: datetime | None
    declined_at: datetime | None
    used_at: datetime | None
    family_id: UUID | None
    expires_at: datetime

    def state(self, now: datetime) -> GrantState:
        """`over`: used or expired. A no stands as long as the code would have lived."""
        if self.used_at is not None or self.expires_at <= now:
            return "over"
        if self.declined_at is not None:
            return "declined"
        return "confirmed" if self.subject is not None else "waiting"

    def is_asked_too_soon(self, now: datetime) -> bool:
        return self.polled_at is not None and now - self.polled_at < timedelta(seconds=self.interval_seconds) - _GRACE

    @property
    def slower_seconds(self) -> int:
        """The interval after a question that came too soon."""
        return min(_LONGEST_SECONDS, self.interval_seconds + int(INTERVAL.total_seconds()))

    def refusal(self, now: datetime) -> Fault | None:
        """What the kiosk is told instead of tokens (RFC 8628, 3.5); None for one that is confirmed."""
        match self.state(now):
            case "confirmed":
                return None
            case "declined":
                return Fault("access_denied", "the person said no")
            case "over":
                return Fault("expired_token", "the code has expired: begin anew")
        if self.is_asked_too_soon(now):
            return Fault("slow_down", f"ask every {self.slower_seconds} seconds")
        return Fault("authorization_pending", "the person has not answered yet")


def new_user_code() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


def shown_user_code(code: str) -> str:
    """`WDJBMJHT` is shown as `WDJB-MJHT`."""
    return f"{code[:4]}-{code[4:]}"


def user_code_of(text: str) -> str | None:
    """A code as people type it: any case, full-width letters, with or without what groups it. None for what cannot be one."""
    typed = "".join(letter for letter in unicodedata.normalize("NFKC", text).upper() if letter.isalnum())
    return typed if len(typed) == _LENGTH and set(typed) <= set(_LETTERS) else None

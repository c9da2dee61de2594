"""Signing in by a QR code that a signed-on device confirms: its lifetime, its states, and how often one may be shown."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from services.identity.rules.throttling import Limit

LIFETIME = timedelta(minutes=2)
SHOWN_PER_SOURCE = Limit(300, timedelta(minutes=15))
"""A hall of kiosks behind one address renews its codes all day."""

QrState = Literal["waiting", "confirmed", "declined", "over"]


@dataclass(frozen=True, slots=True)
class QrSignIn:
    """One shown code. `device` and `source` are what the browser that shows it says and where it asks from."""

    id: UUID
    client_name: str
    device: str
    source: str
    subject: UUID | None
    kind: str | None
    declined_at: datetime | None
    used_at: datetime | None
    expires_at: datetime

    def state(self, now: datetime) -> QrState:
        """`over`: used or expired. A no stands as long as the code would have lived."""
        if self.used_at is not None or self.expires_at <= now:
            return "over"
        if self.declined_at is not None:
            return "declined"
        return "confirmed" if self.subject is not None else "waiting"

"""Let a kiosk ask for somebody to sign in at it: a secret for the kiosk, and a short code for the person."""

from dataclasses import dataclass, field
import secrets
from uuid import UUID

from chassis.crypto import KeyRing
from chassis.database import WriteTx
from services.identity.rules.clients import secret_digest
from services.identity.rules.device_grants import INTERVAL, LIFETIME, new_user_code
from services.identity.store import device_grants


@dataclass(frozen=True, slots=True)
class Begun:
    device_code: str = field(repr=False)
    user_code: str = field(repr=False)


async def begin_device_grant(tx: WriteTx, device_id: UUID, scopes: frozenset[str], keys: KeyRing) -> Begun:
    """The kiosk is authenticated before."""
    device_code = secrets.token_urlsafe(32)
    while True:
        user_code = new_user_code()
        row = {
            "id": tx.clock.new_id(),
            "device_digest": secret_digest(device_code),
            "user_code_digest": user_code_digest(keys, user_code),
            "device_id": device_id,
            "scopes": sorted(scopes),
            "interval_seconds": int(INTERVAL.total_seconds()),
            "expires_at": tx.now + LIFETIME,
        }
        if await device_grants.insert_grant(tx, row):
            return Begun(device_code, user_code)


def user_code_digest(keys: KeyRing, code: str) -> str:
    """Keyed, because all codes there are can be digested in an afternoon."""
    return keys.blind_index("user-code", code)

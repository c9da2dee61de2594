"""Show a QR code for signing in: the browser keeps a secret, the code holds a handle made of it that says nothing about it."""

import secrets

from chassis.crypto import KeyRing
from chassis.database import WriteTx
from services.identity.rules.clients import secret_digest
from services.identity.rules.qr import LIFETIME
from services.identity.store import qr


async def begin_qr(tx: WriteTx, *, client_id: str, client_name: str, device: str, source: str, keys: KeyRing) -> str:
    """The browser's secret."""
    secret = secrets.token_urlsafe(32)
    row = {
        "id": tx.clock.new_id(),
        "browser_digest": secret_digest(secret),
        "handle_digest": secret_digest(handle_of(secret, keys)),
        "client_id": client_id,
        "client_name": client_name,
        "device": device,
        "expires_at": tx.now + LIFETIME,
    }
    await qr.insert_sign_in(tx, row, source=source, keys=keys)
    return secret


def handle_of(secret: str, keys: KeyRing) -> str:
    """What the code shows; who photographs it cannot take the browser's place."""
    return keys.blind_index("qr", secret)

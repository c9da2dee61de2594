"""Make a challenge for an authenticator: good once, for some minutes, for one purpose."""

import secrets
from uuid import UUID

from chassis.database import WriteTx
from services.identity.rules.clients import secret_digest
from services.identity.rules.passkeys import CHALLENGE_LIFETIME
from services.identity.store import passkeys

_BYTES = 32


async def begin_passkey(tx: WriteTx, *, subject: UUID | None) -> bytes:
    """The challenge. `subject` is who registers a passkey; None for signing in, when nobody is known yet."""
    challenge = secrets.token_bytes(_BYTES)
    await passkeys.insert_challenge(tx, secret_digest(challenge.hex()), subject=subject, expires_at=tx.now + CHALLENGE_LIFETIME)
    return challenge


async def answered_challenge(tx: WriteTx, challenge: bytes | None, *, subject: UUID | None) -> bytes | None:
    """The challenge, if it is one of ours for this purpose and is still good; it is used up whatever becomes of the answer."""
    if challenge is None or not await passkeys.take_challenge(tx, secret_digest(challenge.hex()), subject=subject):
        return None
    return challenge

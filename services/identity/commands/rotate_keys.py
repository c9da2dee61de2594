"""Change the key that signs tokens: when its time has come, on an operator's word, or at once because it may have been stolen.

Every process that keeps keys takes the same lock, so that of those which find a key due one makes it.
"""

from datetime import datetime

from joserfc.jwk import ECKey

from chassis.crypto import KeyRing
from chassis.database import WriteTx
from services.identity.rules.signing_keys import OVERLAP, Schedule, next_begins
from services.identity.store import keys as store


async def keep_keys(tx: WriteTx, ring: KeyRing, schedule: Schedule) -> str | None:
    """Make the first key, or the next one once it has to be published. The id of the key made."""
    await store.lock_signing_keys(tx)
    begins = next_begins(await store.key_times(tx), tx.now, schedule)
    return await _make(tx, ring, begins) if begins is not None else None


async def rotate_keys(tx: WriteTx, ring: KeyRing, schedule: Schedule) -> tuple[str, datetime]:
    """The next key before its time: published now, signing after the notice. One that waits already is answered again."""
    await store.lock_signing_keys(tx)
    waiting = [key for key in await store.key_times(tx) if key.signs_from > tx.now]
    if waiting:
        return waiting[0].kid, waiting[0].signs_from
    begins = tx.now + schedule.notice
    return await _make(tx, ring, begins), begins


async def replace_stolen_keys(tx: WriteTx, ring: KeyRing) -> str:
    """Withdraw every key and sign with a new one at once. Tokens signed before are refused from now on. The new key's id."""
    await store.lock_signing_keys(tx)
    await store.withdraw_keys(tx)
    return await _make(tx, ring, tx.now)


def private_key_context(kid: str) -> str:
    """The place a private key's ciphertext is bound to."""
    return f"signing_keys:private_key:{kid}"


async def _make(tx: WriteTx, ring: KeyRing, signs_from: datetime) -> str:
    kid = str(tx.clock.new_id())
    key = ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": "ES256"})
    await store.retire_keys(tx, signs_from + OVERLAP)
    row = {
        "kid": kid,
        "private_key": ring.encrypt(key.as_pem(private=True).decode(), context=private_key_context(kid)),
        "public_key": key.as_dict(private=False),
        "created_at": tx.now,
        "signs_from": signs_from,
    }
    await store.insert_key(tx, row)
    return kid

"""The key that signs tokens: ES256, made at the first start, kept encrypted in the database, shared by all processes."""

from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

from chassis.clock import Clock
from chassis.crypto import KeyRing
from chassis.database import Database, WriteTx
from services.identity.store import grants


class Signer:
    """Signs claims with the service's newest key."""

    def __init__(self, key: ECKey) -> None:
        self._key = key

    def access_token(self, claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": self._key.kid}, claims, self._key)

    def id_token(self, claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "ES256", "typ": "JWT", "kid": self._key.kid}, claims, self._key)


async def open_signer(db: Database, keys: KeyRing, clock: Clock) -> Signer:
    """The signer of this suite. Raises CannotDecrypt when the key was kept under a master key that is no longer on the ring."""
    async with db.write() as tx:
        await grants.lock_signing_keys(tx)
        row = await grants.newest_signing_key(tx)
        if row is None:
            return Signer(await _make_key(tx, keys, str(clock.new_id())))
    return Signer(ECKey.import_key(keys.decrypt(row["private_key"], context=_context(row["kid"])), {"kid": row["kid"]}))


async def _make_key(tx: WriteTx, keys: KeyRing, kid: str) -> ECKey:
    key = ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": "ES256"})
    row = {
        "kid": kid,
        "private_key": keys.encrypt(key.as_pem(private=True).decode(), context=_context(kid)),
        "public_key": key.as_dict(private=False),
        "created_at": tx.now,
    }
    await grants.insert_signing_key(tx, row)
    return key


def _context(kid: str) -> str:
    return f"signing_keys:private_key:{kid}"

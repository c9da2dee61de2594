"""The keys that sign tokens: ES256, encrypted in the database, shared by all processes, changed by a schedule or in an emergency."""

from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey
from joserfc.jws import extract_compact
import orjson

from chassis.clock import Clock
from chassis.crypto import KeyRing
from chassis.database import Database
from services.identity.commands.rotate_keys import keep_keys, private_key_context
from services.identity.rules.signing_keys import KeyTimes, Schedule, current_key
from services.identity.store import keys as store


class Signer:
    """Signs claims with the key whose time it is, of those loaded last."""

    def __init__(self, db: Database, ring: KeyRing, clock: Clock, schedule: Schedule) -> None:
        self._db = db
        self._ring = ring
        self._clock = clock
        self._schedule = schedule
        self._keys: dict[str, ECKey] = {}
        self._times: list[KeyTimes] = []

    async def renew(self) -> None:
        """Make the key that is due, and load those there are. Raises CannotDecrypt when a key's master key is not on the ring."""
        async with self._db.write() as tx:
            await keep_keys(tx, self._ring, self._schedule)
            rows = await store.signing_rows(tx)
        loaded: dict[str, ECKey] = {}
        for row in rows:
            kid = row["kid"]
            known = self._keys.get(kid)
            loaded[kid] = known or ECKey.import_key(
                self._ring.decrypt(row["private_key"], context=private_key_context(kid)), {"kid": kid}
            )  # fmt: skip
        self._keys, self._times = loaded, [KeyTimes(row["kid"], row["signs_from"]) for row in rows]

    def access_token(self, claims: dict[str, Any]) -> str:
        return self._sign("at+jwt", claims)

    def id_token(self, claims: dict[str, Any]) -> str:
        return self._sign("JWT", claims)

    def logout_token(self, claims: dict[str, Any]) -> str:
        return self._sign("logout+jwt", claims)

    def _sign(self, kind: str, claims: dict[str, Any]) -> str:
        key = self._key(self._clock.now())
        return jwt.encode({"alg": "ES256", "typ": kind, "kid": key.kid}, claims, key)

    def _key(self, now: datetime) -> ECKey:
        times = current_key(self._times, now)
        assert times is not None, "a signer is opened with a key"
        return self._keys[times.kid]


async def open_signer(db: Database, ring: KeyRing, clock: Clock, schedule: Schedule | None = None) -> Signer:
    """The signer of this suite, with its keys loaded. Raises CannotDecrypt."""
    signer = Signer(db, ring, clock, schedule or Schedule())
    await signer.renew()
    return signer


def verified_claims(token: str) -> dict[str, Any]:
    """All claims of an access token that has just been verified."""
    claims: dict[str, Any] = orjson.loads(extract_compact(token.encode("ascii")).payload)
    return claims

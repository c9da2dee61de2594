"""The keys that sign tokens: ES256, encrypted in the database, shared by all processes, changed by a schedule or in an emergency."""

import base64
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc.jws import extract_compact
import orjson

from chassis.clock import Clock
from chassis.crypto import KeyRing
from chassis.database import Database
from services.identity.commands.rotate_keys import keep_keys, private_key_context
from services.identity.rules.signing_keys import KeyTimes, Schedule, current_key
from services.identity.store import keys as store

_KINDS = ("at+jwt", "JWT", "logout+jwt")
_ES256 = ECDSA(SHA256())


class SigningKey:
    """A compact JWS is three joined strings: made here, it costs half of what a library for every case takes (docs/measured.md)."""

    def __init__(self, kid: str, pem: str) -> None:
        key = load_pem_private_key(pem.encode(), None)
        assert isinstance(key, EllipticCurvePrivateKey)
        self._key = key
        self._headers = {kind: _encoded(orjson.dumps({"alg": "ES256", "typ": kind, "kid": kid})) for kind in _KINDS}

    def sign(self, kind: str, claims: dict[str, Any]) -> str:
        """RFC 7515, 7.1 and RFC 7518, 3.4: the signature is R and S, 32 bytes each."""
        signed = self._headers[kind] + b"." + _encoded(orjson.dumps(claims))
        r, s = decode_dss_signature(self._key.sign(signed, _ES256))
        return (signed + b"." + _encoded(r.to_bytes(32, "big") + s.to_bytes(32, "big"))).decode("ascii")


def _encoded(octets: bytes) -> bytes:
    return base64.urlsafe_b64encode(octets).rstrip(b"=")


class Signer:
    """Signs claims with the key whose time it is, of those loaded last."""

    def __init__(self, db: Database, ring: KeyRing, clock: Clock, schedule: Schedule) -> None:
        self._db = db
        self._ring = ring
        self._clock = clock
        self._schedule = schedule
        self._keys: dict[str, SigningKey] = {}
        self._times: list[KeyTimes] = []

    async def renew(self) -> None:
        """Make the key that is due, and load those there are. Raises CannotDecrypt when a key's master key is not on the ring."""
        async with self._db.write() as tx:
            await keep_keys(tx, self._ring, self._schedule)
            rows = await store.signing_rows(tx)
        loaded: dict[str, SigningKey] = {}
        for row in rows:
            kid = row["kid"]
            known = self._keys.get(kid)
            loaded[kid] = known or SigningKey(kid, self._ring.decrypt(row["private_key"], context=private_key_context(kid)))
        self._keys, self._times = loaded, [KeyTimes(row["kid"], row["signs_from"]) for row in rows]

    def access_token(self, claims: dict[str, Any]) -> str:
        return self._sign("at+jwt", claims)

    def id_token(self, claims: dict[str, Any]) -> str:
        return self._sign("JWT", claims)

    def logout_token(self, claims: dict[str, Any]) -> str:
        return self._sign("logout+jwt", claims)

    def _sign(self, kind: str, claims: dict[str, Any]) -> str:
        return self._key(self._clock.now()).sign(kind, claims)

    def _key(self, now: datetime) -> SigningKey:
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

"""The library's seal: signs what a certificate says (JWS, ES256) and keeps the signed text encrypted.

The private key is made once per library, stored under the master key, and its public half is published for ever: whoever has
it verifies a certificate without asking us.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from joserfc import jws
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jwk import ECKey

from chassis.crypto import KeyRing
from chassis.runtime import Runtime
from services.certificates import store
from services.certificates.errors import SignedCertificateUnreadable
from services.certificates.rules.certificates import CertificateContent

JWS_TYPE = "certificate+jws"
_ALGORITHM = "ES256"
_PART = "seal"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A signed certificate as it is stored: the compact JWS, encrypted for its row, and the key that signed it."""

    signed_sealed: str
    key_id: str


class Seal:
    """Signs and stores with one key; opens whatever the key ring can read."""

    def __init__(self, keys: KeyRing, key: ECKey) -> None:
        self.keys = keys
        self._key = key
        self._key_id = str(key.kid)

    def apply(self, certificate_id: UUID, content: CertificateContent) -> Sealed:
        header = {"alg": _ALGORITHM, "kid": self._key_id, "typ": JWS_TYPE}
        signed = jws.serialize_compact(header, content.canonical(), self._key, algorithms=[_ALGORITHM])
        return Sealed(self.keys.encrypt(signed, context=_context(certificate_id)), self._key_id)


def open_signed(keys: KeyRing, certificate_id: UUID, signed_sealed: str) -> str:
    """The compact JWS of a stored certificate. Raises CannotDecrypt."""
    return keys.decrypt(signed_sealed, context=_context(certificate_id))


def content_of(signed: str) -> CertificateContent:
    """What one of our own signed certificates says."""
    return CertificateContent.model_validate_json(jws.extract_compact(signed.encode("ascii")).payload)


Verdict = Literal["genuine", "unknown_key", "altered"]


def key_id_of(signed: str) -> str:
    """The key a signed certificate claims to be signed with. Raises SignedCertificateUnreadable."""
    try:
        key_id = jws.extract_compact(signed.encode("ascii")).headers().get("kid")
    except (JoseError, ValueError, TypeError) as error:
        raise SignedCertificateUnreadable() from error
    if not isinstance(key_id, str):
        raise SignedCertificateUnreadable()
    return key_id


def check_signed(signed: str, public_jwk: Mapping[str, Any] | None) -> tuple[Verdict, CertificateContent | None]:
    """Whether a text somebody holds is one we signed, and if so what it says. Raises SignedCertificateUnreadable."""
    if public_jwk is None:
        return "unknown_key", None
    try:
        opened = jws.deserialize_compact(signed, ECKey.import_key(dict(public_jwk)), algorithms=[_ALGORITHM])
    except BadSignatureError:
        return "altered", None
    except (JoseError, ValueError) as error:
        raise SignedCertificateUnreadable() from error
    return "genuine", CertificateContent.model_validate_json(opened.payload)


@asynccontextmanager
async def keep_seal(runtime: Runtime) -> AsyncIterator[None]:
    """Open the library's signing key, making it on the very first start; every process of the library shares it."""
    async with runtime.db.write() as tx:
        await store.lock_signing_keys(tx)
        row = await store.current_signing_key(tx)
        if row is None:
            key = ECKey.generate_key("P-256", auto_kid=True)
            private = runtime.keys.encrypt(_private_pem(key), context=_key_context(str(key.kid)))
            await store.insert_signing_key(tx, key_id=str(key.kid), public_jwk=_public_jwk(key), private_sealed=private)
        else:
            pem = runtime.keys.decrypt(row["private_sealed"], context=_key_context(row["key_id"]))
            key = ECKey.import_key(pem, {"kid": row["key_id"]})
    runtime.parts[_PART] = Seal(runtime.keys, key)
    yield


def seal_of(runtime: Runtime) -> Seal:
    """The seal a running library holds."""
    seal: Seal = runtime.parts[_PART]
    return seal


def _public_jwk(key: ECKey) -> dict[str, Any]:
    return {**key.as_dict(private=False), "use": "sig", "alg": _ALGORITHM}


def _private_pem(key: ECKey) -> str:
    return key.as_pem(private=True).decode("ascii")


def _context(certificate_id: UUID) -> str:
    return f"certificates.signed_sealed:{certificate_id}"


def _key_context(key_id: str) -> str:
    return f"signing_keys.private_sealed:{key_id}"

"""The exchange's signing keys, both Ed25519, derived from the master key: the same in every process and after every restart."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.jwk import OKPKey

from chassis.crypto import KeyRing
from chassis.runtime import Runtime
from services.exchange.settings import ExchangeSettings
from standards.signed_note import VerifierKey, format_checkpoint, sign_note

_PART = "exchange.keys"


class CheckpointSigner:
    """Signs what the log says of itself. Ed25519 is deterministic: one size and root have one note, so only the last is kept."""

    def __init__(self, origin: str, key: Ed25519PrivateKey) -> None:
        self.origin = origin
        self._key = key
        self._last: tuple[int, bytes, str] = (-1, b"", "")

    @property
    def verifier_key(self) -> str:
        """What anyone needs to verify, in the form C2SP signed-note writes it."""
        return VerifierKey.of(self.origin, self._key).encode()

    def sign(self, size: int, root: bytes) -> str:
        if self._last[:2] != (size, root):
            note = sign_note(format_checkpoint(self.origin, size, root), self.origin, self._key)
            self._last = (size, root, note)
        return self._last[2]


class WebhookKey:
    """The key webhooks are signed with (RFC 9421); `key_id` is its RFC 7638 thumbprint."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self.private = key
        jwk = OKPKey.import_key(key.public_key())
        self.key_id: str = jwk.thumbprint()
        self._public = jwk.as_dict(private=False)

    def jwk(self) -> dict[str, Any]:
        """The public half, for receivers."""
        return {**self._public, "kid": self.key_id, "use": "sig", "alg": "EdDSA"}


@dataclass(frozen=True, slots=True)
class ExchangeKeys:
    checkpoints: CheckpointSigner
    webhooks: WebhookKey
    salt_seed: bytes
    """From which the salt of each entry of the log is derived."""


def derive_keys(ring: KeyRing, origin: str) -> ExchangeKeys:
    def private_key(purpose: str) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(ring.seed_for(purpose))

    return ExchangeKeys(
        CheckpointSigner(origin, private_key("evidence-key")), WebhookKey(private_key("webhook-key")), ring.seed_for("evidence-salt")
    )


@asynccontextmanager
async def open_keys(runtime: Runtime) -> AsyncIterator[None]:
    """Derive the keys once, when the service starts."""
    settings = runtime.settings
    assert isinstance(settings, ExchangeSettings)
    runtime.parts[_PART] = derive_keys(runtime.keys, settings.log_origin)
    yield


def keys_of(runtime: Runtime) -> ExchangeKeys:
    keys: ExchangeKeys = runtime.parts[_PART]
    return keys

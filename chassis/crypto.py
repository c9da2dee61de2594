"""Field encryption with a key ring, and blind indexes to look up what is encrypted.

AES-256-GCM; a ciphertext names its key (`v1.<key id>.<nonce+ciphertext>`), so keys can be retired while old rows still read.
Every key is derived from a master key by HKDF with a purpose, so one leak does not open another's data. Blind indexes are
HMAC-SHA256 over normalised text with one key for the whole suite: services can match a number without knowing it. Blind indexes and
seeds cannot change without rewriting what was made with them: they come from the oldest master key on the ring, which stays there.
"""

import base64
from collections.abc import Sequence
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class InvalidMasterKey(ValueError):
    """A master key that is none."""


class CannotDecrypt(Exception):
    """The ciphertext is broken, belongs to another field, or its key is not on the ring."""


class KeyRing:
    """The keys of one service. `master` is 32 bytes as base64url; `previous` may still decrypt, newest first."""

    def __init__(self, master: str, previous: Sequence[str] = (), *, service: str) -> None:
        self._service = service
        self._masters = [_master_bytes(master), *(_master_bytes(old) for old in previous)]
        self._ciphers = {_key_id(m): AESGCM(_derive(m, f"fields:{service}")) for m in self._masters}
        self._current = _key_id(self._masters[0])
        self._index_key = _derive(self._masters[-1], "blind-index")

    def encrypt(self, text: str, *, context: str) -> str:
        """Ciphertext bound to its place: `context` names table, column and row; the same context must decrypt it."""
        nonce = os.urandom(12)
        sealed = self._ciphers[self._current].encrypt(nonce, text.encode(), context.encode())
        return f"v1.{self._current}.{base64.urlsafe_b64encode(nonce + sealed).decode().rstrip('=')}"

    def decrypt(self, ciphertext: str, *, context: str) -> str:
        """Raises CannotDecrypt."""
        try:
            version, key_id, body = ciphertext.split(".")
            raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
            if version != "v1":
                raise CannotDecrypt("unknown version")
            return self._ciphers[key_id].decrypt(raw[:12], raw[12:], context.encode()).decode()
        except (ValueError, KeyError, InvalidTag) as error:
            raise CannotDecrypt(str(error)) from error

    def blind_index(self, kind: str, text: str) -> str:
        """A keyed digest of an identifier, equal across the suite's services: 32 hex characters. `kind` keeps number spaces apart."""
        return hmac.new(self._index_key, f"{kind}\0{text}".encode(), hashlib.sha256).hexdigest()[:32]

    def secret_for(self, purpose: str) -> str:
        """A secret two parties that hold the master key both know: 43 base64url characters."""
        return base64.urlsafe_b64encode(_derive(self._masters[0], f"secret:{purpose}")).decode().rstrip("=")

    def seed_for(self, purpose: str) -> bytes:
        """32 bytes of key material for a purpose, the same after every restart and rotation."""
        return _derive(self._masters[-1], f"seed:{purpose}")


def new_master_key() -> str:
    return base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")


def _master_bytes(text: str) -> bytes:
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raw = b""
    if len(raw) != 32:
        raise InvalidMasterKey("TONGBAN_MASTER_KEY must be 32 bytes in base64url; `tongban keys new` makes one")
    return raw


def _derive(master: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=b"tongban", info=purpose.encode()).derive(master)


def _key_id(master: bytes) -> str:
    return hashlib.sha256(b"key-id" + master).hexdigest()[:8]

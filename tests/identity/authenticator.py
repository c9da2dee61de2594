"""An authenticator in software: P-256, attestation none, discoverable credentials, and told faults."""

import base64
from dataclasses import dataclass, field
import hashlib
import json
import os
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

_PRESENT, _VERIFIED, _ATTESTED = 0x01, 0x04, 0x40


def to_base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@dataclass(slots=True)
class Authenticator:
    """Holds one credential. `origin` and `rp_id` are what its browser says and what it was made for: change them to attack."""

    origin: str
    rp_id: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    user_handle: bytes = b""
    sign_count: int = 0
    verifies_user: bool = True

    def create(self, options: dict[str, Any], **told: str) -> dict[str, Any]:
        """The answer to `navigator.credentials.create`."""
        self.user_handle = _from_base64url(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + cbor2.dumps(cose)
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": self._data(_ATTESTED) + attested})
        client_data = self._client_data("webauthn.create", options["challenge"], told)
        return self._answer({"clientDataJSON": to_base64url(client_data), "attestationObject": to_base64url(attestation)})

    def get(self, options: dict[str, Any], **told: str) -> dict[str, Any]:
        """The answer to `navigator.credentials.get`."""
        self.sign_count += 1
        data = self._data(0)
        client_data = self._client_data("webauthn.get", options["challenge"], told)
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": to_base64url(client_data),
                "authenticatorData": to_base64url(data),
                "signature": to_base64url(signature),
                "userHandle": to_base64url(self.user_handle),
            }
        )

    def _data(self, flags: int) -> bytes:
        flags |= _PRESENT | (_VERIFIED if self.verifies_user else 0)
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.sign_count.to_bytes(4, "big")

    def _client_data(self, kind: str, challenge: str, told: dict[str, str]) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False, **told}).encode()

    def _answer(self, response: dict[str, str]) -> dict[str, Any]:
        raw_id = to_base64url(self.credential_id)
        return {"id": raw_id, "rawId": raw_id, "type": "public-key", "response": response}


def _from_base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

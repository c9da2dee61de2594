"""Requests signed (RFC 9421) as any client signs them, with the project's own library; good ones, but for what a test says."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
import hashlib
import time
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from http_message_signatures import HTTPMessageSigner, MappingKeyResolver, algorithms
import httpx
from joserfc.jwk import ECKey, OKPKey

COVERED = ("@method", "@target-uri", "authorization")
Key = ECKey | OKPKey


@dataclass(slots=True)
class _Message:
    method: str
    url: str
    headers: dict[str, str]


def signed_headers(
    method: str, url: str, token: str, key: Key, body: bytes | None = None, *,
    covered: Sequence[str] = COVERED, at: float | None = None, kid: str | None = None, nonce: str | None = "fresh",
    alg: Any = None, headers: dict[str, str] | None = None, expires: float | None = None,
) -> dict[str, str]:  # fmt: skip
    """All headers of the request; with a body, its digest too, which is signed."""
    message = _Message(method, url, {"authorization": f"Bearer {token}", **(headers or {})})
    if body is not None:
        message.headers["content-type"] = "application/octet-stream"
    private: Any = key.private_key
    algorithm = alg or (algorithms.ECDSA_P256_SHA256 if isinstance(private, EllipticCurvePrivateKey) else algorithms.ED25519)
    named = kid or key.kid or ""
    signer = HTTPMessageSigner(
        signature_algorithm=algorithm, key_resolver=MappingKeyResolver(public_keys={}, private_keys={named: private})
    )  # fmt: skip
    signer.sign(
        message,
        key_id=named,
        created=datetime.fromtimestamp(time.time() if at is None else at, UTC),
        expires=None if expires is None else datetime.fromtimestamp(expires, UTC),
        label="sig",
        covered_component_ids=covered,
        nonce=uuid4().hex if nonce == "fresh" else nonce,
        body=body,
    )
    return message.headers


def digest_of(body: bytes) -> str:
    """A Content-Digest."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def refused(answer: httpx.Response) -> str:
    """The reason in a refusal that says what to do."""
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:tongban:problem:signature-refused"), answer.text
    assert answer.headers["accept-signature"].startswith('sig=("@method" "@target-uri" "authorization" "content-digest");created;nonce="')
    assert "RFC 9421" in answer.json()["detail"]
    return str(answer.json()["reason"])

"""A client that signs its requests (RFC 9421) as any does, with the project's own library; and what a thief would do to one."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
import hashlib
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from http_message_signatures import HTTPMessageSigner, MappingKeyResolver, algorithms
import httpx
from joserfc.jwk import ECKey, OKPKey

from chassis.http import Request
from tests.gateway.conftest import Entrance
from tests.support.peers import answer
from tests.support.tokens import ISSUER

COVERED = ("@method", "@target-uri", "authorization")
MASTER_KEY = "A" * 43


@dataclass(slots=True)
class _Message:
    method: str
    url: str
    headers: dict[str, str]


@dataclass(slots=True)
class SigningClient:
    """A system that registered to sign its requests."""

    entrance: Entrance
    client_id: str = field(default_factory=lambda: f"sys-{uuid4().hex[:8]}")
    """Its own, for the gateway remembers a client's keys."""
    key: ECKey | OKPKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "k1"}))
    keys: list[dict[str, Any]] = field(default_factory=list)
    """What identity says its keys are."""
    looked_up: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.keys = self.keys or [{**self.key.as_dict(private=False), "kid": self.key.kid}]
        peers, issuer = self.entrance.peers, self.entrance.issuer
        own = {"access_token": issuer.token("service", client_id="svc-gateway"), "expires_in": 900}
        peers.on("POST", "identity", "/token", lambda _: answer(own))
        peers.on("GET", "identity", rf"/clients/{self.client_id}/request-keys\?kid=.*", self._tell_keys)

    def _tell_keys(self, request: Request) -> Any:
        self.looked_up.append(parse_qs(urlsplit(request.path).query)["kid"][0])
        return answer({"keys": self.keys}, 200 if self.keys else 404)

    def token(self, **claims: Any) -> str:
        return self.entrance.issuer.token("system", client_id=self.client_id, cnf={"signed_by": self.client_id}, **claims)

    def signed(
        self, method: str = "GET", path: str = "/api/toy/v1/x", body: bytes | None = None, *, token: str | None = None,
        covered: Sequence[str] | None = None, at: float | None = None, key: ECKey | OKPKey | None = None, kid: str | None = None,
        nonce: str | None = "fresh", alg: Any = None, headers: dict[str, str] | None = None, expires: float | None = None,
    ) -> httpx.Request:  # fmt: skip
        """A good request, but for what is said otherwise."""
        message = _Message(method, ISSUER + path, {"authorization": f"Bearer {token or self.token()}", **(headers or {})})
        if body is not None:
            message.headers["content-type"] = "application/octet-stream"
        signing = key or self.key
        private: Any = signing.private_key
        algorithm = alg or (algorithms.ECDSA_P256_SHA256 if isinstance(private, EllipticCurvePrivateKey) else algorithms.ED25519)
        named = kid or signing.kid or ""
        HTTPMessageSigner(
            signature_algorithm=algorithm, key_resolver=MappingKeyResolver(public_keys={}, private_keys={named: private})
        ).sign(
            message, key_id=named, created=datetime.fromtimestamp(time.time() if at is None else at, UTC), label="sig",
            expires=None if expires is None else datetime.fromtimestamp(expires, UTC),
            covered_component_ids=COVERED if covered is None else covered,
            nonce=uuid4().hex if nonce == "fresh" else nonce, **({"body": body} if body is not None else {}),
        )  # fmt: skip
        return self.entrance.http.build_request(method, path, content=body, headers=message.headers)

    async def send(self, request: httpx.Request) -> httpx.Response:
        return await self.entrance.http.send(request)


def digest_of(body: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def refused(answer: httpx.Response) -> str:
    """The reason in a refusal that says what to do."""
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:tongban:problem:signature-refused"), answer.text
    assert answer.headers["accept-signature"].startswith('sig=("@method" "@target-uri" "authorization" "content-digest");created;nonce="')
    assert "RFC 9421" in answer.json()["detail"]
    return str(answer.json()["reason"])

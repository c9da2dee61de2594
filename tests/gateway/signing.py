"""A client that signs its requests, before a gateway whose identity is a toy."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
from joserfc.jwk import ECKey

from chassis.http import Request
from tests.gateway.conftest import Entrance
from tests.support.peers import answer
from tests.support.signing import Key, signed_headers
from tests.support.tokens import ISSUER

MASTER_KEY = "A" * 43


@dataclass(slots=True)
class SigningClient:
    """A system that registered to sign its requests."""

    entrance: Entrance
    client_id: str = field(default_factory=lambda: f"sys-{uuid4().hex[:8]}")
    """Its own, for the gateway remembers a client's keys."""
    key: Key = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "k1"}))
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
        self, method: str = "GET", path: str = "/api/toy/v1/x", body: bytes | None = None, *,
        token: str | None = None, key: Key | None = None, **otherwise: Any,
    ) -> httpx.Request:  # fmt: skip
        """A good request, but for what is said otherwise."""
        headers = signed_headers(method, ISSUER + path, token or self.token(), key or self.key, body, **otherwise)
        return self.entrance.http.build_request(method, path, content=body, headers=headers)

    async def send(self, request: httpx.Request) -> httpx.Response:
        return await self.entrance.http.send(request)

"""A client's own keys, and the assertions it signs with them."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from tests.identity.provider import DEPARTMENT, Provider
from tests.support.tokens import ISSUER

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def new_key(kid: str | None = None) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid or uuid4().hex[:8], "use": "sig"})


def public_set(*keys: ECKey | RSAKey) -> dict[str, Any]:
    return {"keys": [key.as_dict(private=False) for key in keys]}


@dataclass(slots=True)
class SystemWithKey:
    """The business system of a department, `sys-market`, which signs its assertions."""

    provider: Provider
    key: ECKey = field(default_factory=lambda: new_key())
    client_id: str = "sys-market"

    async def register(self, **change: Any) -> httpx.Response:
        await self.provider.put_department()
        body = {
            "name": "市场监管业务系统", "kind": "confidential", "department": DEPARTMENT, "scopes": ["exchange.subscribe"],
            "jwks": public_set(self.key),
        }  # fmt: skip
        answer = await self.provider.http.put(f"/clients/{self.client_id}", json={**body, **change}, headers=self.provider.admin)
        assert answer.status_code in (200, 201), answer.text
        return answer

    def assertion(self, *, key: ECKey | RSAKey | None = None, header: dict[str, Any] | None = None, **change: Any) -> str:
        """A good assertion; a change of None leaves a claim out."""
        now = int(self.provider.service.clock.now().timestamp())
        claims = {
            "iss": self.client_id, "sub": self.client_id, "aud": ISSUER, "jti": uuid4().hex, "iat": now, "exp": now + 60, **change,
        }  # fmt: skip
        signing = key or self.key
        chosen = {"alg": "ES256" if isinstance(signing, ECKey) else "PS256", "kid": signing.kid, **(header or {})}
        return jwt.encode(
            {name: value for name, value in chosen.items() if value is not None},
            {name: value for name, value in claims.items() if value is not None},
            signing,
            algorithms=["ES256", "PS256", "RS256"],
        )

    async def post(self, path: str, assertion: str | None = None, /, **form: str) -> httpx.Response:
        proof = {"client_assertion_type": ASSERTION, "client_assertion": assertion or self.assertion()}
        return await self.provider.http.post(path, data={**proof, **form})

    async def token(self, assertion: str | None = None, /, **form: str) -> httpx.Response:
        return await self.post("/token", assertion, grant_type="client_credentials", **form)

"""A token issuer of the tests' own: real ES256 keys, real JWKS, any claims a test wants."""

import time
from typing import Any
from uuid import UUID, uuid4

from joserfc import jwt
from joserfc.jwk import ECKey

ISSUER = "http://127.0.0.1:8000"


class Issuer:
    """Signs access tokens as identity does. `now` gives the seconds since the epoch that tokens are issued at."""

    def __init__(self, now: Any = time.time) -> None:
        self.key = ECKey.generate_key("P-256", {"kid": uuid4().hex[:12], "use": "sig", "alg": "ES256"})
        self._now = now

    def jwks(self) -> dict[str, Any]:
        return {"keys": [self.key.as_dict(private=False)]}

    def sign(self, claims: dict[str, Any], *, header: dict[str, Any] | None = None) -> str:
        return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": self.key.kid, **(header or {})}, claims, self.key)

    def token(self, kind: str, *scopes: str, subject: UUID | None = None, seconds: int = 900, **claims: Any) -> str:
        """An access token; keyword claims (name, department, region, posts, grade, assurance, holder_index, act) are added as they are."""
        now = int(self._now())
        body = {
            "iss": ISSUER,
            "aud": "tongban",
            "sub": str(subject or uuid4()),
            "client_id": claims.pop("client_id", "tests"),
            "scope": " ".join(scopes),
            "iat": now,
            "exp": now + seconds,
            "jti": uuid4().hex,
            "actor_kind": kind,
            "name": claims.pop("name", "测试"),
            **claims,
        }
        return self.sign(body)

"""Proofs of possession (DPoP) as a client makes them, good or not."""

import base64
import hashlib
from typing import Any
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry

from tests.support.tokens import ISSUER

_REGISTRY = JWSRegistry(algorithms=["ES256", "PS256", "RS256"])
_REGISTRY.max_header_length = 2048


class Holder:
    """Somebody with a key. `now` gives the seconds since the epoch."""

    def __init__(self, now: Any, key: ECKey | RSAKey | None = None) -> None:
        self.key = key or ECKey.generate_key("P-256")
        self._now = now

    @property
    def thumbprint(self) -> str:
        return self.key.thumbprint()

    def proof(self, method: str, path: str, token: str | None = None, *, header: dict[str, Any] | None = None, **change: Any) -> str:
        """A proof for the identity API's path at the gateway; a change of None leaves a claim or header out."""
        claims = {
            "htm": method, "htu": f"{ISSUER}/api/identity/v1{path}", "iat": int(self._now()), "jti": uuid4().hex,
            "ath": ath(token) if token else None, **change,
        }  # fmt: skip
        alg = "ES256" if isinstance(self.key, ECKey) else "PS256"
        chosen = {"typ": "dpop+jwt", "alg": alg, "jwk": self.key.as_dict(private=False), **(header or {})}
        return jwt.encode(
            {name: value for name, value in chosen.items() if value is not None},
            {name: value for name, value in claims.items() if value is not None},
            self.key,
            registry=_REGISTRY,
        )

    def headers(self, method: str, path: str, token: str) -> dict[str, str]:
        """What a request with a bound token carries."""
        return {"Authorization": f"DPoP {token}", "DPoP": self.proof(method, path, token)}


def ath(token: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()

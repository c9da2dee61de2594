"""A token issuer of the tests' own: real ES256 keys, real JWKS, any claims a test wants."""

from hashlib import sha256
import time
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID, uuid4

from joserfc import jwt
from joserfc.jwk import ECKey
import orjson

ISSUER = "http://127.0.0.1:8000"


class Issuer:
    """Signs access tokens as identity does. `now` gives the seconds since the epoch that tokens are issued at."""

    def __init__(self, now: Any = time.time) -> None:
        self.key = ECKey.generate_key("P-256", {"kid": uuid4().hex[:12], "use": "sig", "alg": "ES256"})
        self.now = now
        self.standings: dict[str, dict[str, Any]] = {}
        """What identity would say of the staff that tokens were made for, by subject; a test changes or removes one."""

    def jwks(self) -> dict[str, Any]:
        return {"keys": [self.key.as_dict(private=False)]}

    def sign(self, claims: dict[str, Any], *, header: dict[str, Any] | None = None) -> str:
        return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": self.key.kid, **(header or {})}, claims, self.key)

    def token(self, kind: str, *scopes: str, subject: UUID | None = None, seconds: int = 900, **claims: Any) -> str:
        """An access token; keyword claims (name, department, region, posts, grade, assurance, holder_index, act) are added as they are.

        `grants` of staff are not in the token: identity says them when it is asked; left out, those of the office the claims describe.
        """
        now = int(self.now())
        sub = str(subject or uuid4())
        if kind == "staff":
            claims["authority"] = self._stand(sub, claims)
        body = {
            "iss": ISSUER,
            "aud": "tongban",
            "sub": sub,
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

    def _stand(self, subject: str, claims: dict[str, Any]) -> str:
        """Remember the office the claims describe, valid everywhere unless they say where; answers its stamp."""
        own = {name: claims.get(name, default) for name, default in (("department", ""), ("region", "0" * 12), ("posts", []), ("grade", 0))}
        grants = claims.pop("grants", None)
        if grants is None:
            box = {"department": own["department"], "region": own["region"], "grade": own["grade"], "departments": None, "items": None}
            grants = [{**box, "post": post, "delegation": None} for post in own["posts"]]
        office = {**own, "posts": list(own["posts"]), "grants": grants}
        stamp = sha256(orjson.dumps(office)).hexdigest()  # the same office, the same state: tokens made twice are both good
        self.standings[subject] = {"id": subject, "stamp": stamp, **office}
        return stamp

    def standings_of(self, query: str) -> dict[str, Any]:
        """The answer to `/standings?of=…&of=…`."""
        asked = parse_qs(query)["of"]
        return {"data": [self.standings[subject] for subject in asked if subject in self.standings]}

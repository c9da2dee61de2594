"""What a verified token says of its client's registration, as claims of the issuer's: its quota, and what every request has to come with.

`rl` is the client's quota in requests a window. `cnf` names what the token is bound to: a key that services ask proofs of (`jkt`), a
certificate of the connection (`x5t#S256`), and with `signed_by` the client whose keys sign each request. The last two are seen here alone.
"""

import base64
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Terms:
    """`quota` is 0 where the registration names none."""

    quota: int = 0
    certificate: str | None = None
    signed_by: str | None = None
    has_proofs: bool = False

    @property
    def is_bound(self) -> bool:
        """Whether the token alone is not enough (RFC 7800)."""
        return self.has_proofs or self.are_held_here

    @property
    def are_held_here(self) -> bool:
        return self.certificate is not None or self.signed_by is not None


@lru_cache(maxsize=20_000)
def terms_of(token: str) -> Terms:
    """Of a token whose signature is verified; one that cannot be read says nothing."""
    try:
        payload = token.split(".")[1]
        claims = orjson.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        return Terms()
    if not isinstance(claims, dict):
        return Terms()
    bound = claims.get("cnf")
    bound = bound if isinstance(bound, dict) else {}
    return Terms(_quota(claims.get("rl")), _text(bound.get("x5t#S256")), _text(bound.get("signed_by")), "jkt" in bound)


def _quota(claim: Any) -> int:
    return claim if isinstance(claim, int) and not isinstance(claim, bool) and claim > 0 else 0


def _text(member: Any) -> str | None:
    return None if member is None else str(member)

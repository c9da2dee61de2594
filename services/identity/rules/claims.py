"""What tokens say: RFC 9068 access tokens and OpenID Connect id tokens, as plain claims."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from services.identity.rules.authorization import ACCESS_LIFETIME

Kind = Literal["person", "organisation", "staff", "system", "service"]
AUDIENCE = "tongban"
LEVEL_OF: Mapping[str, int] = {f"urn:tongban:assurance:{level}": level for level in range(1, 5)}
ACR_VALUES = tuple(LEVEL_OF)


@dataclass(frozen=True, slots=True)
class Principal:
    """The one in whose name a token speaks. `holder_index` is the blind index of the citizen ID number or USCC.

    Of staff: `posts` are all held now, delegated ones too, and decide the scopes; `own_posts` those of their own office, where they
    differ; `stamp` names the state of their authority.
    """

    subject: UUID
    kind: Kind
    name: str
    assurance: int = 0
    holder_index: str | None = None
    department: str | None = None
    region: str | None = None
    posts: tuple[str, ...] = ()
    grade: int = 0
    own_posts: tuple[str, ...] | None = None
    stamp: str | None = None


def access_claims(
    principal: Principal, *, issuer: str, client_id: str, scopes: frozenset[str], now: datetime, token_id: UUID,
    delegate: Principal | None = None, grant_id: UUID | None = None, thumbprint: str | None = None,
    signed_in_at: datetime | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The claims of an access token; `delegate` is the person who acts for the principal, `grant_id` the sign-in it comes from,
    `thumbprint` that of the key it is bound to (RFC 9449, 6.1), `signed_in_at` when the person last proved who they are (RFC 9470, 6.1).
    """
    issued_at = int(now.timestamp())
    claims: dict[str, Any] = {
        "iss": issuer,
        "aud": AUDIENCE,
        "sub": str(principal.subject),
        "client_id": client_id,
        "scope": " ".join(sorted(scopes)),
        "iat": issued_at,
        "exp": issued_at + int(ACCESS_LIFETIME.total_seconds()),
        "jti": str(token_id),
        "actor_kind": principal.kind,
        "name": principal.name,
    }
    if principal.kind in ("person", "organisation"):
        claims |= {"assurance": principal.assurance, "holder_index": principal.holder_index}
        if principal.assurance in LEVEL_OF.values():
            claims["acr"] = ACR_VALUES[principal.assurance - 1]
    if signed_in_at is not None:
        claims["auth_time"] = int(signed_in_at.timestamp())
    if principal.department is not None:
        claims |= {"department": principal.department, "region": principal.region}
    if principal.kind == "staff":
        own_posts = principal.posts if principal.own_posts is None else principal.own_posts
        claims |= {"posts": list(own_posts), "grade": principal.grade, "authority": principal.stamp}
    if thumbprint is not None:
        claims["cnf"] = {"jkt": thumbprint}
    if grant_id is not None:
        claims["grant_id"] = str(grant_id)
    if delegate is not None:
        claims["act"] = {"sub": str(delegate.subject), "name": delegate.name, "holder_index": delegate.holder_index}
    return claims


def acr_of(principal: Principal) -> str | None:
    """How sure we are of a person, as an authentication context class; staff are known by their departments, not by levels."""
    return ACR_VALUES[principal.assurance - 1] if principal.kind == "person" else None


def needed_level(acr_values: str) -> int:
    """The lowest of the levels that would do; 0 where none of ours is named. Every level holds those below it."""
    return min((LEVEL_OF[value] for value in acr_values.split() if value in LEVEL_OF), default=0)


def id_claims(
    principal: Principal, *, issuer: str, client_id: str, nonce: str, now: datetime, signed_in_at: datetime, session_id: UUID | None,
    methods: tuple[str, ...] = (),
) -> dict[str, Any]:  # fmt: skip
    """The claims of an id token for the client that the person signed in to. `methods` are RFC 8176's, `amr`."""
    issued_at = int(now.timestamp())
    claims: dict[str, Any] = {
        "iss": issuer,
        "aud": client_id,
        "sub": str(principal.subject),
        "iat": issued_at,
        "exp": issued_at + int(ACCESS_LIFETIME.total_seconds()),
        "auth_time": int(signed_in_at.timestamp()),
        "name": principal.name,
    }
    optional = {
        "nonce": nonce or None,
        "acr": acr_of(principal),
        "sid": str(session_id) if session_id else None,
        "amr": list(methods) or None,
    }
    return claims | {name: value for name, value in optional.items() if value is not None}

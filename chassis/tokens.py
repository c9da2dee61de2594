"""Verification of access tokens: RFC 9068 JWTs, ES256, keys from the issuer's JWKS.

Keys are cached and fetched again when a key id is unknown, at most once in `REFRESH_SECONDS`. Verified tokens are cached by
digest, bounded, never beyond their expiry, and forgotten when their key leaves the JWKS.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
import hashlib
import time
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from chassis.actor import KINDS, Actor, Delegate
from chassis.problems import Text, Unauthenticated

REFRESH_SECONDS = 2.0
MAX_KEY_AGE_SECONDS = 300.0
LEEWAY_SECONDS = 5
CACHE_SIZE = 20_000
MAX_TOKEN_BYTES = 8_192


class TokenRefused(Unauthenticated):
    """The token is not one of ours, not valid now, or not for this audience."""

    slug = "token-refused"
    title = Text("访问令牌无效", "The access token was refused")
    detail = Text("访问令牌无效或已过期，请重新登录。({reason})", "The access token is not valid or has expired; sign in again. ({reason})")

    def __init__(self, reason: str) -> None:
        super().__init__(error="invalid_token", reason=reason)


FetchKeys = Callable[[], Awaitable[dict[str, Any]]]


class TokenVerifier:
    """Verifies tokens of one issuer for one audience. `now` is seconds since the epoch."""

    def __init__(self, *, issuer: str, audience: str, fetch_keys: FetchKeys, now: Callable[[], float] = time.time) -> None:
        self._issuer = issuer
        self._audience = audience
        self._fetch_keys = fetch_keys
        self._now = now
        self._keys: dict[str, ECKey] = {}
        self._fetched_at = -1e9
        self._fetching: asyncio.Lock = asyncio.Lock()
        self._verified: OrderedDict[bytes, tuple[Actor, str]] = OrderedDict()
        self._registry = jwt.JWTClaimsRegistry(
            now=lambda: int(now()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            jti={"essential": True},
        )

    async def verify(self, token: str) -> Actor:
        """Raises TokenRefused; Unavailable when the issuer's keys cannot be fetched at all."""
        if len(token) > MAX_TOKEN_BYTES:
            raise TokenRefused("too-long")
        if time.monotonic() - self._fetched_at > MAX_KEY_AGE_SECONDS:
            await self._refresh(older_than=MAX_KEY_AGE_SECONDS, is_needed=not self._keys)
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        cached = self._verified.get(digest)
        if cached is not None:
            actor, key_id = cached
            if actor.expires_at + LEEWAY_SECONDS > self._now() and key_id in self._keys:
                self._verified.move_to_end(digest)
                return actor
            del self._verified[digest]
        actor, key_id = await self._verify_now(token)
        self._verified[digest] = (actor, key_id)
        if len(self._verified) > CACHE_SIZE:
            self._verified.popitem(last=False)
        return actor

    async def _verify_now(self, token: str) -> tuple[Actor, str]:
        header = _header(token)
        if header.get("alg") != "ES256" or str(header.get("typ", "")).lower().removeprefix("application/") != "at+jwt":
            raise TokenRefused("wrong-kind")
        key_id = header.get("kid")
        if not isinstance(key_id, str):
            raise TokenRefused("unknown-key")
        if key_id not in self._keys:
            await self._refresh(older_than=REFRESH_SECONDS, is_needed=not self._keys)
        key = self._keys.get(key_id)
        if key is None:
            raise TokenRefused("unknown-key")
        try:
            decoded = jwt.decode(token, key, algorithms=["ES256"])
            self._registry.validate(decoded.claims)
        except (JoseError, ValueError) as error:
            raise TokenRefused(getattr(error, "error", None) or "invalid") from error
        return actor_from_claims(decoded.claims, raw_token=token), key_id

    async def _refresh(self, *, older_than: float, is_needed: bool) -> None:
        async with self._fetching:
            if time.monotonic() - self._fetched_at <= older_than:
                return
            try:
                document = await self._fetch_keys()
                keys = {str(k.kid): k for k in KeySet.import_key_set(document) if isinstance(k, ECKey)}  # type: ignore[arg-type]
            except Exception:
                if is_needed:
                    raise
                self._fetched_at = time.monotonic() - MAX_KEY_AGE_SECONDS + REFRESH_SECONDS
                return
            self._keys = keys
            self._fetched_at = time.monotonic()


def _header(token: str) -> dict[str, Any]:
    from joserfc.jws import extract_compact

    try:
        return dict(extract_compact(token.encode("ascii")).headers())
    except (JoseError, ValueError, TypeError) as error:
        raise TokenRefused("unreadable") from error


def actor_from_claims(claims: dict[str, Any], *, raw_token: str = "") -> Actor:
    """The actor a token's claims describe. Raises TokenRefused for claims that do not have our shape."""
    try:
        kind = claims["actor_kind"]
        if kind not in KINDS:
            raise ValueError("actor_kind")
        act = claims.get("act")
        return Actor(
            subject=UUID(claims["sub"]),
            kind=kind,
            name=str(claims.get("name", "")),
            client_id=str(claims["client_id"]),
            scopes=frozenset(str(claims.get("scope", "")).split()),
            assurance=int(claims.get("assurance", 0)),
            holder_index=claims.get("holder_index"),
            department=claims.get("department"),
            region=claims.get("region"),
            posts=frozenset(claims.get("posts", ())),
            grade=int(claims.get("grade", 0)),
            via=Delegate(UUID(act["sub"]), str(act.get("name", "")), act.get("holder_index")) if act else None,
            token_id=str(claims["jti"]),
            expires_at=int(claims["exp"]),
            raw_token=raw_token,
        )
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise TokenRefused("claims") from error

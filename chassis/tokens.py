"""Verification of access tokens: RFC 9068 JWTs, ES256, keys from the issuer's JWKS.

Keys are cached and fetched again when a key id is unknown, at most once in `REFRESH_SECONDS`. Verified tokens are cached,
bounded, never beyond their expiry, and forgotten when their key leaves the JWKS.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
import math
import time
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from chassis.actor import KINDS, Actor, Basis, Delegate
from chassis.dpop import ALGORITHMS
from chassis.logs import get_logger
from chassis.problems import Text, Unauthenticated

log = get_logger("tongban.tokens")

REFRESH_SECONDS = 2.0
MAX_KEY_AGE_SECONDS = 60.0
LEEWAY_SECONDS = 5
CACHE_SIZE = 20_000
MAX_TOKEN_BYTES = 8_192


class ProofRefused(Unauthenticated):
    """The token is bound to a key, and the request does not prove to hold it (RFC 9449, 7.1)."""

    slug = "proof-refused"
    title = Text("访问令牌的持有证明无效", "The proof of possession was refused")
    detail = Text(
        "访问令牌绑定了密钥，请随请求附上有效的 DPoP 证明。({reason})",
        "The token is bound to a key; send a good DPoP proof with it. ({reason})",
    )

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)
        self.headers["WWW-Authenticate"] = f'DPoP realm="tongban", error="invalid_dpop_proof", algs="{" ".join(ALGORITHMS)}"'


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
        self._fetched_at = self._tried_at = -math.inf
        self._fetching: asyncio.Lock = asyncio.Lock()
        self._renewal: asyncio.Task[None] | None = None
        self._verified: OrderedDict[str, tuple[Actor, str]] = OrderedDict()
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
        if (known := self.recall(token)) is not None:
            return known
        actor, key_id = await self._verify_now(token)
        self._verified[token] = (actor, key_id)
        if len(self._verified) > CACHE_SIZE:
            self._verified.popitem(last=False)
        return actor

    def recall(self, token: str) -> Actor | None:
        """Whose token it is, where it was verified before and is still good; None says nothing."""
        self._renew_when_old()
        cached = self._verified.pop(token, None)
        if cached is None or cached[0].expires_at + LEEWAY_SECONDS <= self._now() or cached[1] not in self._keys:
            return None
        self._verified[token] = cached  # as the one used last
        return cached[0]

    async def _verify_now(self, token: str) -> tuple[Actor, str]:
        header = _header(token)
        if header.get("alg") != "ES256" or str(header.get("typ", "")).lower().removeprefix("application/") != "at+jwt":
            raise TokenRefused("wrong-kind")
        key_id = header.get("kid")
        if not isinstance(key_id, str):
            raise TokenRefused("unknown-key")
        if key_id not in self._keys:
            await self._refresh()
        key = self._keys.get(key_id)
        if key is None:
            raise TokenRefused("unknown-key")
        try:
            decoded = jwt.decode(token, key, algorithms=["ES256"])
            self._registry.validate(decoded.claims)
        except (JoseError, ValueError, TypeError, RecursionError) as error:
            raise TokenRefused(getattr(error, "error", None) or "invalid") from error
        return actor_from_claims(decoded.claims, raw_token=token), key_id

    def _renew_when_old(self) -> None:
        """Beside the requests: while the issuer is slow or away, tokens are judged by the keys known so far."""
        is_old = self._keys and time.monotonic() - self._fetched_at > MAX_KEY_AGE_SECONDS
        if is_old and (self._renewal is None or self._renewal.done()):
            self._renewal = asyncio.create_task(self._refresh(), name="renew-keys")

    async def _refresh(self) -> None:
        """Fetch the keys, unless that was tried a moment ago. Raises what fetching raised where no key is known at all."""
        async with self._fetching:
            if self._keys and time.monotonic() - self._tried_at <= REFRESH_SECONDS:
                return
            self._tried_at = time.monotonic()
            try:
                document = await self._fetch_keys()
                keys = {str(k.kid): k for k in KeySet.import_key_set(document) if isinstance(k, ECKey)}  # type: ignore[arg-type]
            except Exception as error:
                if not self._keys:
                    raise
                log.warning("keys of the issuer not renewed", error=repr(error))
                return
            self._keys = keys
            self._fetched_at = time.monotonic()


def _header(token: str) -> dict[str, Any]:
    from joserfc.jws import extract_compact

    try:
        return dict(extract_compact(token.encode("ascii")).headers())
    except (JoseError, ValueError, TypeError, RecursionError) as error:
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
            stamp=claims.get("authority"),
            via=Delegate(UUID(act["sub"]), str(act.get("name", "")), act.get("holder_index")) if act is not None else None,
            limited_to=frozenset(claims.get("items", ())),
            basis=Basis.parse(claims["stn"]) if "stn" in claims else None,
            token_id=str(claims["jti"]),
            expires_at=int(claims["exp"]),
            key_thumbprint=str(claims["cnf"].get("jkt", "")) if "cnf" in claims else None,
            raw_token=raw_token,
        )
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError) as error:
        raise TokenRefused("claims") from error

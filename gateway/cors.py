"""Which origins' pages may call the APIs (Fetch, CORS protocol). Tokens travel in headers, so credentials are never allowed."""

from collections.abc import Sequence

from starlette.types import Scope, Send

from chassis.problems import Forbidden, Text

_HEADERS = "Authorization, Content-Type, Accept-Language, Idempotency-Key, If-Match, If-None-Match, DPoP, Traceparent, X-Request-Id"
_READABLE = b"ETag, Location, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-Id"


class OriginNotAllowed(Forbidden):
    slug = "origin-not-allowed"
    detail = Text(
        "此来源的网页不得调用接口，请管理员登记该来源。", "Pages of this origin may not call the APIs; ask for it to be registered."
    )


class Cors:
    """Answers preflights, and marks answers for the origins allowed."""

    def __init__(self, origins: Sequence[str]) -> None:
        self._origins = frozenset(origin.rstrip("/") for origin in origins)

    async def has_answered(self, scope: Scope, send: Send) -> bool:
        """Whether the request was a preflight. Raises OriginNotAllowed."""
        if scope["method"] != "OPTIONS":
            return False
        headers = dict(scope["headers"])
        if b"origin" not in headers or b"access-control-request-method" not in headers:
            return False
        if headers[b"origin"].decode("latin-1") not in self._origins:
            raise OriginNotAllowed()
        answer = [
            (b"access-control-allow-methods", b"GET, HEAD, POST, PUT, PATCH, DELETE"),
            (b"access-control-allow-headers", _HEADERS.encode()),
            (b"access-control-max-age", b"7200"),
        ]
        await send({"type": "http.response.start", "status": 204, "headers": answer})
        await send({"type": "http.response.body", "body": b""})
        return True

    def headers_for(self, origin: str | None) -> list[tuple[bytes, bytes]]:
        """What an answer to a page of this origin says; caches are told whenever it depends on the origin."""
        if not self._origins:
            return []
        if origin not in self._origins or origin is None:
            return [(b"vary", b"Origin")]
        return [
            (b"vary", b"Origin"),
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-expose-headers", _READABLE),
        ]

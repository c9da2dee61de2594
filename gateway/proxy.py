"""What the gateway does with a request to a service: check the token if there is one, clean the headers, pass it on."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
import re
from urllib.parse import unquote_to_bytes

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from chassis import context
from chassis.http import DEADLINE_HEADER
from chassis.problems import Malformed, NotFound, Problem, Text, Unauthenticated
from chassis.tokens import TokenVerifier
from gateway.backends import Backend, forwarded_headers

_TRUST_HEADERS = frozenset(
    (
        b"x-deadline-ms",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-port",
        b"x-forwarded-prefix",
        b"x-forwarded-proto",
        b"forwarded",
        b"x-real-ip",
        b"traceparent",
        b"x-request-id",
    )
)
_TAKES_BASIC = frozenset(b"/api/identity/v1/" + name for name in (b"token", b"par", b"introspect", b"revoke"))
_READY_SECONDS = 1.5
_PATH = re.compile(rb"[!-~]+")
_BAD_ESCAPES = re.compile(rb"%(?:0[0-9a-f]|1[0-9a-f]|7f|2f|5c)|%(?![0-9a-f]{2})", re.IGNORECASE)


class NoSuchService(NotFound):
    slug = "no-such-service"
    detail = Text("没有名为“{service}”的服务。", "There is no service named “{service}”.")


class StrangePath(Malformed):
    slug = "strange-path"
    detail = Text("地址中有不允许的字符。", "The address has characters that are not allowed.")


def _is_strange(raw_path: bytes) -> bool:
    """Whether a path could mean one thing here and another behind: control characters, hidden or empty segments, dots."""
    if not raw_path.startswith(b"/api/") or not _PATH.fullmatch(raw_path) or _BAD_ESCAPES.search(raw_path) or b"//" in raw_path:
        return True
    return any(unquote_to_bytes(segment) in (b".", b"..") for segment in raw_path.split(b"/"))


@dataclass(frozen=True, slots=True)
class _Passed:
    """What metrics and logs call a request that is passed on."""

    path: str


class Proxy:
    """An ASGI app for `/api/<service>/v1/...`."""

    def __init__(self, backend: Backend, verifier: TokenVerifier, *, services: Sequence[str], request_seconds: float) -> None:
        self._backend = backend
        self._verifier = verifier
        self._services = frozenset(services)
        self._request_seconds = request_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises NoSuchService, StrangePath, Unauthenticated, TokenRefused, PeerUnavailable."""
        raw_path: bytes = scope["raw_path"].partition(b"?")[0]
        if _is_strange(raw_path):
            raise StrangePath()
        service = raw_path.split(b"/", 3)[2].decode("ascii")
        if service not in self._services:
            raise NoSuchService(service=service[:40])
        scope["route"] = _Passed(f"/api/{service}/v1")
        await self._check_token(scope, raw_path)
        await self._backend.forward(service, {**scope, "raw_path": raw_path}, self._headers(scope), receive, send)

    async def discovery(self, request: Request) -> Response:
        """The OpenID Connect discovery document, which lives in identity. Raises PeerUnavailable."""
        return await self._fetch(request, "identity", "/api/identity/v1/openid-configuration")

    async def ready(self, request: Request) -> Response:
        """Ready when every service behind the gateway is; one that takes too long to say so is not."""
        names = sorted(self._services)
        states = dict(zip(names, await asyncio.gather(*(self._is_ready(request, name) for name in names)), strict=True))
        is_ready = all(states.values())
        return JSONResponse({"status": "ready" if is_ready else "not-ready", "services": states}, status_code=200 if is_ready else 503)

    async def _is_ready(self, request: Request, service: str) -> bool:
        try:
            async with asyncio.timeout(_READY_SECONDS):
                return (await self._fetch(request, service, "/readyz")).status_code == 200
        except (Problem, TimeoutError):
            return False

    async def _check_token(self, scope: Scope, raw_path: bytes) -> None:
        values = [value for name, value in scope["headers"] if name == b"authorization"]
        if not values:
            return
        scheme, _, token = values[0].decode("latin-1").partition(" ")
        if len(values) > 1:
            raise Unauthenticated(error="invalid_request")
        if scheme.lower() == "basic" and raw_path in _TAKES_BASIC:
            return
        if scheme.lower() not in ("bearer", "dpop") or not token.strip():
            raise Unauthenticated(error="invalid_request")
        await self._verifier.verify(token.strip())

    def _headers(self, scope: Scope) -> list[tuple[bytes, bytes]]:
        request = context.current()
        assert request is not None
        remaining = request.remaining()
        client = scope.get("client")
        extra = {
            b"x-request-id": request.request_id.encode(),
            b"traceparent": request.traceparent.encode(),
            DEADLINE_HEADER.encode(): str(int((self._request_seconds if remaining is None else remaining) * 1000)).encode(),
            b"x-forwarded-for": (client[0] if client else "unknown").encode(),
        }
        return forwarded_headers(scope, extra, _TRUST_HEADERS)

    async def _fetch(self, request: Request, service: str, path: str) -> Response:
        """A service's answer to a GET of the gateway's own. Raises PeerUnavailable."""
        status, headers, chunks, is_asked = 503, {}, [], False

        async def receive() -> dict[str, object]:
            """No body, and then nothing more: who asks here does not leave."""
            nonlocal is_asked
            if is_asked:
                await asyncio.Event().wait()
            is_asked = True
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: object) -> None:
            nonlocal status, headers
            assert isinstance(message, dict)
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in message["headers"] if k != b"content-length"}
            else:
                chunks.append(message.get("body", b""))

        scope = {**request.scope, "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"", "headers": []}
        await self._backend.forward(service, scope, self._headers(scope), receive, send)
        return Response(b"".join(chunks), status_code=status, headers=headers)

"""The outermost layer of the gateway, pure ASGI: ids, language, time, size, security headers, CORS, metrics, access log, last resort.

Time: an upload may take as long as it goes on (`idle_seconds` between its parts, `slowest_bytes` a second on the whole); from its end
the first byte of the answer must come within `request_seconds`, or the client's own X-Deadline-Ms; the answer's body may again take
as long as it goes on.
"""

import asyncio
from collections.abc import Iterable
from functools import lru_cache
import time

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis import context
from chassis.asgi import BodyLimit, RequestMetrics, as_problem, send_problem
from chassis.http import DEADLINE_HEADER
from chassis.logs import get_logger
from chassis.problems import DeadlineExceeded, Problem
from gateway.access_log import AccessLog, Ended, Told
from gateway.cors import Cors
from gateway.refusals import TooSlow
from gateway.settings import GatewaySettings
from gateway.taken_over import TakenOver
from gateway.wire import GatewayHttp

log = get_logger("tongban.gateway")
_SAID_BY_US_ONLY = frozenset((b"x-request-id", b"traceparent"))


class Patience:
    """Moves one request's time limit along with what happens. See the module's docstring."""

    def __init__(self, limit: asyncio.Timeout, settings: GatewaySettings, receive: Receive, deadline: float | None) -> None:
        self._limit = limit
        self._receive = receive
        self._idle = settings.idle_seconds
        self._slowest = settings.slowest_bytes
        self._seconds = settings.request_seconds
        self._deadline = deadline
        self._now = asyncio.get_running_loop().time
        self._began = self._now()
        self._received = 0
        self._is_whole = self._is_answering = False
        self.is_receiving = False
        self.is_over = False
        """Whether what is still said is said without a limit: that it came too late, for instance."""

    def wait_for_answer(self) -> None:
        self._limit.reschedule(answer_by(self._now(), self._seconds, self._deadline))

    async def receive(self) -> Message:
        if self._is_whole or self._is_answering:
            return await self._receive()
        now = self._now()
        self._limit.reschedule(min(now + self._idle, self._began + self._idle + self._received / self._slowest))
        self.is_receiving = True
        message = await self._receive()
        self.is_receiving = False
        self._received += len(message.get("body", b""))
        self._is_whole = not message.get("more_body")
        self.wait_for_answer()
        return message

    def answering(self) -> None:
        self._is_answering = True
        if not self.is_over:
            self._limit.reschedule(self._now() + self._idle)


class GatewayEdge:
    """See the module's docstring."""

    def __init__(self, app: ASGIApp, *, proxy: ASGIApp, settings: GatewaySettings, metrics: RequestMetrics, access_log: AccessLog) -> None:
        self._pages = app
        self._proxy = proxy
        self._settings = settings
        self._metrics = metrics
        self._access_log = access_log
        self._cors = Cors(settings.allowed_origins)
        self._safe_headers = _safe_headers(settings.public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._pages(scope, receive, send)
            return
        headers = Headers(scope=scope)
        taken_over: TakenOver | None = scope["state"].get("taken_over")
        if taken_over is not None:
            request = taken_over.request
        else:
            request = known_as(headers.get("x-request-id"), headers.get("traceparent"), headers.get("accept-language"))
        context.enter(request)
        parts = scope["path"].split("/", 4)
        is_api = len(parts) == 5 and parts[1] == "api" and parts[3] == "v1"  # straight on: the framework's routing costs more than the rest
        if scope["type"] == "websocket":
            await self._shake_hands(self._proxy if is_api else self._pages, scope, request, receive, send)
            return
        await _Exchange(self, scope, headers, request).run(self._proxy if is_api else self._pages, receive, send)

    async def _shake_hands(self, app: ASGIApp, scope: Scope, request: context.RequestContext, receive: Receive, send: Send) -> None:
        """A WebSocket from its handshake to its end; a problem before it is accepted is answered as one."""
        began = time.monotonic()
        status = 0

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] in ("websocket.accept", "websocket.http.response.start"):
                status = message.get("status", 101)
            await send(message)

        async def as_refusal(message: Message) -> None:
            await noted({**message, "type": f"websocket.{message['type']}"})

        try:
            await app(scope, receive, noted)
        except Exception as error:
            problem = as_problem(error)
            if type(problem) is Problem:
                log.exception("websocket failed", path=scope["path"])
            if status:
                await send({"type": "websocket.close", "code": 1011, "reason": ""})
            else:
                await send_problem(problem, as_refusal)
        finally:
            self.finished(told_of(scope, "WEBSOCKET", status or 499, time.monotonic() - began, request), 0, None)

    def marked(
        self, given: list[tuple[bytes, bytes]], own: Iterable[tuple[bytes, bytes]], origin: str | None, request: context.RequestContext
    ) -> list[tuple[bytes, bytes]]:
        """The answer's headers with ours; a service's own word on caching and framing stands. `own` are of this request alone."""
        names = {name for name, _ in given}
        kept = [pair for pair in given if pair[0] not in _SAID_BY_US_ONLY]
        kept += [pair for pair in self._safe_headers if pair[0] not in names]
        kept += own
        kept += self._cors.headers_for(origin)
        kept.append((b"x-request-id", request.request_id.encode()))
        kept.append((b"traceparent", request.traceparent.encode()))
        return kept

    def finished(self, told: Told, sent: int, first_byte: float | None) -> None:
        """Count and log a request that is over."""
        self._metrics.record(told.route, told.method, told.status, told.seconds)
        self._access_log.write(told, sent, first_byte)


class _Exchange:
    """One request and its answer."""

    def __init__(self, edge: GatewayEdge, scope: Scope, headers: Headers, request: context.RequestContext) -> None:
        self._edge = edge
        self._scope = scope
        self._headers = headers
        self._request = request
        self._began = time.monotonic()
        self._first_byte: float | None = None
        self._connection: GatewayHttp | None = scope["state"].get("connection")
        self._status = 0
        self._bytes = 0
        self._is_ended = self._is_draining = False

    async def run(self, app: ASGIApp, receive: Receive, send: Send) -> None:
        """Raises only what went wrong after the answer began: the server then breaks it off."""
        edge = self._edge
        self._send = send
        try:
            async with asyncio.timeout(None) as limit:
                self._limit = limit
                deadline = self._deadline()
                limited = BodyLimit(receive, self._headers, edge._settings.file_bytes)
                self._patience = Patience(limit, edge._settings, limited, deadline)
                self._scope["state"]["time_left"] = lambda: max(0.0, (limit.when() or 0.0) - asyncio.get_running_loop().time())
                self._patience.wait_for_answer()
                if not await edge._cors.has_answered(self._scope, self.send):
                    await app(self._scope, self._patience.receive, self.send)
                limit.reschedule(None)
        except Exception as error:
            await self._failed(error)
        finally:
            self._finish()

    def _deadline(self) -> float | None:
        taken_over: TakenOver | None = self._scope["state"].get("taken_over")
        if taken_over is not None:
            self._began = taken_over.began
            return taken_over.by
        return deadline_of(self._headers.get(DEADLINE_HEADER), asyncio.get_running_loop().time())

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._first_byte = time.monotonic()
            message = {**message, "headers": self._marked(message.get("headers", ()))}
        else:
            self._bytes += len(message.get("body", b""))
        self._patience.answering()
        await self._send(message)
        self._is_ended = message["type"] == "http.response.body" and not message.get("more_body")

    def _marked(self, given: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        own = self._scope["state"].get("answer_headers", ())
        kept = self._edge.marked(given, own, self._headers.get("origin"), self._request)
        if self._connection is not None and is_event_stream(kept):
            self._connection.on_drain = self._drain
        return kept

    def _drain(self) -> None:
        self._is_draining = True
        self._limit.reschedule(0)

    async def _failed(self, error: Exception) -> None:
        self._patience.is_over = True
        is_late = isinstance(error, TimeoutError) and self._limit.expired()
        if self._status and self._is_draining:
            if not self._is_ended:
                await self._send({"type": "http.response.body", "body": b""})
            return
        if self._status:
            if is_late and self._connection is not None:
                self._connection.abort()  # the client takes nothing: what it has not taken would wait for ever
                return
            raise error
        problem = as_problem(error)
        if is_late:
            problem = TooSlow(headers={"Connection": "close"}) if self._patience.is_receiving else DeadlineExceeded()
        if type(problem) is Problem:
            log.exception("request failed", path=self._scope["path"])
        await send_problem(problem, self.send)

    def _finish(self) -> None:
        told = told_of(self._scope, self._scope["method"], self._status or 499, time.monotonic() - self._began, self._request)
        self._edge.finished(told, self._bytes, None if self._first_byte is None else self._first_byte - self._began)


def known_as(request_id: str | None, traceparent: str | None, accept_language: str | None) -> context.RequestContext:
    """What a request is called, from what its headers say."""
    return context.RequestContext(
        request_id=context.accepted_request_id(request_id),
        traceparent=context.child_traceparent(traceparent),
        language=_preferred_language(accept_language),
    )


_preferred_language = lru_cache(maxsize=1024)(context.preferred_language)


def answer_by(now: float, seconds: float, deadline: float | None) -> float:
    """By when, on the loop's clock, the first byte of the answer must come."""
    by = now + seconds
    return by if deadline is None or by < deadline else deadline


def is_event_stream(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether an answer goes on until somebody ends it: the gateway does when it stops."""
    return any(name == b"content-type" and value.startswith(b"text/event-stream") for name, value in headers)


def told_of(scope: Scope, method: str, status: int, seconds: float, request: context.RequestContext) -> Ended:
    state = scope["state"]
    is_routed = bool(getattr(scope.get("route"), "path", None))
    return Ended(method, scope["path"], route_of(scope), is_routed, status, seconds, request, state.get("source"), state.get("actor"))


def route_of(scope: Scope) -> str:
    """What metrics call it: the service's prefix, or a page's own path."""
    route: str | None = getattr(scope.get("route"), "path", None)
    if route is None and "endpoint" in scope and not scope.get("path_params"):
        route = scope["path"]
    return route or "unmatched"


def _safe_headers(public_url: str) -> list[tuple[bytes, bytes]]:
    """What every answer says unless the service says otherwise."""
    found = [
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"frame-ancestors 'none'"),
        (b"x-frame-options", b"DENY"),
        (b"referrer-policy", b"no-referrer"),
    ]
    if public_url.startswith("https:"):
        found.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))
    return found


def deadline_of(header: str | None, now: float) -> float | None:
    """The client's own limit on the loop's clock; None without one that can be read."""
    if header and header.isascii() and header.isdigit() and len(header) < 10:
        return now + int(header) / 1000
    return None

"""The one middleware of every service, pure ASGI: ids, language, deadline, body limit, metrics, access log, last resort.

It is the outermost layer, so whatever goes wrong inside becomes a problem document and a log line, never a stack trace.
"""

import asyncio
from collections.abc import MutableMapping
import time

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bus.protocol import MAX_RECORD_BYTES, RecordTooLarge
from chassis import context
from chassis.database import is_bad_value, is_outage
from chassis.http import DEADLINE_HEADER
from chassis.logs import get_logger
from chassis.problems import DeadlineExceeded, Problem, TooLarge, Unavailable, UnreadableText

log = get_logger("tongban.http")


class RequestMetrics:
    """Counts and times requests by route template, method and status."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.requests = Counter("tongban_http_requests_total", "Requests answered", ["route", "method", "status"], registry=registry)
        self.seconds = Histogram("tongban_http_request_seconds", "Time to answer", ["route"], registry=registry)
        self._of: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def record(self, route: str, method: str, status: int, seconds: float) -> None:
        found = self._of.get((route, method, status))
        if found is None:  # finding a label's child costs more than counting
            found = self._of[route, method, status] = (self.requests.labels(route, method, str(status)), self.seconds.labels(route))
        found[0].inc()
        found[1].observe(seconds)


class BodyLimit:
    """Counts what is received and refuses what is over the limit. A route that takes files raises `limit` before it reads."""

    def __init__(self, receive: Receive, headers: Headers, limit: int) -> None:
        self._receive = receive
        self._declared = headers.get("content-length", "")
        self._received = 0
        self.limit = limit

    async def __call__(self) -> Message:
        if self._declared.isascii() and self._declared.isdigit() and int(self._declared[:19]) > self.limit:
            raise TooLarge(limit_bytes=self.limit)
        message = await self._receive()
        self._received += len(message.get("body", b""))
        if self._received > self.limit:
            raise TooLarge(limit_bytes=self.limit)
        return message


class Edge:
    """See the module's docstring. `request_seconds` is the longest any request may take."""

    def __init__(self, app: ASGIApp, *, service: str, metrics: RequestMetrics, request_seconds: float, body_bytes: int) -> None:
        self._app = app
        self._service = service
        self._metrics = metrics
        self._request_seconds = request_seconds
        self._body_bytes = body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        began = time.monotonic()
        request = context.RequestContext(
            request_id=context.accepted_request_id(headers.get("x-request-id")),
            traceparent=context.child_traceparent(headers.get("traceparent")),
            language=context.preferred_language(headers.get("accept-language")),
            deadline=began + _seconds_allowed(headers.get(DEADLINE_HEADER), self._request_seconds),
        )
        context.enter(request)
        body_limit = BodyLimit(receive, headers, self._body_bytes)
        scope.setdefault("state", {})["body_limit"] = body_limit
        status = 0

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                marked = MutableHeaders(scope=message)
                marked["X-Request-Id"] = request.request_id
                marked["traceparent"] = request.traceparent
                marked.setdefault("Cache-Control", "no-store")
                marked.setdefault("X-Content-Type-Options", "nosniff")
            await send(message)

        try:
            async with asyncio.timeout_at(_loop_time(request.deadline)):
                await self._app(scope, body_limit, send_marked)
        except Exception as error:
            problem = as_problem(error)
            if type(problem) is Problem:
                log.exception("request failed", service=self._service, path=scope["path"])
            if status:
                raise
            await send_problem(problem, send_marked)
        finally:
            self._finish(scope, status or 499, time.monotonic() - began)

    def _finish(self, scope: Scope, status: int, seconds: float) -> None:
        route = _route_of(scope)
        self._metrics.record(route, scope["method"], status, seconds)
        if route not in ("/healthz", "/readyz", "/metrics"):
            log.info("request", service=self._service, method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 2))


def _route_of(scope: Scope) -> str:
    """The template that matched, so that labels stay few; a plain route without parameters is its own template."""
    route: str | None = getattr(scope.get("route"), "path", None)
    if route is None and "endpoint" in scope and not scope.get("path_params"):
        route = scope["path"]
    return route or "unmatched"


def as_problem(error: BaseException) -> Problem:
    """What the caller is told of any exception."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, TimeoutError) and type(error) is TimeoutError:
        return DeadlineExceeded()
    if is_bad_value(error):
        return UnreadableText()
    if isinstance(error, RecordTooLarge):
        return TooLarge(limit_bytes=MAX_RECORD_BYTES)
    if is_outage(error):
        return Unavailable()
    return Problem()


async def send_problem(problem: Problem, send: Send) -> None:
    """Answer with a problem document."""
    request = context.current()
    body = problem.body(context.language(), request.request_id if request else None)
    headers: MutableMapping[str, str] = {
        **problem.headers,
        "content-type": "application/problem+json",
        "content-language": "zh-CN" if context.language() == "zh" else "en",
        "content-length": str(len(body)),
    }
    pairs = [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in headers.items()]
    await send({"type": "http.response.start", "status": problem.status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})


def _seconds_allowed(header: str | None, most: float) -> float:
    if header and header.isascii() and header.isdigit() and len(header) < 10:
        return min(most, int(header) / 1000)
    return most


def _loop_time(deadline: float | None) -> float | None:
    """asyncio's loop clock and time.monotonic() may differ by a constant."""
    return None if deadline is None else asyncio.get_running_loop().time() + (deadline - time.monotonic())

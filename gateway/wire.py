"""HTTP/1.1 as the gateway takes it from clients: uvicorn's protocol on httptools (llhttp), stricter, and never waiting for ever.

What could be read in two ways is refused with a problem document and a closed connection; nothing of it reaches a service:
- one Content-Length of digits, or one `Transfer-Encoding: chunked` on HTTP/1.1, never both (RFC 9112, 6.1 to 6.3); one Host (3.2);
- trailers are read and dropped: they cannot add a header to a request that has begun (RFC 9110, 6.5.1);
- heads are bounded in bytes, fields and time; what a chunked body carries beside its data is bounded;
- bytes that are no request never overtake or replace the answer of a request before them.
"""

import asyncio
from collections.abc import Callable
import re
from typing import Any, ClassVar

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from chassis import context
from chassis.problems import Malformed, Problem, Text, Unavailable
from gateway.settings import GatewaySettings

_VERSIONS = frozenset(("1.0", "1.1"))
_ACCEPTED = re.compile(rb"\naccept-language:[ \t]*([^\r\n]{1,200})", re.IGNORECASE)
_FREE_FRAMING = 16_384
"""Bytes of chunk sizes, extensions and trailers that any body may carry; beyond them it is a share of the body (see `_framing_is_absurd`)."""


class UnreadableRequest(Malformed):
    slug = "unreadable-request"
    title = Text("请求不符合 HTTP 规范", "The request is not valid HTTP")
    detail = Text(
        "请求的地址或头部有不允许的字符，或长度说明有歧义；地址请用百分号编码。",
        "The target or a header has characters that are not allowed, or the length is ambiguous; percent-encode the target.",
    )


class HeadTooLarge(Problem):
    status = 431
    slug = "head-too-large"
    title = Text("请求头过大", "The request's head is too large")
    detail = Text(
        "请求行和头部不得超过 {limit_bytes} 字节、{limit_fields} 项。",
        "The request line and headers may have {limit_bytes} bytes and {limit_fields} fields.",
    )


class TooSlow(Problem):
    status = 408
    slug = "too-slow"
    title = Text("请求发送过慢", "The request came too slowly")
    detail = Text(
        "请求没有在规定时间内发完，请检查网络后重发。", "The request was not sent in time; check the connection and send it again."
    )


class TooManyConnections(Unavailable):
    slug = "too-many-connections"


class GatewayHttp(HttpToolsProtocol):
    """One client connection. A subclass carries the limits: see `protocol_of`."""

    head_bytes: ClassVar[int]
    head_fields: ClassVar[int]
    head_seconds: ClassVar[float]
    most_connections: ClassVar[int]

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=False)
        self.on_drain: Callable[[], None] | None = None
        """What ends the stream in hand when the gateway stops."""
        self._waiting: asyncio.TimerHandle | None = None
        self._is_in_head = True
        self._is_in_body = False
        self._is_refused = False
        self._head_size = self._head_read = 0
        self._begun_here = 0
        self._unread = b""
        self._framing = 0
        self._body_size = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self.most_connections:
            self._refuse(TooManyConnections())
            return
        self._wait_for(self.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._is_refused:
            return
        if self._waiting is None and not self._is_in_body:
            self._wait_for(self.head_seconds)  # a next request begins, or bytes that never become one
        self._unset_keepalive_if_required()
        was_in_head, self._begun_here = self._is_in_head, 0
        if was_in_head:
            self._head_size += len(data)
        else:
            self._framing += len(data)
        self._unread = data
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._upgrade()
        except httptools.HttpParserError as error:
            cause = error.__context__
            self._refuse(cause if isinstance(cause, Problem) else UnreadableRequest())
        else:
            if self._is_in_head and self._head_size > self.head_bytes:
                self._refuse(self._head_too_large())
            elif self._is_in_body:
                if was_in_head and self._begun_here <= 1:
                    self._framing += max(0, len(data) - self._head_read)
                if self._framing_is_absurd():
                    self._refuse(UnreadableRequest())

    def _upgrade(self) -> None:
        """To a WebSocket; another protocol is not spoken, and what follows its request may be meant in it: it is not read."""
        is_busy = self.cycle is not None and not self.cycle.response_complete
        if not self._should_upgrade():
            self.cycle.keep_alive = False
            self._is_refused = True
        elif is_busy or any(name in (b"content-length", b"transfer-encoding") for name, _ in self.headers):
            self._refuse(UnreadableRequest())
        else:
            self._stop_waiting()
            self.handle_websocket_upgrade()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"]["connection"] = self
        self._is_in_head, self._is_in_body = True, False
        self._framing = self._body_size = 0
        self._begun_here += 1

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._is_in_head:
            return  # a trailer
        if len(self.headers) >= self.head_fields:
            raise self._head_too_large()
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._check_head()
        self._is_in_head, self._head_size = False, 0
        self._is_in_body = True
        self._stop_waiting()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._body_size += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._is_in_head, self._is_in_body = True, False
        self._head_size = 0
        self._stop_waiting()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self.on_drain = None
        if self._is_in_body and not self.transport.is_closing():
            self._wait_for(self.head_seconds)  # the rest of a body that nobody reads any more

    def shutdown(self) -> None:
        super().shutdown()
        if self.on_drain is not None:
            self.on_drain()

    def abort(self) -> None:
        """Drop the connection with what the client has not taken."""
        if self.transport is not None:
            self.transport.abort()

    def send_400_response(self, msg: str) -> None:
        self._refuse(UnreadableRequest())

    def _check_head(self) -> None:
        """Raises UnreadableRequest, HeadTooLarge."""
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        self._head_read = size
        if size > self.head_bytes:
            raise self._head_too_large()
        version = self.parser.get_http_version()
        lengths = [value for name, value in self.headers if name == b"content-length"]
        codings = [value for name, value in self.headers if name == b"transfer-encoding"]
        hosts = sum(1 for name, _ in self.headers if name == b"host")
        is_bad_host = hosts > 1 or (hosts == 0 and version == "1.1")
        is_bad_length = len(lengths) > 1 or any(not (value.isdigit() and len(value) < 20) for value in lengths)
        is_bad_coding = bool(codings) and (lengths or len(codings) > 1 or codings[0].lower() != b"chunked" or version != "1.1")
        if version not in _VERSIONS or is_bad_host or is_bad_length or is_bad_coding or not self.url.isascii():
            raise UnreadableRequest()

    def _framing_is_absurd(self) -> bool:
        """A chunk costs at least five bytes beside its data; one byte a chunk is the worst an honest client does."""
        return self._framing - self._body_size > _FREE_FRAMING + 8 * self._body_size

    def _head_too_large(self) -> HeadTooLarge:
        return HeadTooLarge(limit_bytes=self.head_bytes, limit_fields=self.head_fields)

    def _refuse(self, problem: Problem) -> None:
        """Say so and close. An answer that is on its way goes out first; one that has begun and waits for a broken body is cut."""
        self._is_refused = True
        self._stop_waiting()
        self.pipeline.clear()
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            if not cycle.more_body:
                cycle.keep_alive = False  # the request before was whole: its answer is the last of this connection
                return
            cycle.disconnected = True
            cycle.message_event.set()
            if cycle.response_started:
                self.transport.abort()
                return
        self._write(problem)
        self.transport.close()

    def _write(self, problem: Problem) -> None:
        accepted = _ACCEPTED.search(self._unread)  # what is refused has often not been read to its headers
        language = context.preferred_language(accepted and accepted.group(1).decode("latin-1"))
        body = problem.body(language, context.new_request_id())
        headers = {
            **problem.headers,
            "Content-Type": "application/problem+json",
            "Content-Language": "zh-CN" if language == "zh" else "en",
            "Content-Length": str(len(body)),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Connection": "close",
        }
        lines = b"".join(f"{name}: {value}\r\n".encode("latin-1") for name, value in headers.items())
        self.transport.write(STATUS_LINE[problem.status] + lines + b"\r\n" + body)

    def _wait_for(self, seconds: float) -> None:
        self._stop_waiting()
        self._waiting = self.loop.call_later(seconds, self._waited_too_long)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _waited_too_long(self) -> None:
        self._waiting = None
        if self._is_refused or self.transport.is_closing():
            return
        if self.cycle is not None and not self.cycle.response_complete:
            self._refuse(TooSlow())  # a head behind a request that is still answered
        elif self._head_size and self._is_in_head:
            self._refuse(TooSlow())
        else:
            self.transport.close()


def protocol_of(settings: GatewaySettings) -> type[asyncio.Protocol]:
    """The protocol class with the limits of these settings, for the server to make one of for each connection."""
    return type(
        "LimitedGatewayHttp",
        (GatewayHttp,),
        {
            "head_bytes": settings.head_bytes,
            "head_fields": settings.head_fields,
            "head_seconds": settings.head_seconds,
            "most_connections": settings.client_connections,
        },
    )

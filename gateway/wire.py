"""HTTP/1.1 as the gateway takes it from clients: uvicorn's protocol on httptools (llhttp), stricter, and never waiting for ever.

What could be read in two ways is refused with a problem document and a closed connection; nothing of it reaches a service:
- one Content-Length of digits, or one `Transfer-Encoding: chunked` on HTTP/1.1, never both (RFC 9112, 6.1 to 6.3); one Host (3.2);
- trailers are read and dropped: they cannot add a header to a request that has begun (RFC 9110, 6.5.1);
- heads are bounded in bytes, fields and time; what a chunked body carries beside its data is bounded;
- bytes that are no request never overtake or replace the answer of a request before them.

A request whose head and body came whole, with none before it still unanswered, is offered to the short way (`gateway.express`); what that
does not take, and whatever it gives back, goes to the app as uvicorn does it.
"""

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar, Protocol

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from chassis.problems import Problem
from gateway.alarm import Alarm
from gateway.headers import Headers
from gateway.refusals import HeadTooLarge, TooManyConnections, TooSlow, UnreadableRequest, refusal
from gateway.settings import GatewaySettings
from gateway.taken_over import TakenOver

_VERSIONS = frozenset(("1.0", "1.1"))
_FREE_FRAMING = 16_384
"""Bytes of chunk sizes, extensions and trailers that any body may carry; beyond them it is a share of the body (see `_framing_is_absurd`)."""


class InHand(Protocol):
    """A request on the short way, as the connection it came by knows it; and in uvicorn's eyes a `RequestResponseCycle`."""

    keep_alive: bool
    body: bytes

    def hold(self) -> None: ...

    def go_on(self) -> None: ...

    def is_late(self) -> None: ...

    def client_left(self) -> None: ...

    def as_scope(self) -> dict[str, Any]:
        """The request for the app, besides what is the connection's."""
        ...


class ShortWay(Protocol):
    """See `gateway.express.Express`."""

    def plan(self, client: "GatewayHttp", method: bytes, url: bytes, headers: Headers) -> InHand | None: ...

    def depart(self, client: "GatewayHttp", ride: Any, body: bytes, *, keep_alive: bool) -> bool: ...


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
        self._express: ShortWay | None = getattr(self.app, "express", None)
        self._plan: InHand | None = None
        self.head_read: Any | None = None
        """What the short way made of `_fields`."""
        self._fields: Headers | None = None
        self._fields_size = 0
        self._ahead: list[bytes] = []
        self._in_hand: InHand | None = None
        self.ride_alarm = Alarm(self.loop, self._in_hand_is_late)
        self._head_alarm = Alarm(self.loop, self._waited_too_long)
        self._is_resting = False
        self._version = ""
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
        self._head_alarm.close()
        self.ride_alarm.close()
        in_hand, self._in_hand = self._in_hand, None
        if in_hand is not None:
            in_hand.client_left()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._is_refused:
            return
        if (self._is_resting or not self._head_alarm.is_set) and not self._is_in_body:
            self._wait_for(self.head_seconds)  # a next request begins, or bytes that never become one
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
            if self._plan is not None:
                self._go_the_long_way()  # its body is still to come
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
        self.url = b""
        self.headers = []
        self._is_in_head, self._is_in_body = True, False
        self._framing = self._body_size = 0
        self._begun_here += 1

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._is_in_head:
            return  # a trailer
        if len(self.headers) >= self.head_fields:
            raise self._head_too_large()
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self._check_head()
        self._is_in_head, self._head_size = False, 0
        self._is_in_body = True
        self._stop_waiting()
        is_free = self.cycle is None or self.cycle.response_complete
        if self._express is not None and is_free and self._version == "1.1":
            self._plan = self._express.plan(self, self.parser.get_method(), self.url, self.headers)
        if self._plan is None:
            self._go_the_long_way()

    def on_body(self, body: bytes) -> None:
        self._body_size += len(body)
        if self._plan is not None:
            self._ahead.append(body)
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._is_in_head, self._is_in_body = True, False
        self._head_size = 0
        self._stop_waiting()
        if self._plan is not None and self._has_departed():
            return
        super().on_message_complete()

    def on_response_complete(self) -> None:
        self.server_state.total_requests += 1
        self.on_drain = None
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        if self._is_in_body:
            self._wait_for(self.head_seconds)  # the rest of a body that nobody reads any more
        elif self.cycle.response_complete and not self._head_alarm.is_set:
            self._wait_for(self.timeout_keep_alive)
            self._is_resting = True

    def _has_departed(self) -> bool:
        """On the short way; otherwise the app has it."""
        assert self._express is not None
        body = b"".join(self._ahead)
        if not self._express.depart(self, self._plan, body, keep_alive=self.parser.should_keep_alive()):
            self._go_the_long_way()
            return False
        self._in_hand, self._plan = self._plan, None
        self._ahead.clear()
        self.cycle = self._in_hand  # type: ignore[assignment]
        return True

    def _go_the_long_way(self) -> None:
        """To the app, with what has come of the body."""
        self._plan = None
        self.scope = self._new_scope(self.headers)
        self.expect_100_continue = any(name == b"expect" and value.lower() == b"100-continue" for name, value in self.headers)
        super().on_headers_complete()
        for part in self._ahead:
            super().on_body(part)
        self._ahead.clear()

    def _new_scope(self, headers: Headers) -> Any:
        return {
            "type": "http",
            "asgi": {"version": self.asgi_version, "spec_version": "2.3"},
            "http_version": "1.1",
            "server": self.server,
            "client": self.client,
            "scheme": self.scheme,
            "root_path": self.root_path,
            "headers": headers,
            "state": self.app_state | {"connection": self},
        }

    def ride_over(self, in_hand: InHand) -> None:
        """The request on the short way is answered."""
        self._in_hand = None
        self.ride_alarm.clear()
        if not in_hand.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def take_over(self, in_hand: InHand, taken_over: TakenOver) -> None:
        """Give a request of the short way to the app, with its whole body."""
        self._in_hand = None
        self.ride_alarm.clear()
        scope: Any = self._new_scope([]) | in_hand.as_scope()
        scope["state"]["taken_over"] = taken_over
        cycle = RequestResponseCycle(
            scope=scope, transport=self.transport, flow=self.flow, logger=self.logger, access_logger=self.access_logger,
            access_log=self.access_log, default_headers=self.server_state.default_headers, message_event=asyncio.Event(),
            expect_100_continue=False, keep_alive=in_hand.keep_alive, on_response=self.on_response_complete,
        )  # fmt: skip
        cycle.body += in_hand.body
        cycle.more_body = False
        cycle.message_event.set()
        if self.cycle is in_hand:  # type: ignore[comparison-overlap]
            self.cycle = cycle
        self._start_asgi_task(cycle, self.app)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._in_hand is not None:
            self._in_hand.hold()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._in_hand is not None:
            self._in_hand.go_on()

    def _in_hand_is_late(self) -> None:
        if self._in_hand is not None:
            self._in_hand.is_late()

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
        version = self.parser.get_http_version()
        if self.headers != self._fields or version != self._version:  # a client mostly says the same again on a connection
            self._fields = None
            self._check_fields(version)
            self._fields, self._version, self.head_read = self.headers, version, None
        self._head_read = len(self.url) + self._fields_size
        if self._head_read > self.head_bytes:
            raise self._head_too_large()
        if not self.url.isascii():
            raise UnreadableRequest()

    def _check_fields(self, version: str) -> None:
        self._fields_size = hosts = 0
        lengths: list[bytes] = []
        codings: list[bytes] = []
        for name, value in self.headers:
            self._fields_size += len(name) + len(value) + 4
            if name == b"host":
                hosts += 1
            elif name == b"content-length":
                lengths.append(value)
            elif name == b"transfer-encoding":
                codings.append(value)
        if len(self.url) + self._fields_size > self.head_bytes:
            raise self._head_too_large()
        is_bad_host = hosts > 1 or (hosts == 0 and version == "1.1")
        is_bad_length = len(lengths) > 1 or any(not (value.isdigit() and len(value) < 20) for value in lengths)
        is_bad_coding = bool(codings) and (lengths or len(codings) > 1 or codings[0].lower() != b"chunked" or version != "1.1")
        if version not in _VERSIONS or is_bad_host or is_bad_length or is_bad_coding:
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
        self.transport.write(refusal(problem, self._unread))
        self.transport.close()

    def _wait_for(self, seconds: float) -> None:
        self._is_resting = False
        self._head_alarm.set(self.loop.time() + seconds)

    def _stop_waiting(self) -> None:
        self._head_alarm.clear()

    def _waited_too_long(self) -> None:
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

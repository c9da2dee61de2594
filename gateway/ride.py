"""One plain request on the short way (`gateway.express`), from the line it was sent on to the end of its answer.

It stands where uvicorn's protocol expects the request in hand (`RequestResponseCycle`), so that what comes behind it, a shutdown and a
refusal find it. Before its answer began any trouble is handed to the long way, to be asked again or told; afterwards the connection breaks.
"""

import asyncio
from dataclasses import dataclass
import time
from typing import Any, ClassVar

from chassis.actor import Actor
from chassis.context import RequestContext
from chassis.http import PeerUnavailable
from chassis.logs import get_logger
from chassis.problems import DeadlineExceeded, Problem
from gateway.answer_heads import AnswerHeads, Names, written
from gateway.edge import GatewayEdge
from gateway.gates import Gate
from gateway.headers import Headers, answered
from gateway.instances import Instance
from gateway.lines import Line
from gateway.network import NetworkBackend, may_be_repeated
from gateway.proxy import said_by_us
from gateway.taken_over import TakenOver
from gateway.wire import GatewayHttp

log = get_logger("tongban.gateway")
_NOBODYS = RequestContext("", "")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a plain request goes. `path` has no escapes; `written` is it with its query as a service gets it."""

    service: str
    route: str
    path: str
    query: bytes
    written: bytes
    gate: Gate


class Road:
    """What all rides of one gateway share."""

    def __init__(self, edge: GatewayEdge, backend: NetworkBackend, idle_seconds: float) -> None:
        self.edge = edge
        self.backend = backend
        self.idle_seconds = idle_seconds
        self.heads = AnswerHeads(self._rules)
        self._dated_for: Headers = []
        self._dated = b""

    def dated(self, default_headers: Headers) -> bytes:
        """The block of what every answer begins with. The server makes another list each second."""
        if default_headers is not self._dated_for:
            self._dated = b"".join([b"%b: %b\r\n" % pair for pair in default_headers])
            self._dated_for = default_headers
        return self._dated

    def _rules(self, received: Headers, status: int, own: Headers) -> Headers:
        return self.edge.marked(answered(received, status), own, None, _NOBODYS)


class Ride:
    """See the module's docstring. To the access log it is `Told`."""

    __slots__ = (
        "_answer_headers", "_by", "_bytes", "_client", "_first_byte", "_instance", "_is_chunked", "_is_inside", "_line", "_out", "_road",
        "_target", "actor", "began", "body", "disconnected", "headers", "keep_alive", "method", "request", "response_complete",
        "response_started", "seconds", "source", "status",
    )  # fmt: skip
    is_routed: ClassVar[bool] = True
    more_body: ClassVar[bool] = False
    message_event: ClassVar[asyncio.Event] = asyncio.Event()
    """Nobody waits for it: what happens to the client is told by calls."""

    def __init__(
        self, road: Road, client: GatewayHttp, method: str, target: Target, headers: Headers, request: RequestContext, source: str,
        actor: Actor | None, began: float, by: float,
    ) -> None:  # fmt: skip
        """`began` is on the monotonic clock, `by` (when the answer must begin) on the loop's."""
        self._road = road
        self._client = client
        self._target = target
        self._by = by
        self.method = method
        self.headers = headers
        self.request = request
        self.source = source
        self.actor = actor
        self.began = began
        self._is_chunked = False
        self._bytes = self.status = 0
        self._first_byte = 0.0
        self.disconnected = self.response_started = self.response_complete = False

    @property
    def path(self) -> str:
        return self._target.path

    @property
    def route(self) -> str:
        return self._target.route

    @property
    def service(self) -> str:
        return self._target.service

    @property
    def gate(self) -> Gate:
        return self._target.gate

    def written(self, host: bytes, passed: bytes, body: bytes, *, has_length: bool) -> bytes:
        """The request as a service gets it, with the length of its body where the client said one or the method means one."""
        parts = [self.method.encode(), b" ", self._target.written, b" HTTP/1.1\r\nhost: ", host, b"\r\n", passed]
        for name, value in said_by_us(self.request, self.source, self._by - self._client.loop.time()).items():
            parts += (name, b": ", value, b"\r\n")
        if has_length or self.method != "GET":
            parts.append(b"content-length: %d\r\n" % len(body))
        parts += (b"\r\n", body)
        return b"".join(parts)

    def depart(self, line: Line, instance: Instance, raw: bytes, body: bytes, answer_headers: Headers, *, keep_alive: bool) -> None:
        """`raw` is the request as it is written to the line."""
        self._line = line
        self._instance = instance
        self._answer_headers = answer_headers
        self._is_inside = True
        self._out: list[bytes] = []
        self.body = body
        self.keep_alive = keep_alive
        self._road.backend.set_out(self._target.service, instance)
        self._client.ride_alarm.set(self._by)
        line.ask(self, raw)

    # what the line tells

    def begin(self, status: int, names: Names, values: list[bytes]) -> None:
        self._first_byte = time.monotonic()
        self.response_started, self.status = True, status
        self._leave_gate()  # what is left is the network's work, not the service's
        road = self._road
        shape = road.heads.shape(names, values, status)
        self._is_chunked = shape.is_chunked
        dated = road.dated(self._client.server_state.default_headers)
        self._out = written(status, shape, values, self._answer_headers, self.request, dated, keep_alive=self.keep_alive)
        if names.content_type >= 0 and values[names.content_type].startswith(b"text/event-stream"):
            self._client.on_drain = self._drain

    def piece(self, body: bytes) -> None:
        self._bytes += len(body)
        if self._is_chunked:
            self._out += (b"%x\r\n" % len(body), body, b"\r\n")
        else:
            self._out.append(body)

    def read_so_far(self) -> None:
        if self.response_started:
            self._client.ride_alarm.set(self._client.loop.time() + self._road.idle_seconds)
            self._write()

    def answered_whole(self) -> None:
        if self._is_chunked:
            self._out.append(b"0\r\n\r\n")
        self._finish()
        self._write()
        self._client.ride_over(self)

    def broken_off(self) -> None:
        if self.response_started:
            self._finish()
            log.warning("an answer broke off", service=self.service)
            self._client.transport.close()
            return
        if not self._line.has_spoken and may_be_repeated(self.method, []):
            self._hand_over((), None)  # an idle connection that the service closed: no fault of its
            return
        backend = self._road.backend
        backend.failed(self.service, self._instance)
        is_again = may_be_repeated(self.method, self.headers) and backend.may_try_again(self.service, 1)
        self._hand_over((self._instance,), None if is_again else PeerUnavailable(peer=self.service))

    # what the client's connection tells

    def hold(self) -> None:
        """The client does not take what was written."""
        self._line.pause()

    def go_on(self) -> None:
        self._line.resume()

    def client_left(self) -> None:
        self._line.drop()
        self._finish()

    def is_late(self) -> None:
        self._line.drop()
        if self.response_started:
            self._finish()
            self._client.abort()  # the client takes nothing, or the service says nothing more: what was not taken would wait for ever
            return
        self._road.backend.failed(self.service, self._instance)  # an instance that never answers is not well
        self._hand_over((self._instance,), DeadlineExceeded())

    def as_scope(self) -> dict[str, Any]:
        return {
            "method": self.method,
            "path": self.path,
            "raw_path": self.path.encode(),
            "query_string": self._target.query,
            "headers": self.headers,
        }

    def _drain(self) -> None:
        """The gateway stops: an event stream ends in good order."""
        self._line.drop()
        if self._is_chunked:
            self.answered_whole()
        else:
            self._finish()
            self._client.transport.close()

    def _write(self) -> None:
        if self._out:
            out, self._out = self._out, []
            self._client.transport.write(b"".join(out))

    def _leave_gate(self) -> None:
        if self._is_inside:
            self._is_inside = False
            self._target.gate.leave()

    def _come_back(self) -> None:
        self._leave_gate()
        self._road.backend.came_back(self.service, self._instance, has_answered=self.response_started)

    def _hand_over(self, tried: tuple[Instance, ...], problem: Problem | None) -> None:
        self._come_back()
        taken_over = TakenOver(self.request, self.began, self._by, self.source, self.actor, self._answer_headers, tried, problem)
        self._client.take_over(self, taken_over)

    def _finish(self) -> None:
        self._come_back()
        self.response_complete = True
        self.seconds = time.monotonic() - self.began
        if self.status:
            self._road.edge.finished(self, self._bytes, self._first_byte - self.began)
        else:
            self.status = 499
            self._road.edge.finished(self, self._bytes, None)

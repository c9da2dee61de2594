"""One plain request on the short way (`gateway.express`), from the line it was sent on to the end of its answer.

It stands where uvicorn's protocol expects the request in hand (`RequestResponseCycle`), so that what comes behind it, a shutdown and a
refusal find it. Before its answer began any trouble is handed to the long way, to be asked again or told; afterwards the connection breaks.
"""

import asyncio
from dataclasses import dataclass
import time
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from chassis.actor import Actor
from chassis.context import RequestContext
from chassis.http import PeerUnavailable
from chassis.logs import get_logger
from chassis.problems import DeadlineExceeded, Problem
from gateway.access_log import Told
from gateway.edge import GatewayEdge, is_event_stream
from gateway.gates import Gate
from gateway.headers import BODILESS, Headers, answered
from gateway.instances import Instance
from gateway.lines import Line
from gateway.network import NetworkBackend, may_be_repeated
from gateway.taken_over import TakenOver
from gateway.wire import GatewayHttp

log = get_logger("tongban.gateway")


@dataclass(frozen=True, slots=True)
class Plan:
    """A plain request before it sets out. `raw_path` has no escapes; `target` is it with its query."""

    method: bytes
    service: str
    route: str
    raw_path: bytes
    query: bytes
    headers: Headers
    has_length: bool
    request: RequestContext
    actor: Actor | None
    source: str
    began: float
    by: float


class Ride:
    """See the module's docstring."""

    __slots__ = (
        "_answer_headers", "_backend", "_bytes", "_client", "_edge", "_first_byte", "_gate", "_idle_seconds", "_instance", "_is_chunked",
        "_is_inside", "_line", "_out", "body", "disconnected", "keep_alive", "plan", "response_complete", "response_started", "status",
    )  # fmt: skip
    more_body: ClassVar[bool] = False
    message_event: ClassVar[asyncio.Event] = asyncio.Event()
    """Nobody waits for it: what happens to the client is told by calls."""

    def __init__(
        self, edge: GatewayEdge, backend: NetworkBackend, client: GatewayHttp, plan: Plan, body: bytes, *,
        gate: Gate, instance: Instance, line: Line, answer_headers: Headers, keep_alive: bool, idle_seconds: float,
    ) -> None:  # fmt: skip
        self._edge = edge
        self._backend = backend
        self._client = client
        self.plan = plan
        self.body = body
        self._gate = gate
        self._instance = instance
        self._line = line
        self._answer_headers = answer_headers
        self._idle_seconds = idle_seconds
        self._is_inside = True
        self._is_chunked = False
        self._out: list[bytes] = []
        self._bytes = self.status = 0
        self._first_byte: float | None = None
        self.keep_alive = keep_alive
        self.disconnected = self.response_started = self.response_complete = False

    # what the line tells

    def begin(self, status: int, headers: Headers) -> None:
        self._first_byte = time.monotonic()
        self.response_started, self.status = True, status
        self._leave_gate()  # what is left is the network's work, not the service's
        kept = self._edge.marked(answered(headers, status), self._answer_headers, None, self.plan.request)
        has_length = False
        out = self._out
        out.append(STATUS_LINE[status])
        for name, value in self._client.server_state.default_headers:
            out += (name, b": ", value, b"\r\n")
        for name, value in kept:
            out += (name, b": ", value, b"\r\n")
            has_length = has_length or name == b"content-length"
        if not self.keep_alive:
            out.append(b"connection: close\r\n")
        self._is_chunked = not has_length and status not in BODILESS
        out.append(b"transfer-encoding: chunked\r\n\r\n" if self._is_chunked else b"\r\n")
        if is_event_stream(kept):
            self._client.on_drain = self._drain

    def piece(self, body: bytes) -> None:
        self._bytes += len(body)
        if self._is_chunked:
            self._out += (b"%x\r\n" % len(body), body, b"\r\n")
        else:
            self._out.append(body)

    def read_so_far(self) -> None:
        if self.response_started:
            self._client.ride_alarm.set(self._client.loop.time() + self._idle_seconds)
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
            log.warning("an answer broke off", service=self.plan.service)
            self._client.transport.close()
            return
        method = self.plan.method.decode()
        if not self._line.has_spoken and may_be_repeated(method, []):
            self._hand_over((), None)  # an idle connection that the service closed: no fault of its
            return
        self._backend.failed(self.plan.service, self._instance)
        is_again = may_be_repeated(method, self.plan.headers) and self._backend.may_try_again(self.plan.service, 1)
        self._hand_over((self._instance,), None if is_again else PeerUnavailable(peer=self.plan.service))

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
        self._backend.failed(self.plan.service, self._instance)  # an instance that never answers is not well
        self._hand_over((self._instance,), DeadlineExceeded())

    def as_scope(self) -> dict[str, Any]:
        plan = self.plan
        return {
            "method": plan.method.decode(),
            "path": plan.raw_path.decode(),
            "raw_path": plan.raw_path,
            "query_string": plan.query,
            "headers": plan.headers,
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
            self._gate.leave()

    def _come_back(self) -> None:
        self._leave_gate()
        self._backend.came_back(self.plan.service, self._instance, has_answered=self.response_started)

    def _hand_over(self, tried: tuple[Instance, ...], problem: Problem | None) -> None:
        self._come_back()
        plan = self.plan
        taken_over = TakenOver(plan.request, plan.began, plan.by, plan.source, plan.actor, self._answer_headers, tried, problem)
        self._client.take_over(self, taken_over)

    def _finish(self) -> None:
        self._come_back()
        self.response_complete = True
        plan, ended = self.plan, time.monotonic()
        told = Told(
            plan.method.decode(),
            plan.raw_path.decode(),
            plan.route,
            True,
            self.status or 499,
            ended - plan.began,
            plan.request,
            plan.source,
            plan.actor,
        )
        self._edge.finished(told, self._bytes, None if self._first_byte is None else self._first_byte - plan.began)

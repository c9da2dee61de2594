"""The short way: plain requests pass from connection to connection, without ASGI, tasks or a client library, at a fraction of the cost.

Plain is a request that needs no thought and no waiting: a known service, an ordinary path, its whole small body at hand, no token or one
verified before, a quota with room, a free slot, a healthy instance and an idle line to it. Everything else, and any doubt, takes the long
way (`gateway.edge`, `gateway.proxy`, `gateway.network`), which also answers whatever goes wrong here before an answer began.

There are no rules here: what is asked of them are the long way's own functions.
"""

from functools import lru_cache
import re
import time

from chassis.actor import Actor
from chassis.http import DEADLINE_HEADER
from chassis.tokens import TokenVerifier
from gateway.edge import GatewayEdge, answer_by, deadline_of, known_as
from gateway.headers import Headers, forwarded
from gateway.network import NetworkBackend
from gateway.proxy import Proxy, said_by_us
from gateway.rates import Rates
from gateway.ride import Plan, Ride
from gateway.settings import GatewaySettings
from gateway.terms import terms_of
from gateway.upload import READ_AHEAD
from gateway.wire import GatewayHttp

_METHODS = frozenset((b"GET", b"POST", b"PUT", b"PATCH", b"DELETE"))
_TARGET = re.compile(rb"/api/[!-~]+")
_DEADLINE = DEADLINE_HEADER.encode()
_NOT_PLAIN = frozenset(
    (b"dpop", b"expect", b"origin", b"signature", b"signature-input", b"te", b"trailer", b"transfer-encoding", b"upgrade")
)
_PLAIN_CONNECTIONS = frozenset((b"keep-alive", b"Keep-Alive", b"close"))


class Express:
    """Decides what is plain and sends it off. `taken` counts what went this way."""

    def __init__(
        self, edge: GatewayEdge, proxy: Proxy, backend: NetworkBackend, verifier: TokenVerifier, rates: Rates, settings: GatewaySettings
    ) -> None:
        self._edge = edge
        self._proxy = proxy
        self._backend = backend
        self._verifier = verifier
        self._rates = rates
        self._most_body = min(READ_AHEAD, settings.file_bytes)
        self._request_seconds = settings.request_seconds
        self._idle_seconds = settings.idle_seconds
        self.taken = 0

    def plan(self, client: GatewayHttp, method: bytes, url: bytes, headers: Headers) -> Plan | None:
        """What is to be done with an HTTP/1.1 request whose head is whole and well-formed; None where it is not plain. Counts nothing."""
        if method not in _METHODS or not _TARGET.fullmatch(url) or b"#" in url:
            return None
        raw_path, _, query = url.partition(b"?")
        service = self._proxy.plain_service_of(raw_path)
        said = _plainly(headers)
        if service is None or said is None:
            return None
        length = said.get(b"content-length")
        authorization = said.get(b"authorization")
        actor = None if authorization is None else self._bearer(authorization)
        if (length is not None and int(length) > self._most_body) or (actor is None and authorization is not None):
            return None
        claims = said.get(b"x-forwarded-for")
        source = self._proxy.source_of(client.client[0] if client.client else "unknown", () if claims is None else (claims,))
        request = known_as(_text(said.get(b"x-request-id")), _text(said.get(b"traceparent")), _text(said.get(b"accept-language")))
        now = client.loop.time()
        by = answer_by(now, self._request_seconds, deadline_of(_text(said.get(_DEADLINE)), now))
        route = self._proxy.route_of(service)
        return Plan(method, service, route, raw_path, query, headers, length is not None, request, actor, source, time.monotonic(), by)

    def depart(self, client: GatewayHttp, plan: Plan, body: bytes, *, keep_alive: bool) -> Ride | None:
        """Count the request and send it off; None, and nothing counted, where that would wait or refuse."""
        if client.flow.write_paused:
            return None
        found = self._backend.take_line(plan.service)
        if found is None:
            return None
        instance, lines, line = found
        gate = self._proxy.gate_of(plan.service)
        answer_headers = None
        if gate.enter_now():
            answer_headers = self._rates.admit_now(plan.actor, plan.source)
            if answer_headers is None:
                gate.leave()
        if answer_headers is None:
            lines.give_back(line)
            return None
        ride = Ride(
            self._edge, self._backend, client, plan, body, gate=gate, instance=instance, line=line, answer_headers=answer_headers,
            keep_alive=keep_alive, idle_seconds=self._idle_seconds,
        )  # fmt: skip
        self.taken += 1
        self._backend.set_out(plan.service, instance)
        client.ride_alarm.set(plan.by)
        line.ask(ride, _written(plan, lines.host, body, plan.by - client.loop.time()))
        return ride

    def _bearer(self, authorization: bytes) -> Actor | None:
        """Whose token it is, if it was verified before and needs no proof of possession."""
        if authorization[:7].lower() != b"bearer ":
            return None
        actor = self._verifier.recall(authorization[7:].decode("ascii").strip())
        return None if actor is None or terms_of(actor.raw_token).is_bound else actor


def _plainly(headers: Headers) -> dict[bytes, bytes] | None:
    """The headers by name; None where one comes twice, or asks for something that needs thought."""
    said = dict(headers)
    if len(said) != len(headers):
        return None
    for name, value in headers:
        if not _is_plain(name) or not value.isascii():
            return None
    connection = said.get(b"connection")
    if (connection is not None and connection not in _PLAIN_CONNECTIONS) or said.get(b"accept") == b"text/event-stream":
        return None
    return said


@lru_cache(maxsize=1024)
def _is_plain(name: bytes) -> bool:
    """Certificates come in headers of many names."""
    return name not in _NOT_PLAIN and b"cert" not in name


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("ascii")


def _written(plan: Plan, host: bytes, body: bytes, time_left: float) -> bytes:
    """The request as a service gets it, with the length of its body where the client said one or the method means one."""
    target = plan.raw_path + b"?" + plan.query if plan.query else plan.raw_path
    parts = [plan.method, b" ", target, b" HTTP/1.1\r\nhost: ", host]
    for name, value in forwarded(plan.headers, said_by_us(plan.request, plan.source, time_left)):
        parts += (b"\r\n", name, b": ", value)
    if plan.has_length or plan.method != b"GET":
        parts.append(b"\r\ncontent-length: %d" % len(body))
    parts += (b"\r\n\r\n", body)
    return b"".join(parts)

"""The short way: plain requests pass from connection to connection, without ASGI, tasks or a client library, at a fraction of the cost.

Plain is a request that needs no thought and no waiting: a known service, an ordinary path, its whole small body at hand, no token or one
verified before, a quota with room, a free slot, a healthy instance and an idle line to it. Everything else, and any doubt, takes the long
way (`gateway.edge`, `gateway.proxy`, `gateway.network`), which also answers whatever goes wrong here before an answer began.

There are no rules here: what is asked of them are the long way's own functions.
"""

from dataclasses import dataclass
from functools import lru_cache
import re
import time

from chassis.http import DEADLINE_HEADER
from chassis.tokens import TokenVerifier
from gateway.edge import GatewayEdge, answer_by, deadline_of, known_as
from gateway.headers import Headers, forwarded
from gateway.memo import Memo
from gateway.network import NetworkBackend
from gateway.proxy import Proxy
from gateway.rates import Rates
from gateway.ride import Ride, Road, Target
from gateway.settings import GatewaySettings
from gateway.terms import terms_of
from gateway.upload import READ_AHEAD
from gateway.wire import GatewayHttp

_METHODS = {b"GET": "GET", b"POST": "POST", b"PUT": "PUT", b"PATCH": "PATCH", b"DELETE": "DELETE"}
_MOST_TARGETS = 4_096
_LONGEST_REMEMBERED = 256
_TARGET = re.compile(rb"/api/[!-~]+")
_DEADLINE = DEADLINE_HEADER.encode()
_NOT_PLAIN = frozenset(
    (b"dpop", b"expect", b"origin", b"signature", b"signature-input", b"te", b"trailer", b"transfer-encoding", b"upgrade")
)
_PLAIN_CONNECTIONS = frozenset((b"keep-alive", b"Keep-Alive", b"close"))


@dataclass(slots=True)
class Head:
    """What the headers of a plain request say. A client says the same again on a connection: it is read once for each that differs."""

    headers: Headers
    passed: bytes
    """Those that pass, written."""
    has_length: bool
    token: str | None
    source: str
    names: tuple[str | None, str | None, str | None]
    """X-Request-Id, traceparent, Accept-Language."""
    limit: str | None


class Express:
    """Decides what is plain and sends it off. `taken` counts what went this way."""

    def __init__(
        self, edge: GatewayEdge, proxy: Proxy, backend: NetworkBackend, verifier: TokenVerifier, rates: Rates, settings: GatewaySettings
    ) -> None:
        self._proxy = proxy
        self._backend = backend
        self._verifier = verifier
        self._rates = rates
        self._most_body = min(READ_AHEAD, settings.file_bytes)
        self._request_seconds = settings.request_seconds
        self._road = Road(edge, backend, settings.idle_seconds)
        self._targets: Memo[Target] = Memo(_MOST_TARGETS)
        self.taken = 0

    def plan(self, client: GatewayHttp, method: bytes, url: bytes, headers: Headers) -> Ride | None:
        """What is to be done with an HTTP/1.1 request whose head is whole and well-formed; None where it is not plain. Counts nothing."""
        called = _METHODS.get(method)
        target = self._targets.get(url) or self._target(url)
        head = client.head_read or self._read(client, headers)
        if called is None or target is None or head is None:
            return None
        actor = None
        if head.token is not None:
            actor = self._verifier.recall(head.token)
            if actor is None or terms_of(head.token).is_bound:
                return None
        client.head_read = head
        now = client.loop.time()
        by = answer_by(now, self._request_seconds, None if head.limit is None else deadline_of(head.limit, now))
        return Ride(self._road, client, called, target, head.headers, known_as(*head.names), head.source, actor, time.monotonic(), by)

    def depart(self, client: GatewayHttp, ride: Ride, body: bytes, *, keep_alive: bool) -> bool:
        """Count the request and send it off; False, and nothing counted, where that would wait or refuse."""
        found = None if client.flow.write_paused else self._backend.take_line(ride.service)
        if found is None:
            return False
        instance, lines, line = found
        answer_headers = None
        if ride.gate.enter_now():
            answer_headers = self._rates.admit_now(ride.actor, ride.source)
            if answer_headers is None:
                ride.gate.leave()
        if answer_headers is None:
            lines.give_back(line)
            return False
        self.taken += 1
        head = client.head_read
        assert isinstance(head, Head)
        ride.depart(
            line,
            instance,
            ride.written(lines.host, head.passed, body, has_length=head.has_length),
            body,
            answer_headers,
            keep_alive=keep_alive,
        )
        return True

    def _target(self, url: bytes) -> Target | None:
        """None where a path has escapes, or anything that needs thought."""
        if not _TARGET.fullmatch(url) or b"#" in url:
            return None
        raw_path, _, query = url.partition(b"?")
        service = self._proxy.plain_service_of(raw_path)
        if service is None:
            return None
        written = raw_path + b"?" + query if query else raw_path
        target = Target(service, self._proxy.route_of(service), raw_path.decode(), query, written, self._proxy.gate_of(service))
        if len(url) <= _LONGEST_REMEMBERED:
            self._targets[url] = target
        return target

    def _read(self, client: GatewayHttp, headers: Headers) -> Head | None:
        said = _plainly(headers)
        if said is None:
            return None
        length = said.get(b"content-length")
        authorization = said.get(b"authorization")
        if (length is not None and int(length) > self._most_body) or (
            authorization is not None and authorization[:7].lower() != b"bearer "
        ):
            return None
        token = None if authorization is None else authorization[7:].decode("ascii").strip()
        claims = said.get(b"x-forwarded-for")
        source = self._proxy.source_of(client.client[0] if client.client else "unknown", () if claims is None else (claims,))
        names = (_text(said.get(b"x-request-id")), _text(said.get(b"traceparent")), _text(said.get(b"accept-language")))
        passed = b"".join([b"%b: %b\r\n" % pair for pair in forwarded(headers, {})])
        return Head(headers, passed, length is not None, token, source, names, _text(said.get(_DEADLINE)))


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

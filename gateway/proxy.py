"""What the gateway does with a request to a service: check path and token, count it, clean the headers, pass it on."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from chassis import context
from chassis.actor import Actor
from chassis.http import DEADLINE_HEADER
from chassis.problems import Unauthenticated
from chassis.tokens import TokenVerifier
from gateway.backends import Backend, Call
from gateway.gates import Gate
from gateway.headers import Headers, forwarded
from gateway.paths import NoSuchService, StrangePath, is_strange
from gateway.rates import Rates
from gateway.source import Networks, source_of
from gateway.taken_over import TakenOver
from gateway.trust import Trust, checked, vouched
from gateway.upload import ClientLeft, Upload

_CLIENTS_PROVE_THEMSELVES_AT = frozenset(b"/api/identity/v1/" + name for name in (b"token", b"par", b"introspect", b"revoke"))
_DEADLINE = DEADLINE_HEADER.encode()
_DISCOVERY = b"/api/identity/v1/openid-configuration"


@dataclass(frozen=True, slots=True)
class _Passed:
    """What metrics and logs call a request that is passed on."""

    path: str


class Proxy:
    """An ASGI app for `/api/<service>/v1/...`, HTTP and WebSocket. `slots` is how many requests one instance is given at once."""

    def __init__(
        self, backend: Backend, verifier: TokenVerifier, trust: Trust, rates: Rates, *,
        services: Collection[str], trusted: Networks, slots: int,
    ) -> None:  # fmt: skip
        self._backend = backend
        self._verifier = verifier
        self._trust = trust
        self._rates = rates
        self._services = frozenset(services)
        self._trusted = trusted
        every = {service: slots * backend.slots(service) for service in self._services}
        self._gates = {service: Gate(service, count) for service, count in every.items()}
        self._upload_gates = {service: Gate(service, max(1, count // 2)) for service, count in every.items()}
        self._passed = {service: _Passed(f"/api/{service}/v1") for service in self._services}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises NoSuchService, StrangePath, Unauthenticated and its kinds, RateLimited, Overloaded, PeerUnavailable."""
        raw_path: bytes = scope["raw_path"].partition(b"?")[0]
        service = self.service_of(raw_path)
        scope["route"] = self._passed[service]
        source = self._source(scope)
        taken_over: TakenOver | None = scope["state"].get("taken_over")
        if taken_over is None:
            await self._admit(scope, raw_path, source)
        else:
            scope["state"]["actor"] = taken_over.actor
            scope["state"]["answer_headers"] = taken_over.answer_headers
            if taken_over.problem is not None:
                raise taken_over.problem
        if scope["type"] == "websocket":
            call = Call(service, "GET", raw_path, scope["query_string"], self._headers(scope, source), source)
            await self._backend.connect(call, scope, receive, send)
            return
        await self._pass_on(service, raw_path, source, scope, receive, send)

    def service_of(self, raw_path: bytes) -> str:
        """The service that a path leads to. Raises StrangePath, NoSuchService."""
        if is_strange(raw_path):
            raise StrangePath()
        service = raw_path.split(b"/", 3)[2].decode("ascii")
        if service not in self._services:
            raise NoSuchService(service=service[:40])
        return service

    def plain_service_of(self, raw_path: bytes) -> str | None:
        """As `service_of`, for a path without escapes that leads to a service; otherwise None."""
        parts = raw_path.split(b"/", 4)
        if len(parts) != 5 or parts[3] != b"v1" or b"%" in raw_path or is_strange(raw_path):
            return None
        service = parts[2].decode("ascii")
        return service if service in self._services else None

    def route_of(self, service: str) -> str:
        """What metrics call requests to it."""
        return self._passed[service].path

    def gate_of(self, service: str) -> Gate:
        """For requests whose body is at hand."""
        return self._gates[service]

    def source_of(self, peer: str, claims: Sequence[bytes]) -> str:
        """Where a request comes from; `claims` are its X-Forwarded-For."""
        return source_of(peer, claims, self._trusted)

    async def discovery(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The OpenID Connect discovery document, which lives in identity. Raises PeerUnavailable."""
        inner = {**scope, "path": _DISCOVERY.decode(), "query_string": b""}
        await self._pass_on("identity", _DISCOVERY, self._source(scope), inner, receive, send)

    async def _pass_on(self, service: str, raw_path: bytes, source: str, scope: Scope, receive: Receive, send: Send) -> None:
        upload = Upload(
            checked(scope, receive), is_empty=not any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])
        )
        try:
            await upload.read_ahead()
        except ClientLeft:
            return
        gate = (self._gates if upload.is_whole else self._upload_gates)[service]
        await gate.enter()
        is_inside = True

        async def send_and_leave(message: Message) -> None:
            nonlocal is_inside
            if is_inside:  # what is left is the network's work, not the service's
                is_inside = False
                gate.leave()
            await send(message)

        try:
            call = Call(service, scope["method"], raw_path, scope["query_string"], self._headers(scope, source), source)
            await self._backend.forward(call, scope, upload, send_and_leave)
        finally:
            if is_inside:
                gate.leave()

    def _source(self, scope: Scope) -> str:
        client: Any = scope.get("client")
        claims = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        source = scope["state"]["source"] = self.source_of(client[0] if client else "unknown", claims)
        return source

    async def _admit(self, scope: Scope, raw_path: bytes, source: str) -> None:
        """Check the token where there is one, and count the request; one with a bad token counts for its source."""
        try:
            actor = await self._actor(scope, raw_path)
        except Unauthenticated:
            scope["state"]["answer_headers"] = await self._rates.admit(None, source)
            raise
        scope["state"]["actor"] = actor
        scope["state"]["answer_headers"] = await self._rates.admit(actor, source)

    async def _actor(self, scope: Scope, raw_path: bytes) -> Actor | None:
        values = [value for name, value in scope["headers"] if name == b"authorization"]
        if not values:
            if raw_path in _CLIENTS_PROVE_THEMSELVES_AT:
                await self._trust.introduce(scope)
            return None
        scheme, _, token = values[0].decode("latin-1").partition(" ")
        if len(values) > 1:
            raise Unauthenticated(error="invalid_request")
        if scheme.lower() == "basic" and raw_path in _CLIENTS_PROVE_THEMSELVES_AT:
            await self._trust.introduce(scope)
            return None
        if scheme.lower() not in ("bearer", "dpop") or not token.strip():
            raise Unauthenticated(error="invalid_request")
        actor = await self._verifier.verify(token.strip())
        await self._trust.hold(actor, scope, raw_path)
        return actor

    def _headers(self, scope: Scope, source: str) -> Headers:
        request = context.current()
        assert request is not None
        left = scope["state"]["time_left"]() if "time_left" in scope["state"] else None
        return forwarded(scope["headers"], said_by_us(request, source, left) | vouched(scope))


def said_by_us(request: context.RequestContext, source: str, time_left: float | None) -> dict[bytes, bytes]:
    """What a service is told by the gateway alone. `time_left` is in seconds."""
    ours = {
        b"x-request-id": request.request_id.encode(),
        b"traceparent": request.traceparent.encode(),
        b"x-forwarded-for": source.encode(),
    }
    if time_left is not None:
        ours[_DEADLINE] = b"%d" % (time_left * 1000)
    return ours


class Discovery:
    """The page at the place where OpenID Connect clients look, as an ASGI app."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._proxy.discovery(scope, receive, send)

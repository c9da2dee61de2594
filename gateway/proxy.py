"""What the gateway does with a request to a service: check path and token, count it, clean the headers, pass it on."""

from collections.abc import Collection
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
from gateway.headers import forwarded
from gateway.paths import NoSuchService, StrangePath, is_strange
from gateway.rates import Rates
from gateway.source import Networks, source_of
from gateway.trust import Trust, checked, vouched
from gateway.upload import ClientLeft, Upload

_CLIENTS_PROVE_THEMSELVES_AT = frozenset(b"/api/identity/v1/" + name for name in (b"token", b"par", b"introspect", b"revoke"))
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
        if is_strange(raw_path):
            raise StrangePath()
        service = raw_path.split(b"/", 3)[2].decode("ascii")
        if service not in self._services:
            raise NoSuchService(service=service[:40])
        scope["route"] = self._passed[service]
        source = self._source(scope)
        await self._admit(scope, raw_path, source)
        if scope["type"] == "websocket":
            call = Call(service, "GET", raw_path, scope["query_string"], self._headers(scope, source), source)
            await self._backend.connect(call, scope, receive, send)
            return
        await self._pass_on(service, raw_path, source, scope, receive, send)

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
        source = scope["state"]["source"] = source_of(client[0] if client else "unknown", claims, self._trusted)
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

    def _headers(self, scope: Scope, source: str) -> list[tuple[bytes, bytes]]:
        request = context.current()
        assert request is not None
        ours = {
            b"x-request-id": request.request_id.encode(),
            b"traceparent": request.traceparent.encode(),
            b"x-forwarded-for": source.encode(),
        }
        if "time_left" in scope["state"]:
            ours[DEADLINE_HEADER.encode()] = str(int(scope["state"]["time_left"]() * 1000)).encode()
        return forwarded(scope["headers"], ours | vouched(scope))


class Discovery:
    """The page at the place where OpenID Connect clients look, as an ASGI app."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._proxy.discovery(scope, receive, send)

"""How the gateway reaches a service: its app in this process, or over the network (`gateway.network`), streaming both ways.

The path is forwarded as it came (`raw_path`), never decoded and encoded again: an escaped CR or LF stays escaped.
When the client goes away, so does the call on its behalf. A backend that speaks HTTP itself would be one more of these.
"""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.http import PeerUnavailable
from gateway.headers import Headers, answered
from gateway.upload import Upload

READY_SECONDS = 1.5
_PASSED_ON = ("type", "asgi", "http_version", "scheme", "server")


@dataclass(frozen=True, slots=True)
class Call:
    """One request on its way to a service. `headers` are those to forward, already cleaned; `source` the client's address."""

    service: str
    method: str
    raw_path: bytes
    query: bytes
    headers: Headers
    source: str


class Backend(Protocol):
    """Passes requests on."""

    def slots(self, service: str) -> int:
        """How many instances there are to share the work."""
        ...

    async def forward(self, call: Call, scope: Scope, upload: Upload, send: Send) -> None:
        """Raises PeerUnavailable when the service is not there."""
        ...

    async def connect(self, call: Call, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a WebSocket on, both ways, from its handshake. Raises PeerUnavailable before it is accepted."""
        ...

    async def check(self, service: str) -> bool:
        """Whether some instance says that it is ready."""
        ...

    async def close(self) -> None: ...


class InProcessBackend:
    """The service's app is in this process."""

    def __init__(self, apps: Callable[[str], ASGIApp | None]) -> None:
        self._apps = apps

    def slots(self, service: str) -> int:
        return 1

    async def forward(self, call: Call, scope: Scope, upload: Upload, send: Send) -> None:
        headers = call.headers
        if upload.has_body:
            headers = [*headers, *((name, value) for name, value in scope["headers"] if name == b"content-length")]

        async def send_cleaned(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": answered(list(message.get("headers", ())), message["status"])}
            await send(message)

        await self._app(call)(_inner(call, scope, headers), upload.receive, send_cleaned)

    async def connect(self, call: Call, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(call)({**_inner(call, scope, call.headers), "subprotocols": scope["subprotocols"]}, receive, send)

    async def check(self, service: str) -> bool:
        app = self._apps(service)
        if app is None:
            return False
        try:
            async with asyncio.timeout(READY_SECONDS):
                return (await asyncio.create_task(_ask(app, "/readyz"))) == 200
        except Exception:
            return False

    async def close(self) -> None:
        """Nothing is open."""

    def _app(self, call: Call) -> ASGIApp:
        app = self._apps(call.service)
        if app is None:
            raise PeerUnavailable(peer=call.service)
        return app


def _inner(call: Call, scope: Scope, headers: Headers) -> dict[str, Any]:
    """What the service sees: nothing of the gateway's own state, and the client where the gateway would be."""
    kept = {key: scope[key] for key in _PASSED_ON}
    return kept | {
        "method": call.method,
        "path": scope["path"],
        "raw_path": call.raw_path,
        "query_string": call.query,
        "client": (call.source, 0),
        "headers": headers,
        "root_path": "",
        "state": {},
    }


async def _ask(app: ASGIApp, path: str) -> int:
    """The status of an app's answer to a GET of the gateway's own."""
    status = 503
    is_asked = False

    async def receive() -> Message:
        nonlocal is_asked
        if is_asked:
            await asyncio.Event().wait()  # who asks here does not leave
        is_asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)

    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "headers": [(b"host", b"in-process")],
        "client": ("127.0.0.1", 0), "server": ("in-process", 80), "state": {},
    }  # fmt: skip
    await app(scope, receive, send)
    return status


class ReadyWatch:
    """Asks every service's /readyz again and again, so that nobody's request has to."""

    def __init__(self, backend: Backend, services: Collection[str], seconds: float) -> None:
        self._backend = backend
        self._seconds = seconds
        self.states: dict[str, bool | None] = dict.fromkeys(sorted(services))
        """None: not asked yet."""

    @property
    def is_starting(self) -> bool:
        return bool(self._seconds) and None in self.states.values()

    async def run(self) -> None:
        """Until it is cancelled; not at all when `seconds` is 0."""
        if not self._seconds:
            return
        await asyncio.gather(*(self._watch(service) for service in self.states))

    async def _watch(self, service: str) -> None:
        while True:
            self.states[service] = await self._backend.check(service)
            await asyncio.sleep(self._seconds)

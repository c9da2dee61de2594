"""How the gateway reaches a service: its app in this process, or over the network, streaming both ways.

The path is forwarded as it came (`raw_path`), never decoded and encoded again: an escaped CR or LF stays escaped.
When the client goes away, so does the call on its behalf.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Protocol

import aiohttp
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from yarl import URL

from chassis.http import PeerUnavailable
from chassis.problems import Problem

HOP_BY_HOP = frozenset(
    (
        b"connection",
        b"expect",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    )
)
_BODILESS = frozenset((204, 304))
_OWN_ANSWER_HEADERS = frozenset((b"date", b"server"))


class Backend(Protocol):
    """Passes one request on. `headers` are those to forward, already cleaned."""

    async def forward(self, service: str, scope: Scope, headers: list[tuple[bytes, bytes]], receive: Receive, send: Send) -> None:
        """Raises PeerUnavailable when the service is not there."""
        ...

    async def close(self) -> None: ...


class InProcessBackend:
    """The service's app is in this process."""

    def __init__(self, apps: Callable[[str], ASGIApp | None]) -> None:
        self._apps = apps

    async def forward(self, service: str, scope: Scope, headers: list[tuple[bytes, bytes]], receive: Receive, send: Send) -> None:
        app = self._apps(service)
        if app is None:
            raise PeerUnavailable(peer=service)
        inner = {
            key: scope[key]
            for key in ("type", "asgi", "http_version", "method", "scheme", "path", "raw_path", "query_string", "client", "server")
        }
        await app({**inner, "headers": headers, "root_path": "", "state": {}}, receive, send)

    async def close(self) -> None:
        """Nothing is open."""


class NetworkBackend:
    """The service is at a base URL."""

    def __init__(self, peers: Mapping[str, str], *, connections: int) -> None:
        self._peers = peers
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=4),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=2.0),
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            )
        return self._session

    async def forward(self, service: str, scope: Scope, headers: list[tuple[bytes, bytes]], receive: Receive, send: Send) -> None:
        base = self._peers.get(service)
        if base is None:
            raise PeerUnavailable(peer=service)
        target = base + scope["raw_path"].decode("ascii")
        if scope["query_string"]:
            target += "?" + scope["query_string"].decode("ascii")
        has_body = any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])
        sent = [(n.decode("latin-1"), v.decode("utf-8", "replace")) for n, v in headers if n != b"content-length"]
        sent += [("content-length", v.decode("latin-1")) for n, v in scope["headers"] if n == b"content-length"]
        body = _Body(receive, is_empty=not has_body)
        try:
            async with asyncio.timeout(None) as while_wanted:
                leaving = asyncio.create_task(body.end_when_client_leaves(while_wanted))
                try:
                    async with self._open().request(
                        scope["method"],
                        URL(target, encoded=True),
                        headers=sent,
                        data=body.chunks() if has_body else None,
                        allow_redirects=False,
                    ) as response:
                        await _answer(response, send)
                        leaving.cancel()  # once answered, the client may go
                finally:
                    leaving.cancel()
        except (aiohttp.ClientError, OSError, Problem) as error:
            if not body.is_abandoned:
                raise body.problem or PeerUnavailable(peer=service) from error

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


class _Body:
    """The client's body on its way, and whether the client is still there. What stops the body is kept: aiohttp tells only that sending failed."""

    def __init__(self, receive: Receive, *, is_empty: bool) -> None:
        self._receive = receive
        self._read = asyncio.Event()
        self.problem: Problem | None = None
        self.is_abandoned = False
        if is_empty:
            self._read.set()

    async def chunks(self) -> AsyncIterator[bytes]:
        while True:
            try:
                message: Message = await self._receive()
            except Problem as problem:
                self.problem = problem
                raise
            if message["type"] == "http.disconnect":
                self.is_abandoned = True
                raise ConnectionResetError("the client went away")
            if message.get("body"):
                yield message["body"]
            if not message.get("more_body"):
                self._read.set()
                return

    async def end_when_client_leaves(self, while_wanted: asyncio.Timeout) -> None:
        """Once the body is read, the next thing to receive is that the client left: nobody would read the answer."""
        await self._read.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.is_abandoned = True
        while_wanted.reschedule(0)


async def _answer(response: aiohttp.ClientResponse, send: Send) -> None:
    received = [(name.lower(), value) for name, value in response.raw_headers]
    dropped = HOP_BY_HOP | _OWN_ANSWER_HEADERS | _named_by_connection(received)
    if response.status in _BODILESS:
        dropped |= {b"content-length"}  # of a body that does not come: the server would wait for it
    headers = [(name, value) for name, value in received if name not in dropped]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    async for chunk in response.content.iter_any():
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def forwarded_headers(scope: Scope, extra: Mapping[bytes, bytes], drop: frozenset[bytes]) -> list[tuple[bytes, bytes]]:
    """The client's headers without hop-by-hop ones, ones the connection names, and ones only the gateway may set."""
    named = _named_by_connection(scope["headers"])
    kept = [
        (name, value)
        for name, value in scope["headers"]
        if name not in HOP_BY_HOP and name not in named and name not in drop and name not in extra and name != b"host"
    ]
    return [*kept, *extra.items()]


def _named_by_connection(headers: Iterable[tuple[bytes, bytes]]) -> set[bytes]:
    """The headers that end at this connection because `Connection` says so (RFC 9110, 7.6.1)."""
    return {part.strip().lower() for name, value in headers if name == b"connection" for part in value.split(b",")}

"""Two ways to reach a peer: the network (aiohttp, one bounded keep-alive pool) and, in one process, its ASGI app itself."""

import asyncio
from collections.abc import Callable, MutableMapping
from typing import Any
from urllib.parse import unquote

import aiohttp
from starlette.types import ASGIApp
from yarl import URL

from chassis.http import Answer, Request, TransportFailed


class NetworkTransport:
    """Over TCP. `limit` connections in all, `limit_per_host` to one peer."""

    def __init__(self, *, limit: int = 200, limit_per_host: int = 64) -> None:
        self._limit = limit
        self._limit_per_host = limit_per_host
        self._session: aiohttp.ClientSession | None = None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(limit=self._limit, limit_per_host=self._limit_per_host, keepalive_timeout=15)
            self._session = aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar(), skip_auto_headers=("Accept-Encoding",)
            )
        return self._session

    async def send(self, peer: str, request: Request) -> Answer:
        timeout = aiohttp.ClientTimeout(total=request.timeout, sock_connect=min(request.timeout, 2.0))
        try:
            async with self._open().request(
                request.method,
                URL(request.base_url + request.path),
                data=request.body or None,
                headers=dict(request.headers),
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                body = await response.read()
                return Answer(response.status, {k.lower(): v for k, v in response.headers.items()}, body)
        except aiohttp.ClientConnectorError as error:
            raise TransportFailed(str(error), is_sent=False) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise TransportFailed(type(error).__name__, is_sent=True) from error

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


class InProcessTransport:
    """Straight into the peer's app. `apps` answers the ASGI app of a peer, or None where it does not run here.

    A peer that is not in this process goes to `elsewhere`.
    """

    def __init__(self, apps: Callable[[str], ASGIApp | None], elsewhere: NetworkTransport | None = None) -> None:
        self._apps = apps
        self._elsewhere = elsewhere or NetworkTransport()

    async def send(self, peer: str, request: Request) -> Answer:
        app = self._apps(peer)
        if app is None:
            return await self._elsewhere.send(peer, request)
        try:
            async with asyncio.timeout(request.timeout):
                return await asyncio.create_task(_call_app(app, request))
        except TimeoutError as error:
            raise TransportFailed("timeout", is_sent=True) from error

    async def close(self) -> None:
        await self._elsewhere.close()


async def _call_app(app: ASGIApp, request: Request) -> Answer:
    """Runs in a task of its own, so that the peer's request context does not replace the caller's."""
    url = URL("http://in-process" + request.path)
    scope: MutableMapping[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": unquote(url.raw_path),
        "raw_path": url.raw_path.encode("ascii"),
        "query_string": url.raw_query_string.encode("ascii"),
        "root_path": "",
        "headers": [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in request.headers.items()]
        + [(b"host", b"in-process"), (b"content-length", str(len(request.body)).encode())],
        "client": ("127.0.0.1", 0),
        "server": ("in-process", 80),
        "state": {},
    }
    is_read = False
    status, headers, chunks = 500, {}, []

    async def receive() -> MutableMapping[str, Any]:
        nonlocal is_read
        if is_read:
            await asyncio.Event().wait()
        is_read = True
        return {"type": "http.request", "body": request.body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status = message["status"]
            headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in message.get("headers", [])}
        elif message["type"] == "http.response.body":
            chunks.append(message.get("body", b""))

    await app(scope, receive, send)
    return Answer(status, headers, b"".join(chunks))

"""Serves an app over HTTP with uvicorn: uvloop, httptools, several processes on one port where wanted, clean shutdown."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import os
import socket
from typing import Any

from starlette.types import ASGIApp
import uvicorn

DRAIN_SECONDS = 10


class PortTaken(Exception):
    """Something else listens there."""

    def __init__(self, port: int) -> None:
        super().__init__(f"port {port} is taken; choose another with TONGBAN_PORT or stop what listens there")
        self.port = port


class _QuietServer(uvicorn.Server):
    """uvicorn without its signal handlers: the host decides when to stop."""

    def install_signal_handlers(self) -> None:
        """Left to the host."""

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        await self._serve(sockets)


def listen(port: int, host: str = "127.0.0.1") -> socket.socket:
    """A listening socket that several processes may share. Raises PortTaken."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if os.environ.get("TONGBAN_SHARED_PORT"):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        sock.bind((host, port))
        sock.listen(2048)
    except OSError as error:
        sock.close()
        raise PortTaken(port) from error
    sock.set_inheritable(False)
    sock.setblocking(False)
    return sock


@asynccontextmanager
async def serving(
    app: ASGIApp | Any, port: int, *, lifespan: bool = True, host: str = "127.0.0.1", protocol: type[asyncio.Protocol] | None = None
) -> AsyncIterator[None]:
    """Serve while the block runs; on leaving, finish the requests in hand. Raises PortTaken, or what the app's start raised.

    `protocol` speaks HTTP with clients; by default uvicorn's.
    """
    config = uvicorn.Config(
        app, http=protocol or "httptools", ws="websockets-sansio", ws_max_size=1_048_576, loop="uvloop", lifespan="on" if lifespan else "off", access_log=False, log_config=None,
        server_header=False, date_header=True, timeout_graceful_shutdown=DRAIN_SECONDS, timeout_keep_alive=15, proxy_headers=False,
        h11_max_incomplete_event_size=65536, backlog=2048,
    )  # fmt: skip
    server = _QuietServer(config)
    sock = listen(port, host)
    task = asyncio.create_task(server.serve([sock]), name=f"http-{port}")
    while not server.started:
        if task.done():
            await task
            raise RuntimeError(f"the app for port {port} did not start; its log says why")
        await asyncio.sleep(0.005)
    try:
        yield
    finally:
        server.should_exit = True
        await task
        sock.close()

"""Department systems that listen for sign-offs, on real ports: they can be slow to come up, refuse, or answer strangely."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import socket
from urllib.parse import parse_qs

from starlette.types import Receive, Scope, Send
import uvicorn


@dataclass(slots=True)
class RelyingParty:
    """`heard` are the logout tokens received, also those answered with a failure."""

    port: int
    status: int = 200
    heard: list[str] = field(default_factory=list)

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.port}/back-channel"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert (scope["method"], scope["path"]) == ("POST", "/back-channel")
        assert dict(scope["headers"])[b"content-type"] == b"application/x-www-form-urlencoded"
        body = (await receive())["body"]
        self.heard += parse_qs(body.decode())["logout_token"]
        headers = [(b"content-length", b"0"), (b"location", b"http://127.0.0.1:9/")]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


@asynccontextmanager
async def up(party: RelyingParty) -> AsyncIterator[None]:
    """While it is up."""
    with socket.create_server(("127.0.0.1", party.port)) as listening:
        server = uvicorn.Server(uvicorn.Config(party, lifespan="off", log_config=None, ws="none"))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield
        finally:
            server.should_exit = True
            await serving

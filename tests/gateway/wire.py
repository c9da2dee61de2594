"""HTTP/1.1 by hand, for what a well-behaved client library would not send, and servers that misbehave on the wire."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import h11
import orjson


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def values(self, name: str) -> list[str]:
        return [value for known, value in self.headers if known == name]

    def json(self) -> Any:
        return orjson.loads(self.body)


class Line:
    """One connection. What is sent is sent as it stands; what comes back is held to HTTP by h11."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer
        self._unread = b""

    async def send(self, raw: bytes) -> None:
        self.writer.write(raw)
        await self.writer.drain()

    async def ask(self, raw: bytes, *, method: str = "GET") -> Reply:
        """Send a request and read its answer. `method` is what the answer's framing depends on."""
        await self.send(raw)
        return await self.reply(method=method)

    async def reply(self, *, method: str = "GET") -> Reply:
        """The next answer. Raises h11.RemoteProtocolError when the connection breaks off before its end."""
        head: h11.Response | None = None
        body = b""
        async for event in self.events(method=method):
            if isinstance(event, h11.Response):
                head = event
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
        assert head is not None
        return Reply(head.status_code, [(n.decode("latin-1"), v.decode("latin-1")) for n, v in head.headers], body)

    async def events(self, *, method: str = "GET") -> AsyncIterator[h11.Event]:
        """What comes back, as it comes, to the end of one answer."""
        client = h11.Connection(h11.CLIENT)
        client.send(h11.Request(method=method, target="/", headers=[("host", "told-only-to-h11")]))
        client.send(h11.EndOfMessage())
        if self._unread:
            client.receive_data(self._unread)
        while True:
            event = client.next_event()
            if event is h11.NEED_DATA:
                client.receive_data(await self._reader.read(65_536))
                continue
            assert not isinstance(event, type)
            if isinstance(event, h11.EndOfMessage):
                self._unread = bytes(client.trailing_data[0])
            yield event
            if isinstance(event, h11.EndOfMessage):
                return

    async def is_closed(self) -> bool:
        """Whether the other side closed it, having nothing more to say."""
        return await self._reader.read(1) == b""


@asynccontextmanager
async def line_to(port: int, *, source: str = "127.0.0.1") -> AsyncIterator[Line]:
    """A connection from a loopback address."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
    try:
        yield Line(reader, writer)
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


Conversation = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def raw_server(talk: Conversation) -> AsyncIterator[int]:
    """A server that talks as told on every connection, then closes it; yields its port."""
    talks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await talk(reader, writer)
        finally:
            talks.discard(task)
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)

"""The client's body on its way: what is small is read before a service is asked, so that a slow client holds none, and can be sent again."""

import asyncio
from collections.abc import AsyncIterator

from starlette.types import Message, Receive

from chassis.problems import Problem

READ_AHEAD = 65_536


class ClientLeft(ConnectionResetError):
    """The client went away; nobody would read an answer."""


class Upload:
    """One request's body. What stops it is kept in `problem`: client libraries tell only that sending failed."""

    def __init__(self, receive: Receive, *, is_empty: bool) -> None:
        self._receive = receive
        self._ahead: list[bytes] = []
        self._is_read = asyncio.Event()
        self._is_passed_on = self._is_end_told = False
        self.has_body = not is_empty
        self.is_whole = is_empty
        self.problem: Problem | None = None
        self.is_abandoned = False
        if is_empty:
            self._is_read.set()

    @property
    def body(self) -> bytes:
        """All of it, where `is_whole`."""
        return b"".join(self._ahead)

    @property
    def can_be_repeated(self) -> bool:
        """Whether everything that was sent on is still here."""
        return self.is_whole or not self._is_passed_on

    async def read_ahead(self) -> None:
        """Until the end, or `READ_AHEAD` bytes. Raises ClientLeft, and what receiving raises."""
        size = 0
        while not self.is_whole and size < READ_AHEAD:
            message = await self._next()
            size += len(message.get("body", b""))
            if message.get("body"):
                self._ahead.append(message["body"])

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body from its beginning. Raises ClientLeft, and what receiving raises, which is kept in `problem`."""
        for part in self._ahead:
            yield part
        self._is_passed_on = True
        while not self.is_whole:
            part = (await self._next()).get("body", b"")
            if part:
                yield part

    async def receive(self) -> Message:
        """As an ASGI app reads it: the body from its beginning, then that the client left."""
        if self._ahead or (self.has_body and self.is_whole and not self._is_end_told):
            part = self._ahead.pop(0) if self._ahead else b""
            self._is_end_told = self.is_whole and not self._ahead
            return {"type": "http.request", "body": part, "more_body": not self._is_end_told}
        return await self._receive()

    async def client_leaves(self) -> None:
        """Returns when the client has gone, after its body was read."""
        await self._is_read.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.is_abandoned = True

    async def _next(self) -> Message:
        try:
            message = await self._receive()
        except Problem as problem:
            self.problem = problem
            raise
        if message["type"] == "http.disconnect":
            self.is_abandoned = True
            raise ClientLeft
        if not message.get("more_body"):
            self.is_whole = True
            self._is_read.set()
        return message

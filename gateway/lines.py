"""Connections to an instance, kept open for the short way (`gateway.express`): HTTP/1.1 on llhttp, one request at a time on each.

What an instance says is held to HTTP strictly: what could be read in two ways, and anything said that was not asked for, ends the
connection. It is used again only after a whole answer that says nothing against it, and nothing after it.
"""

import asyncio
from typing import Protocol
from urllib.parse import urlsplit

import httptools

from gateway.answer_heads import Names, names_of
from gateway.headers import BODILESS
from gateway.instances import Instance

CONNECT_SECONDS = 2.0
IDLE_SECONDS = 4.0
"""Shorter than servers keep idle connections, so that few requests meet one that is being closed."""
_MOST_OPENING = 8
_PAUSE_AFTER_FAILURE = 1.0
_VERSIONS = frozenset(("1.0", "1.1"))


class Nonsense(Exception):
    """What an instance said is no answer to what it was asked."""


class Asker(Protocol):
    """Who asked on a line. After `answered_whole` or `broken_off` nothing more is said to it."""

    def begin(self, status: int, names: Names, values: list[bytes]) -> None:
        """The answer's head."""
        ...

    def piece(self, body: bytes) -> None: ...

    def read_so_far(self) -> None:
        """Everything read at once has been told."""
        ...

    def answered_whole(self) -> None: ...

    def broken_off(self) -> None:
        """There is no more of the answer, or none."""
        ...


class Line(asyncio.Protocol):
    """One connection."""

    def __init__(self, lines: "Lines") -> None:
        self._lines = lines
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._asker: Asker | None = None
        self._names: list[bytes] = []
        self._values: list[bytes] = []
        self._is_final = self._is_whole = self._ends_with_connection = self._may_go_on = False
        self.idle_since = 0.0
        self.has_spoken = False
        """Whether any of the answer to what was asked last has come."""

    @property
    def is_usable(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def ask(self, asker: Asker, raw: bytes) -> None:
        """Send a whole request."""
        assert self._transport is not None
        self._asker = asker
        self._is_whole = self.has_spoken = False
        self._transport.write(raw)

    def drop(self) -> None:
        """Close it at once; the asker is told nothing more."""
        self._asker = None
        self._lines.forget(self)
        if self._transport is not None:
            self._transport.abort()

    def pause(self) -> None:
        if self._transport is not None:
            self._transport.pause_reading()

    def resume(self) -> None:
        if self._transport is not None:
            self._transport.resume_reading()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._lines.forget(self)
        asker, self._asker = self._asker, None
        if asker is None:
            return
        if self._ends_with_connection and exc is None:
            asker.answered_whole()
        else:
            asker.broken_off()

    def data_received(self, data: bytes) -> None:
        asker = self._asker
        if asker is None:
            self.drop()  # it speaks unasked
            return
        self.has_spoken = True
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.drop()
            if not self._is_whole:
                asker.read_so_far()
                asker.broken_off()
                return
        if not self._is_whole:
            asker.read_so_far()
            return
        if self._asker is not None:
            self._asker = None
            if self._may_go_on and self.is_usable:
                self._lines.give_back(self)
            else:
                self.drop()
        asker.answered_whole()

    def on_message_begin(self) -> None:
        if self._is_whole:
            raise Nonsense
        self._names = []
        self._values = []

    def on_header(self, name: bytes, value: bytes) -> None:
        self._names.append(name)
        self._values.append(value)

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        self._is_final = status >= 200
        if not self._is_final:
            return
        names, values = names_of(tuple(self._names)), self._values
        if status > 599 or self._parser.get_http_version() not in _VERSIONS:
            raise Nonsense
        if names.codings and [values[place].lower() for place in names.codings] != [b"chunked"]:
            raise Nonsense
        self._ends_with_connection = not (names.codings or names.has_length or status in BODILESS)
        if self._asker is not None:
            self._asker.begin(status, names, values)

    def on_body(self, body: bytes) -> None:
        if self._asker is not None:
            self._asker.piece(body)

    def on_message_complete(self) -> None:
        if self._is_final:
            self._is_whole = True
            self._may_go_on = self._parser.should_keep_alive()


class Lines:
    """The lines to one instance, at most `most`. Nobody waits for one: where none is idle, one more is opened for those who come later."""

    def __init__(self, instance: Instance, most: int, *, idle_seconds: float = IDLE_SECONDS) -> None:
        parts = urlsplit(instance.base)
        self._address = (parts.hostname or "", parts.port or 80)
        self._is_plain = parts.scheme == "http" and not parts.path
        self.host = parts.netloc.rpartition("@")[2].removesuffix(":80").encode()
        self._most = most
        self._idle_seconds = idle_seconds
        self._idle: list[Line] = []
        self._all: set[Line] = set()
        self._opening: set[asyncio.Task[None]] = set()
        self._rests_until = 0.0
        self._sweeping: asyncio.TimerHandle | None = None

    def take(self) -> Line | None:
        """An idle line, the one used last."""
        while self._idle:
            line = self._idle.pop()
            if line.is_usable:
                return line
        self._open_one()
        return None

    def give_back(self, line: Line) -> None:
        loop = asyncio.get_running_loop()
        line.idle_since = loop.time()
        self._idle.append(line)
        if self._sweeping is None:
            self._sweeping = loop.call_later(self._idle_seconds, self._sweep)

    def forget(self, line: Line) -> None:
        self._all.discard(line)
        if line in self._idle:
            self._idle.remove(line)

    async def open(self) -> None:
        """One more line, idle. Raises OSError, TimeoutError."""
        async with asyncio.timeout(CONNECT_SECONDS):
            _, line = await asyncio.get_running_loop().create_connection(lambda: Line(self), *self._address)
        self._all.add(line)
        self.give_back(line)

    async def close(self) -> None:
        if self._sweeping is not None:
            self._sweeping.cancel()
        for task in self._opening:
            task.cancel()
        await asyncio.gather(*self._opening, return_exceptions=True)
        for line in list(self._all):
            line.drop()

    def _open_one(self) -> None:
        loop = asyncio.get_running_loop()
        is_enough = len(self._all) + len(self._opening) >= self._most or len(self._opening) >= _MOST_OPENING
        if is_enough or not self._is_plain or loop.time() < self._rests_until:
            return
        task = loop.create_task(self._try_to_open(), name="open-line")
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def _try_to_open(self) -> None:
        """Whoever asks on the long way meets the same trouble and tells of it."""
        try:
            await self.open()
        except (OSError, TimeoutError):
            self._rests_until = asyncio.get_running_loop().time() + _PAUSE_AFTER_FAILURE

    def _sweep(self) -> None:
        self._sweeping = None
        loop = asyncio.get_running_loop()
        for line in [line for line in self._idle if line.idle_since <= loop.time() - self._idle_seconds]:
            line.drop()
        if self._idle:
            self._sweeping = loop.call_at(self._idle[0].idle_since + self._idle_seconds, self._sweep)

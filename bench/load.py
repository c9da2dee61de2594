"""A small, fast HTTP load generator: keep-alive connections that each send one request and wait for its answer."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
import time

import httptools

Compose = Callable[[bytes], bytes]
"""The next request of a connection, from the body of its last answer (empty for the first)."""


@dataclass(slots=True)
class LoadResult:
    seconds: float
    latencies: list[float] = field(repr=False)
    """Seconds per answer."""
    failures: int = 0

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.seconds


class _Connection(asyncio.Protocol):
    def __init__(self, compose: Compose, budget: "_Budget") -> None:
        self._compose = compose
        self._body = b""
        self._budget = budget
        self._parser = httptools.HttpResponseParser(self)
        self._began = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def _send(self) -> None:
        request, self._body = self._compose(self._body), b""  # before the budget: who composes sees every answer
        if not self._budget.take():
            self._transport.close()
            return
        self._began = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        self._budget.latencies.append(time.perf_counter() - self._began)
        if self._parser.get_status_code() >= 400:
            self._budget.failures += 1
        self._parser = httptools.HttpResponseParser(self)
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


@dataclass(slots=True)
class _Budget:
    left: int
    latencies: list[float] = field(default_factory=list)
    failures: int = 0

    def take(self) -> bool:
        self.left -= 1
        return self.left >= 0


async def load(port: int, path: str, *, requests: int, connections: int = 32, headers: dict[str, str] | None = None) -> LoadResult:
    """GET `path` that many times over that many connections. Bounded, loopback only."""
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *(f"{name}: {value}" for name, value in (headers or {}).items()), "", ""]
    request = "\r\n".join(lines).encode()
    return await load_composed(port, [lambda _: request] * connections, requests=requests)


async def load_composed(port: int, composers: Sequence[Compose], *, requests: int) -> LoadResult:
    """So many requests over one connection for each composer."""
    budget = _Budget(requests)
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    opened = [await loop.create_connection(partial(_Connection, one, budget), "127.0.0.1", port) for one in composers]
    await asyncio.gather(*(protocol.done for _, protocol in opened))
    return LoadResult(time.perf_counter() - began, budget.latencies, budget.failures)

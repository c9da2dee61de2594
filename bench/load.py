"""A small, fast HTTP load generator: keep-alive connections that each send one request and wait for its answer."""

import asyncio
from dataclasses import dataclass, field
import time

import httptools


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
    def __init__(self, request: bytes, budget: "_Budget") -> None:
        self._request = request
        self._budget = budget
        self._parser = httptools.HttpResponseParser(self)
        self._began = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def _send(self) -> None:
        if not self._budget.take():
            self._transport.close()
            return
        self._began = time.perf_counter()
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

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
    budget = _Budget(requests)
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    opened = [await loop.create_connection(lambda: _Connection(request, budget), "127.0.0.1", port) for _ in range(connections)]
    await asyncio.gather(*(protocol.done for _, protocol in opened))
    return LoadResult(time.perf_counter() - began, budget.latencies, budget.failures)

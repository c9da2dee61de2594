"""Requests: the framework's no-op, the chassis, the token check, the gateway in front. Server and load generator are two processes."""

import asyncio
from collections.abc import Callable
import multiprocessing
from multiprocessing.synchronize import Event as Stop
from pathlib import Path
import time
from typing import Any

import aiohttp
import psutil
import uvloop

from bench.figures import Figure, percentile
from bench.load import load
from chassis.crypto import new_master_key
from host.stack.processes import free_ports
from tests.support.peers import Peers, answer
from tests.support.tokens import Issuer

REQUESTS = 12_000
CONNECTIONS = 32


async def serve_bare(port: int, stop: Stop, _: Any) -> None:
    from bench.toy import bare_app
    from host.serving import serving

    async with serving(bare_app(), port):
        await asyncio.to_thread(stop.wait)


async def serve_toy(port: int, stop: Stop, jwks: dict[str, Any]) -> None:
    from bench.toy import ToySettings, toy_service
    from host.serving import serving

    peers = Peers()
    peers.on("GET", "identity", "/jwks", answer(jwks))
    settings = ToySettings(
        master_key=new_master_key(),
        run_relay=False,
        run_consumers=False,
        log_level="WARNING",
        database_url="postgresql://nobody@127.0.0.1:1/none",
    )
    async with serving(toy_service(settings, transport=peers), port):
        await asyncio.to_thread(stop.wait)


async def _serve_gateway(port: int, stop: Stop, arguments: tuple[int, dict[str, Any]]) -> None:
    from gateway.app import create_app
    from gateway.settings import GatewaySettings
    from gateway.wire import protocol_of
    from host.serving import serving

    upstream, jwks = arguments
    peers = Peers()
    peers.on("GET", "identity", "/jwks", answer(jwks))
    settings = GatewaySettings(
        peers={"bench": f"http://127.0.0.1:{upstream}"}, log_level="WARNING", shared_counts=False, person_requests=1_000_000_000
    )
    async with serving(create_app(settings, transport=peers, services=("bench",)), port, protocol=protocol_of(settings)):
        await asyncio.to_thread(stop.wait)


def _run(serve: Callable[..., Any], port: int, stop: Stop, argument: Any) -> None:
    from chassis.logs import configure_logs

    configure_logs("WARNING", "json")
    uvloop.run(serve(port, stop, argument))


class Server:
    """One server in a process of its own."""

    def __init__(self, serve: Callable[..., Any], argument: Any = None) -> None:
        spawn = multiprocessing.get_context("spawn")
        self.port = free_ports(1)[0]
        self._stop = spawn.Event()
        self._process = spawn.Process(target=_run, args=(serve, self.port, self._stop, argument), daemon=True)
        self._process.start()

    @property
    def process(self) -> psutil.Process:
        return psutil.Process(self._process.pid)

    @property
    def cpu_seconds(self) -> float:
        times = self.process.cpu_times()
        return float(times.user + times.system)

    async def ready(self, path: str, headers: dict[str, str] | None = None) -> None:
        deadline = time.monotonic() + 30
        async with aiohttp.ClientSession() as session:
            while True:
                try:
                    async with session.get(f"http://127.0.0.1:{self.port}{path}", headers=headers) as response:
                        assert response.status < 400, await response.text()
                        return
                except aiohttp.ClientConnectionError:
                    if time.monotonic() > deadline:
                        raise
                    await asyncio.sleep(0.05)

    def close(self) -> None:
        self._stop.set()
        self._process.join(15)


async def measure(
    server: Server, path: str, headers: dict[str, str] | None = None, *, requests: int = REQUESTS, connections: int = CONNECTIONS
) -> tuple[float, float, float, int]:
    """Answers per second, microseconds of the server's CPU per answer, median latency in ms, failures."""
    await server.ready(path, headers)
    await load(server.port, path, requests=requests // 6, connections=connections, headers=headers)
    before = server.cpu_seconds
    result = await load(server.port, path, requests=requests, connections=connections, headers=headers)
    cpu = (server.cpu_seconds - before) / requests * 1e6
    return result.rate, cpu, percentile(result.latencies, 0.5) * 1000, result.failures


async def measure_http(scratch: Path) -> list[Figure]:
    """Four figures, each against the no-op of the bare framework: CPU of the serving process per request."""
    issuer = Issuer()
    headers = {"Authorization": f"Bearer {issuer.token('person', 'bench.read')}"}
    toy = Server(serve_toy, issuer.jwks())
    servers = [Server(serve_bare), toy, Server(_serve_gateway, (toy.port, issuer.jwks()))]
    bare, gateway = servers[0], servers[2]
    try:
        noop = await measure(bare, "/noop")
        figures = [Figure("framework no-op", noop[1], "µs CPU/request", 1.0, note=f"{noop[0]:,.0f}/s, p50 {noop[2]:.1f} ms")]
        for name, server, path, sent in (
            ("chassis no-op", toy, "/api/bench/v1/noop", None),
            ("token check (cached)", toy, "/api/bench/v1/guarded", headers),
            ("gateway pass-through, gateway's share", gateway, "/api/bench/v1/guarded", headers),
        ):
            rate, cpu, median, failures = await measure(server, path, sent)
            note = f"{rate:,.0f}/s, p50 {median:.1f} ms" + (f", {failures} FAILED" if failures else "")
            figures.append(Figure(name, cpu, "µs CPU/request", cpu / noop[1], note=note))
        return figures
    finally:
        for server in servers:
            server.close()

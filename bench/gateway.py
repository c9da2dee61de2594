"""The gateway against nginx: the same upstream, the same connections, in turns; and a thousand slow clients.

Other work on the machine moves both by half, so they are measured in pairs, one right after the other, and the median pair is shown.

The upstream is nginx answering 200 with a small body from memory, so that it costs next to nothing. The gateway runs as in production: its protocol, token check,
quotas and access log on. Without nginx the rows that need it are left out, and a note says so.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from multiprocessing.synchronize import Event as Stop
import os
from pathlib import Path
import shutil
import statistics
import subprocess
from typing import Any

import psutil

from bench.figures import Figure, percentile
from bench.http import Server
from bench.load import load
from host.stack.processes import free_ports
from tests.support.peers import Peers, answer
from tests.support.tokens import Issuer

REQUESTS = 12_000
PAIRS = 5
CONNECTIONS = 32
SLOW = 1_000
PATH = "/api/bench/v1/small"
GOAL_SHARE = "≥ 0.6 of nginx"
_CONFIGURATION = """daemon off; worker_processes 1; pid {folder}/{name}.pid; error_log {folder}/{name}.err; events {{ worker_connections 4096; }}
http {{ access_log {access}; client_body_temp_path {folder}/{name}-body; proxy_temp_path {folder}/{name}-proxy;
fastcgi_temp_path {folder}/{name}-f; uwsgi_temp_path {folder}/{name}-u; scgi_temp_path {folder}/{name}-s;
keepalive_requests 1000000000; keepalive_timeout 60s;
{http}
server {{ listen 127.0.0.1:{port} backlog=2048; location / {{ {location} }} }} }}
"""
_UPSTREAM = 'default_type application/json; return 200 "{\\"ok\\":true}";'
_PROXY = 'proxy_pass http://upstream; proxy_http_version 1.1; proxy_set_header Connection "";'


async def _serve_gateway(port: int, stop: Stop, arguments: tuple[int, dict[str, Any], str]) -> None:
    import logging

    from gateway.app import create_app
    from gateway.settings import GatewaySettings
    from gateway.wire import protocol_of
    from host.serving import serving

    upstream, jwks, log_file = arguments
    logging.getLogger("tongban.access").setLevel(logging.INFO)
    os.dup2(os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), 2)
    peers = Peers()
    peers.on("GET", "identity", "/jwks", answer(jwks))
    settings = GatewaySettings(
        peers={"bench": f"http://127.0.0.1:{upstream}"}, log_level="WARNING", shared_counts=False, person_requests=1_000_000_000
    )
    async with serving(create_app(settings, transport=peers, services=("bench",)), port, protocol=protocol_of(settings)):
        await asyncio.to_thread(stop.wait)


@asynccontextmanager
async def _nginx(
    folder: Path, name: str, port: int, location: str, *, http: str = "", access: str = "off"
) -> AsyncIterator[psutil.Process]:
    """One nginx; yields its one worker."""
    configuration = folder / f"{name}.conf"
    configuration.write_text(_CONFIGURATION.format(folder=folder, name=name, port=port, location=location, http=http, access=access))
    master = psutil.Popen(["nginx", "-p", str(folder), "-c", str(configuration)], stderr=subprocess.DEVNULL)
    try:
        async with asyncio.timeout(10):
            while not master.children() or not await _listens(port):  # noqa: ASYNC110 (nginx gives no signal)
                await asyncio.sleep(0.05)
        yield master.children()[0]
    finally:
        master.terminate()
        master.wait(10)


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


async def _measure(process: psutil.Process, port: int, headers: dict[str, str]) -> tuple[float, float, int]:
    """Microseconds of CPU per request, median latency in ms at one connection, failures."""
    await load(port, PATH, requests=REQUESTS // 6, connections=CONNECTIONS, headers=headers)
    before = _cpu(process)
    result = await load(port, PATH, requests=REQUESTS, connections=CONNECTIONS, headers=headers)
    cpu = (_cpu(process) - before) / REQUESTS * 1e6
    alone = await load(port, PATH, requests=2_000, connections=1, headers=headers)
    return cpu, percentile(alone.latencies, 0.5) * 1000, result.failures + alone.failures


@dataclass(frozen=True, slots=True)
class _Pair:
    """What `_measure` found of each, and the median without either in ms."""

    direct: float
    of_nginx: tuple[float, float, int]
    of_gateway: tuple[float, float, int]


async def _pair(behind: int, nginx: tuple[psutil.Process, int], gateway: tuple[psutil.Process, int], headers: dict[str, str]) -> _Pair:
    direct = await load(behind, PATH, requests=2_000, connections=1)
    of_nginx = await _measure(*nginx, headers)
    return _Pair(percentile(direct.latencies, 0.5) * 1000, of_nginx, await _measure(*gateway, headers))


async def measure_gateway(scratch: Path) -> list[Figure]:
    if shutil.which("nginx") is None:
        return [Figure("gateway against nginx", 0, "", note="LEFT OUT: there is no nginx here (Debian: apt-get install nginx)")]
    scratch.chmod(0o755)
    issuer = Issuer()
    headers = {"Authorization": f"Bearer {issuer.token('person', 'bench.read', seconds=3_600)}"}
    behind, proxied = free_ports(2)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(_nginx(scratch, "upstream", behind, _UPSTREAM))
        http = f"upstream upstream {{ server 127.0.0.1:{behind}; keepalive 64; keepalive_requests 1000000000; }}"
        nginx = await stack.enter_async_context(_nginx(scratch, "proxy", proxied, _PROXY, http=http, access=f"{scratch}/access.log"))
        gateway = Server(_serve_gateway, (behind, issuer.jwks(), str(scratch / "gateway.log")))
        stack.callback(gateway.close)
        await gateway.ready(PATH, headers)
        pairs = [await _pair(behind, (nginx, proxied), (gateway.process, gateway.port), headers) for _ in range(PAIRS)]
        slow = await _with_slow_clients(gateway, headers)
    shares = sorted(pair.of_nginx[0] / pair.of_gateway[0] for pair in pairs)
    middle = min(pairs, key=lambda pair: abs(pair.of_nginx[0] / pair.of_gateway[0] - shares[PAIRS // 2]))
    failures = sum(pair.of_gateway[2] for pair in pairs)
    (nginx_cpu, _, _), (gateway_cpu, _, _) = middle.of_nginx, middle.of_gateway
    failed = f", {failures} FAILED" if failures else ""
    spread = f"median of {PAIRS} pairs, {shares[0]:.2f} to {shares[-1]:.2f}"
    added = [
        statistics.median(added) for added in zip(*((p.of_nginx[1] - p.direct, p.of_gateway[1] - p.direct) for p in pairs), strict=True)
    ]
    return [
        Figure("nginx as proxy, its access log on", nginx_cpu, "µs CPU/request", note=f"{1e6 / nginx_cpu:,.0f}/s per core"),
        Figure("gateway: token, quota, log on", gateway_cpu, "µs CPU/request", note=f"{1e6 / gateway_cpu:,.0f}/s per core{failed}"),
        Figure("gateway's requests per core against nginx's", shares[PAIRS // 2], "of nginx", goal=GOAL_SHARE, note=spread),
        Figure("added at the median by nginx", added[0], "ms"),
        Figure("added at the median by the gateway", added[1], "ms", goal="≤ 0.5 ms"),
        *slow,
    ]


async def _with_slow_clients(gateway: Server, headers: dict[str, str]) -> list[Figure]:
    """What a thousand clients that drip their heads or bodies cost others."""
    before = gateway.process.memory_info().rss
    calm = await load(gateway.port, PATH, requests=2_000, connections=1, headers=headers)
    heads = b"GET /api/bench/v1/small HTTP/1.1\r\nHost: x\r\n"
    bodies = b"POST /api/bench/v1/small HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"
    writers = []
    for number in range(SLOW):
        _, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        writer.write(heads if number % 2 else bodies)
        writers.append(writer)
    dripping = asyncio.create_task(_drip(writers))
    busy = await load(gateway.port, PATH, requests=2_000, connections=1, headers=headers)
    memory = gateway.process.memory_info().rss
    dripping.cancel()
    for writer in writers:
        writer.close()
    await asyncio.gather(dripping, return_exceptions=True)
    p50, p99 = (percentile(busy.latencies, share) * 1000 for share in (0.5, 0.99))
    note = f"p50 without them {statistics.median(calm.latencies) * 1000:.2f} ms; p99 with them {p99:.1f} ms, {busy.failures} failures"
    return [
        Figure(
            f"memory for {SLOW:,} slow clients", (memory - before) / 1024, "KiB", note=f"{(memory - before) / SLOW / 1024:.1f} KiB each"
        ),
        Figure(f"p50 beside {SLOW:,} slow clients", p50, "ms", note=note),
    ]


async def _drip(writers: list[asyncio.StreamWriter]) -> None:
    while True:
        for writer in writers:
            if not writer.is_closing():
                writer.write(b"X")
        await asyncio.sleep(0.5)

"""Start-up and memory of the suite on one machine, PostgreSQL included, on data of an earlier run."""

import asyncio
import os
from pathlib import Path
import signal
import sys
import time

import aiohttp
import psutil

from bench.figures import Figure
from host.stack.processes import free_ports


async def measure_startup(scratch: Path) -> list[Figure]:
    """First run (database made, city loaded), second run (both there), memory after it."""
    var = scratch / "suite"
    first, _ = await _start(var)
    second, memory = await _start(var)
    return [
        Figure("start-up, first run", first, "s", note="initialises PostgreSQL, loads the sample city"),
        Figure("start-up, later runs", second, "s", goal="≤ 4"),
        Figure("memory, all processes", memory, "MiB", goal="≤ 250", note="proportional set size, PostgreSQL included"),
    ]


async def _start(var: Path) -> tuple[float, float]:
    port = free_ports(1)[0]
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "host", "up", "--var", str(var), env={**os.environ, "TONGBAN_PORT": str(port)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(120):
            async for line in process.stdout:
                if f"127.0.0.1:{port}" in line.decode():
                    break
        seconds = time.perf_counter() - began
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/readyz") as response:
            assert response.status == 200, await response.text()
        return seconds, _memory(process.pid, var)
    finally:
        process.send_signal(signal.SIGINT)
        await process.wait()


def _memory(pid: int, var: Path) -> float:
    """MiB of the suite's process and of the PostgreSQL that serves it."""
    total = psutil.Process(pid).memory_full_info().pss
    for process in psutil.process_iter(["cmdline", "name"]):
        arguments = process.info["cmdline"] or []
        if any(str(var) in argument for argument in arguments) and process.pid != pid:
            for member in (process, *process.children(recursive=True)):
                total += member.memory_full_info().pss
    return total / 2**20

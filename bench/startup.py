"""Start-up and memory of the suite on one machine, PostgreSQL included, on data of an earlier run."""

from pathlib import Path
import time

import aiohttp
import psutil

from bench.figures import Figure
from bench.submission import running_suite


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
    began = time.perf_counter()
    async with running_suite(var) as (url, pid), aiohttp.ClientSession() as session:
        seconds = time.perf_counter() - began
        async with session.get(f"{url}/readyz") as response:
            assert response.status == 200, await response.text()
        return seconds, _memory(pid, var)


def _memory(pid: int, var: Path) -> float:
    """MiB of the suite's process and of the PostgreSQL that serves it."""
    total = psutil.Process(pid).memory_full_info().pss
    for process in psutil.process_iter(["cmdline", "name"]):
        arguments = process.info["cmdline"] or []
        if any(str(var) in argument for argument in arguments) and process.pid != pid:
            for member in (process, *process.children(recursive=True)):
                total += member.memory_full_info().pss
    return total / 2**20

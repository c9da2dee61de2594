"""Submission on the whole suite in one process: ready drafts are submitted through the gateway, a few at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import os
from pathlib import Path
import signal
import sys
import time

import httpx
import psutil

from bench.figures import Figure, percentile
from host.demo.cast import sample_cast
from host.demo.journey import STEPS, Journey
from host.demo.receiver import receiving
from host.environment import master_key_of
from host.stack.processes import free_ports

APPLICATIONS = 120
AT_ONCE = 8


async def measure_submission(scratch: Path) -> list[Figure]:
    """Drafts are made first; only `POST …/submit` is timed: token, form and materials checked, state, number, event, answer stored, commit."""
    async with running_suite(scratch / "suite") as (url, pid), receiving() as receiver, httpx.AsyncClient(base_url=url, timeout=30) as http:
        cast = sample_cast(master_key_of(scratch / "suite"))
        first = Journey(http, cast, receiver)
        for key in ("sign_up", "sign_in", "act_for_organisation"):
            await getattr(first, key)()
        journeys = [Journey(http, cast, receiver) for _ in range(APPLICATIONS)]
        for journey in journeys:
            journey._tokens.update(first._tokens)
            journey.story.organisation_id = first.story.organisation_id
        await _each(journeys, "draft", "upload", "fill_in_form")
        process = psutil.Process(pid)
        before, began = sum(process.cpu_times()[:2]), time.perf_counter()
        seconds = await _each(journeys, "submit")
        wall, cpu = time.perf_counter() - began, sum(process.cpu_times()[:2]) - before
        note = f"{APPLICATIONS / wall:,.0f}/s with {AT_ONCE} at once, p50 {percentile(seconds, 0.5) * 1000:.0f} ms, p99 {percentile(seconds, 0.99) * 1000:.0f} ms"
        return [Figure("submission, whole suite's CPU", cpu / APPLICATIONS * 1000, "ms CPU/submission", note=note)]


async def _each(journeys: list[Journey], *names: str) -> list[float]:
    """Seconds of each step taken, `AT_ONCE` journeys at a time."""
    known = {step.key for step in STEPS}
    assert known.issuperset(names)
    gate, taken = asyncio.Semaphore(AT_ONCE), []

    async def take(journey: Journey) -> None:
        async with gate:
            for name in names:
                began = time.perf_counter()
                await getattr(journey, name)()
                taken.append(time.perf_counter() - began)

    await asyncio.gather(*(take(journey) for journey in journeys))
    return taken


@asynccontextmanager
async def running_suite(var: Path) -> AsyncIterator[tuple[str, int]]:
    """The suite in one process of its own: its URL and pid."""
    port = free_ports(1)[0]
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
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.send_signal(signal.SIGINT)
        await process.wait()

"""One process per service (and several where wanted): started, watched, started again when they die, stopped together.

A child that dies is started again with backoff; a child whose supervisor dies stops itself (parent-death signal), so a killed
supervisor leaves nothing running.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
import ctypes
from dataclasses import dataclass, field
import os
from pathlib import Path
import signal
import sys
import time

import aiohttp

from chassis.logs import get_logger
from chassis.tasks import end

log = get_logger("tongban.supervisor")

STOP_SECONDS = 15.0
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Program:
    """One process to keep running. `ready_url` answers 200 when it can serve."""

    name: str
    arguments: tuple[str, ...]
    ready_url: str


@dataclass(slots=True)
class Child:
    program: Program
    process: asyncio.subprocess.Process | None = None
    restarts: int = 0
    keeper: asyncio.Task[None] | None = field(default=None, repr=False)

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process and self.process.returncode is None else None


class NotReady(Exception):
    """Some processes did not become ready in time; the message names them and their logs."""


class Supervisor:
    """Keeps programs running. `logs` is the folder of their output, one file each."""

    def __init__(self, programs: Sequence[Program], *, variables: dict[str, str], logs: Path) -> None:
        self.children = [Child(program) for program in programs]
        self._variables = variables
        self._logs = logs
        self._is_stopping = False

    async def start(self) -> None:
        self._logs.mkdir(parents=True, exist_ok=True)
        for child in self.children:
            child.keeper = asyncio.create_task(self._keep(child), name=f"keeper-{child.program.name}")

    async def wait_ready(self, seconds: float = 60.0) -> None:
        """Until every program answers ready. Raises NotReady."""
        deadline = time.monotonic() + seconds
        waiting = {child.program.ready_url: child for child in self.children}
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:
            while waiting:
                for url in list(waiting):
                    with suppress(aiohttp.ClientError, OSError, TimeoutError):
                        async with session.get(url) as response:
                            if response.status == 200:
                                del waiting[url]
                if waiting and time.monotonic() > deadline:
                    names = ", ".join(sorted(child.program.name for child in waiting.values()))
                    raise NotReady(f"not ready after {seconds:.0f} s: {names}; see {self._logs}")
                await asyncio.sleep(0.05)

    def child(self, name: str) -> Child:
        return next(child for child in self.children if child.program.name == name)

    def kill(self, name: str) -> None:
        """kill -9, for tests of what survives it."""
        child = self.child(name)
        if child.pid is not None:
            os.kill(child.pid, signal.SIGKILL)

    async def stop(self) -> None:
        """Ask all to stop, wait, then insist."""
        self._is_stopping = True
        for child in reversed(self.children):
            if child.process is not None and child.process.returncode is None:
                with suppress(ProcessLookupError):
                    child.process.terminate()
        running = [child.process.wait() for child in self.children if child.process is not None and child.process.returncode is None]
        try:
            await asyncio.wait_for(asyncio.gather(*running), STOP_SECONDS)
        except TimeoutError:
            for child in self.children:
                if child.process is not None and child.process.returncode is None:
                    child.process.kill()
        for child in self.children:
            if child.keeper is not None:
                await end(child.keeper)

    async def _keep(self, child: Child) -> None:
        pause = 0.1
        while not self._is_stopping:
            began = time.monotonic()
            await self._launch(child)
            assert child.process is not None
            code = await child.process.wait()
            if self._is_stopping:
                return
            log.warning("process ended; starting it again", process=child.program.name, code=code)
            child.restarts += 1
            pause = 0.1 if time.monotonic() - began > 5 else min(5.0, pause * 2)
            await asyncio.sleep(pause)

    async def _launch(self, child: Child) -> None:
        with (self._logs / f"{child.program.name}.log").open("ab") as output:
            child.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "host", *child.program.arguments,
                env={**os.environ, **self._variables, "TONGBAN_SHARED_PORT": "1"}, stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output,
                preexec_fn=_die_with_parent, start_new_session=True,
            )  # fmt: skip


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)

"""The whole suite as people run it: a command in a process of its own, its own folder, database and port.

`start` returns when it says that it is ready; `kill` is SIGKILL, to one service or to everything the command holds; `restart` goes on
with whatever was left. What a test leaves running, `close` ends.
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
import fcntl
import os
from pathlib import Path
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from typing import IO, Literal

import httpx
import psutil

from host.demo.cast import Cast, sample_cast
from host.demo.journey import STEPS, Journey
from host.demo.receiver import Receiver, receiving
from host.services import BORDERS_PORT_OFFSET, SERVICES
from host.stack.processes import is_alive, kill_family, wait_until_gone

ROOT = Path(__file__).parents[2]
Shape = Literal["single", "processes", "stack"]

_COMMANDS: Mapping[Shape, tuple[str, ...]] = {"single": ("up",), "processes": ("up", "--processes"), "stack": ("stack",)}
_READY = b"Tongban is ready"
_START_SECONDS = 240.0
_STOP_SECONDS = 60.0
_PORT_BLOCKS = range(10_240, 32_640, 128)
_reservations: list[IO[str]] = []
"""Held until this process ends."""


class SuiteFailed(AssertionError):
    """The suite did not start or stop; the message ends with its logs."""


@dataclass(slots=True)
class RunningSuite:
    """One installation. `kafka` is a broker's bootstrap address; `variables` are settings on top (TONGBAN_…)."""

    var: Path
    shape: Shape
    kafka: str | None = None
    variables: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=lambda: free_port_range())
    _process: psutil.Popen | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def cast(self) -> Cast:
        """The sample people of this installation."""
        return sample_cast((self.var / "master.key").read_text().strip())

    def start(self) -> None:
        """Raises SuiteFailed."""
        self.var.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            began_at = log.tell()
            self._process = psutil.Popen(
                [sys.executable, "-m", "host", *_COMMANDS[self.shape], "--var", str(self.var)],
                env=self._environment(), cwd=self.var, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + _START_SECONDS
        while _READY not in self._log.read_bytes()[began_at:]:
            if not is_alive(self._process) or time.monotonic() > deadline:
                raise SuiteFailed(f"the suite did not start ({self.shape}):\n{self.logs()}")
            time.sleep(0.05)

    def stop(self) -> None:
        """As Ctrl-C does. Raises SuiteFailed when it does not end well."""
        process = self._process
        if process is None or not is_alive(process):
            return
        process.send_signal(signal.SIGTERM)
        if not wait_until_gone([process], _STOP_SECONDS):
            raise SuiteFailed(f"the suite did not stop:\n{self.logs()}")
        if process.wait() != 0:
            raise SuiteFailed(f"the suite ended with {process.returncode}:\n{self.logs()}")
        self._process = None

    def kill(self, service: str | None = None) -> None:
        """SIGKILL to the processes of a service, or without one to the command itself; its database goes on running."""
        assert self._process is not None
        if service is None:
            self._process.kill()
            self._process.wait()
            # Children notice the death of their parent and end by themselves.
            if not wait_until_gone(self._service_processes(), _STOP_SECONDS):
                raise SuiteFailed(f"services outlived their supervisor:\n{self.logs()}")
            return
        victims = self.processes_of(service)
        assert victims, f"{service} runs in no process of its own"
        for victim in victims:
            with suppress(psutil.NoSuchProcess):
                victim.kill()

    def restart(self) -> None:
        """Start again after `stop` or `kill`."""
        self.start()

    def processes_of(self, service: str) -> list[psutil.Process]:
        """The processes that run one service (or the gateway, or the borders)."""
        return [process for process in self._service_processes() if service in _arguments(process)]

    def close(self) -> None:
        """End everything, however it was left: what still lives in the folder is killed."""
        try:
            self.stop()
        finally:
            if self._process is not None:
                kill_family(self._process, _STOP_SECONDS)
            for process in _processes_in(self.var):
                kill_family(process, _STOP_SECONDS)

    def logs(self) -> str:
        """The ends of all logs, for a failing test to show."""
        files = [self._log, *sorted((self.var / "logs").glob("*.log")), self.var / "postgres" / "postgres.log"]
        return "\n".join(f"--- {file.name}\n{_tail(file)}" for file in files if file.exists())

    @property
    def _log(self) -> Path:
        return self.var / "suite.log"

    def _environment(self) -> dict[str, str]:
        # Compiled modules are kept, whatever this process was told: a suite of many processes starts several times as fast.
        own = {name: value for name, value in os.environ.items() if not name.startswith("TONGBAN_") and name != "PYTHONDONTWRITEBYTECODE"}
        given = {"TONGBAN_PORT": str(self.port), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        return own | given | ({"TONGBAN_KAFKA": self.kafka} if self.kafka else {}) | self.variables

    def _service_processes(self) -> list[psutil.Process]:
        return [process for process in _processes_in(self.var) if {"serve", "borders"} & set(_arguments(process))]


@contextmanager
def running_suite(suite: RunningSuite) -> Iterator[RunningSuite]:
    """The suite while the block runs."""
    try:
        suite.start()
        yield suite
    finally:
        suite.close()


@asynccontextmanager
async def journey_through(
    suite: RunningSuite, *, up_to: str | None = None, max_age: timedelta | None = timedelta(minutes=10), retry_seconds: float = 0.0
) -> AsyncIterator[Journey]:
    """A journey at this suite, with the steps before `up_to` already taken: none when left out."""
    async with receiving(max_age=max_age) as receiver, httpx.AsyncClient(base_url=suite.url, timeout=60) as http:
        journey = new_journey(suite, http, receiver)
        for step in STEPS if up_to else ():
            if step.key == up_to:
                break
            await journey.take(step, retry_seconds=retry_seconds)
        yield journey


def new_journey(suite: RunningSuite, http: httpx.AsyncClient, receiver: Receiver) -> Journey:
    """Patient, for machines that run many tests at once."""
    return Journey(http, suite.cast, receiver, patience=90.0)


def free_port_range() -> int:
    """A base port on which the gateway, every service and the borders find theirs free, in a block that is this process's alone.

    Blocks are below the ports that outgoing connections get, and reserved by a lock: a suite takes its ports long after it chose them.
    """
    offsets = (0, *(entry.port_offset for entry in SERVICES.values()), BORDERS_PORT_OFFSET)
    for base in random.sample(_PORT_BLOCKS, len(_PORT_BLOCKS)):
        reservation = (Path(tempfile.gettempdir()) / f"tongban-ports-{base}.lock").open("w")
        try:
            fcntl.flock(reservation, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            reservation.close()
            continue
        if all(_is_free(base + offset) for offset in offsets):
            _reservations.append(reservation)
            return base
        reservation.close()
    raise SuiteFailed("no free ports")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _processes_in(folder: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if Path(process.cwd()).is_relative_to(folder):
                found.append(process)
    return found


def _arguments(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def _tail(file: Path, lines: int = 60) -> str:
    return "\n".join(file.read_text(errors="replace").splitlines()[-lines:])

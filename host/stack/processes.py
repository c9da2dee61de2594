"""Server processes that may outlive whoever started them: found by pid, watched, waited for."""

from collections.abc import Iterable
from contextlib import ExitStack, suppress
import random
import socket
import time

import psutil


def is_alive(process: psutil.Process) -> bool:
    """Running; one that has died and waits to be reaped by its parent is not alive."""
    try:
        return bool(process.is_running()) and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_until_gone(processes: Iterable[psutil.Process], seconds: float) -> bool:
    """True when all of them have ended within the time."""
    deadline = time.monotonic() + seconds
    waiting = list(processes)
    while waiting := [process for process in waiting if is_alive(process)]:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def kill_family(process: psutil.Process, seconds: float) -> None:
    """SIGKILL a process and all its descendants; returns when they are gone."""
    family = [process]
    with suppress(psutil.NoSuchProcess):
        family += process.children(recursive=True)
    for member in family:
        with suppress(psutil.NoSuchProcess):
            member.kill()
    wait_until_gone(family, seconds)


def free_ports(count: int) -> list[int]:
    """Loopback TCP ports nobody uses at this moment, all different.

    Below the range the kernel takes outgoing connections' ports from (32768 and up on Linux), so that none of those
    sits on the port when the server it is meant for starts, or starts again.
    """
    with ExitStack() as probes:
        ports: list[int] = []
        for port in random.sample(range(12_000, 32_000), 1000):
            probe = probes.enter_context(socket.socket())
            with suppress(OSError):
                probe.bind(("127.0.0.1", port))
                ports.append(port)
            if len(ports) == count:
                return ports
    raise OSError(f"no {count} free ports between 12000 and 32000")

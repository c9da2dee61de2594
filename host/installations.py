"""Which folder a command means when nobody names one: that of the installation which is running.

A running suite holds a lock in its folder; the kernel frees it when the process dies, however it dies.
"""

from collections.abc import Iterator
from contextlib import contextmanager
import fcntl
from pathlib import Path

VAR = Path("var")
STACK = Path("var/stack")
_LOCK = "running.lock"


class FolderUnusable(Exception):
    """Nothing can be kept there."""


@contextmanager
def marked_as_running(var: Path) -> Iterator[None]:
    """While the block runs, `is_running(var)`. Shared: parts of one suite may run apart. Raises FolderUnusable."""
    try:
        var.mkdir(parents=True, exist_ok=True)
        lock = (var / _LOCK).open("w")
    except OSError as error:
        raise FolderUnusable(f"{error.filename}: {error.strerror}; choose another folder with --var or TONGBAN_VAR") from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


def is_running(var: Path) -> bool:
    """Whether a suite runs on this folder now."""
    try:
        with (var / _LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def meant(var: Path | None) -> Path:
    """The folder given; else that of `make run` or of `make stack`, whichever runs; else that of `make run`. Absolute."""
    candidates = [var] if var is not None else [VAR, STACK]
    return next((folder for folder in candidates if is_running(folder)), candidates[0]).absolute()

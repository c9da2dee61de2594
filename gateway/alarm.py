"""A timer that is moved rather than made anew: most limits of a connection are never reached, and making a timer for each costs more
than the request's parsing. The one timer that is pending rings no earlier than the limit; when it fires too early it is set again.
"""

import asyncio
from collections.abc import Callable


class Alarm:
    """Calls `ring` once the loop's clock is past what was set last."""

    __slots__ = ("_at", "_fires_at", "_loop", "_ring", "_timer")

    def __init__(self, loop: asyncio.AbstractEventLoop, ring: Callable[[], None]) -> None:
        self._loop = loop
        self._ring = ring
        self._at: float | None = None
        self._fires_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_set(self) -> bool:
        return self._at is not None

    def set(self, at: float) -> None:
        self._at = at
        if self._timer is not None:
            if self._fires_at <= at:
                return
            self._timer.cancel()
        self._start(at)

    def clear(self) -> None:
        self._at = None

    def close(self) -> None:
        """Never ring again."""
        self._at = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _start(self, at: float) -> None:
        self._fires_at = at
        self._timer = self._loop.call_at(at, self._fired)

    def _fired(self) -> None:
        self._timer = None
        if self._at is None:
            return
        if self._at > self._loop.time():
            self._start(self._at)
            return
        self._at = None
        self._ring()

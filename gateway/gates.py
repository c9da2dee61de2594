"""How many requests a service is given at once, and when the rest are turned away: before waiting makes every answer late.

A gate has slots. Who finds none waits in a line, and how long it is worth waiting depends on the line: while it has been empty a
moment ago (`INTERVAL`), a burst may wait that long; once it has stood for longer than that, only `TARGET`. So a burst passes, and
under lasting overload the answers given are given in time and the others say at once when to come back. This is CoDel's idea for
queues of requests (Nichols and Jacobson 2012; Maurer, "Fail at Scale", ACM Queue 2015). It needs no guess of a service's latency.
"""

import asyncio
from collections import deque
from collections.abc import Callable
import random
import time

from chassis.problems import Text, Unavailable

INTERVAL = 1.0
TARGET = 0.05
MOST_WAITING = 1_000


class Overloaded(Unavailable):
    slug = "overloaded"
    title = Text("当前办理人数过多", "Too busy just now")
    detail = Text(
        "系统的“{peer}”部分繁忙，请按 Retry-After 稍后再试；您的内容没有丢失。",
        "The part “{peer}” is busy; try again after the seconds in Retry-After. Nothing was lost.",
    )


class Gate:
    """The slots of one service."""

    def __init__(self, service: str, slots: int, now: Callable[[], float] = time.monotonic) -> None:
        self._service = service
        self._free = slots
        self._now = now
        self._line: deque[asyncio.Future[None]] = deque()
        self._last_empty = now()

    @property
    def waiting(self) -> int:
        return len(self._line)

    @property
    def patience(self) -> float:
        """Seconds that waiting is worth now."""
        return INTERVAL if not self._line or self._now() - self._last_empty < INTERVAL else TARGET

    def enter_now(self) -> bool:
        """Take a slot, if one is free."""
        if not self._free:
            return False
        self._free -= 1
        return True

    async def enter(self) -> None:
        """Take a slot, waiting for one if need be. Raises Overloaded."""
        if self.enter_now():
            return
        if len(self._line) >= MOST_WAITING:
            raise self._overloaded()
        if not self._line:
            self._last_empty = self._now()
        patience = self.patience
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line.append(turn)
        try:
            async with asyncio.timeout(patience):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self.leave()  # the turn came as we went
            elif turn in self._line:
                self._line.remove(turn)
            if isinstance(error, TimeoutError):
                raise self._overloaded() from None
            raise

    def leave(self) -> None:
        """Give the slot to the next in line."""
        while self._line:
            turn = self._line.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._last_empty = self._now()
        self._free += 1

    def _overloaded(self) -> Overloaded:
        """Not everyone is told the same second."""
        return Overloaded(peer=self._service, retry_after=random.randint(1, 3))

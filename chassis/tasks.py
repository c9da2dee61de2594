"""Loops in the background: waiting without deafness to being cancelled, pauses after failures, and an end that comes."""

import asyncio
from contextlib import suppress
import random
from typing import Any

INSIST_SECONDS = 1.0


async def happens(event: asyncio.Event, seconds: float) -> bool:
    """Whether the event is set within the time.

    Not with asyncio.wait_for: until Python 3.12 that forgets a cancellation which comes at the moment the event is set.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()


async def end(*tasks: asyncio.Task[Any], seconds: float = 0.0) -> None:
    """Let tasks end by themselves for so long, then cancel them, again and again if one does not hear; what they raised is dropped."""
    late = set(tasks)
    if late and seconds > 0:
        _, late = await asyncio.wait(late, timeout=seconds)
    while late:
        for task in late:
            task.cancel()
        _, late = await asyncio.wait(late, timeout=INSIST_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)


def pause_after(failures: int) -> float:
    """Seconds of backoff with jitter, at most 2, so that what returns is used at once."""
    return random.uniform(0.5, 1.0) * min(2.0, 0.05 * 2.0 ** min(failures, 8))

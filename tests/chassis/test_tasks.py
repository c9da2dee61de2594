"""Background work hears that it is to end, at whatever moment it is told."""

import asyncio

import pytest

from chassis.tasks import end, happens, pause_after


@pytest.mark.parametrize("turns", range(4))
async def test_a_cancellation_at_the_moment_of_the_event_is_heard(turns: int) -> None:
    event = asyncio.Event()

    async def wait_for_ever() -> None:
        while True:
            await happens(event, 60)
            event.clear()

    waiting = asyncio.create_task(wait_for_ever())
    await asyncio.sleep(0.01)
    event.set()
    for _ in range(turns):  # the loop's turns in which the news is on its way
        await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting], timeout=1)
    assert waiting.cancelled()


async def test_an_event_that_does_not_come_is_not_waited_for() -> None:
    assert await happens(asyncio.Event(), 0.01) is False


async def test_work_that_may_finish_finishes_and_work_that_is_deaf_ends_all_the_same() -> None:
    finished = []

    async def short() -> None:
        await asyncio.sleep(0.02)
        finished.append("short")

    async def deaf() -> None:
        for _ in range(2):
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                finished.append("not heard")
        await asyncio.sleep(60)

    async def broken() -> None:
        raise ValueError("of no interest at the end")

    tasks = [asyncio.create_task(work()) for work in (short, deaf, broken)]
    async with asyncio.timeout(10):
        await end(*tasks, seconds=0.1)
    assert all(task.done() for task in tasks)
    assert finished == ["short", "not heard", "not heard"]


def test_pauses_grow_to_two_seconds_and_differ() -> None:
    assert max(pause_after(failures) for failures in range(1000)) <= 2.0
    assert len({pause_after(3) for _ in range(10)}) > 1

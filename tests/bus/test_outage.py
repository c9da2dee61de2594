"""The broker, or the database, goes away and comes back while records are published and read."""

import asyncio
from collections.abc import Iterator

import pytest

from bus import Bus, BusUnavailable, Delivered
from tests.bus.conftest import Backend
from tests.bus.reading import after, in_order_per_key, numbered, numbers, read_until

pytestmark = pytest.mark.timeout(300)  # a broker starts several times, slowly where the machine is busy

BOUND = 25.0
"""Seconds within which a call must say that the bus is away."""


@pytest.fixture(autouse=True)
def server_is_back_afterwards(backend: Backend) -> Iterator[None]:
    yield
    backend.server.start()


async def publish_all(bus: Bus, topic: str, count: int, batch: int = 20) -> int:
    """As a relay does: the same batch again until it is taken. Answers how often the bus was away."""
    refusals = 0
    for start in range(0, count, batch):
        while True:
            try:
                await bus.publish(numbered(topic, batch, start=start))
                break
            except BusUnavailable:
                refusals += 1
                await asyncio.sleep(0.05)
    return refusals


@pytest.mark.parametrize("ending", ["stop", "kill"])
async def test_nothing_is_lost_or_swapped_when_the_server_goes_and_returns(
    backend: Backend, bus: Bus, topic: str, group: str, ending: str
) -> None:
    subscription = await bus.subscribe(group, [topic])
    half_read = asyncio.Event()

    async def bounce() -> None:
        await half_read.wait()
        await asyncio.to_thread(getattr(backend.server, ending))
        await asyncio.to_thread(backend.server.start)

    def enough(got: list[Delivered]) -> bool:
        if len(got) > 1000:
            half_read.set()
        return half_read.is_set() and len(numbers(got)) == 6000

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(bounce())
        tasks.create_task(publish_all(bus, topic, 6000))
        got = await read_until(subscription, enough, seconds=240)
    assert numbers(got) == list(range(6000))
    assert in_order_per_key(got)
    await subscription.close()


async def test_calls_say_within_bounds_that_the_server_is_away_and_work_when_it_is_back(
    backend: Backend, bus: Bus, topic: str, group: str
) -> None:
    subscription = await bus.subscribe(group, [topic])
    await bus.publish(numbered(topic, 1))
    read = await read_until(subscription, bool, commit=False)
    await asyncio.to_thread(backend.server.stop)

    async with asyncio.timeout(BOUND):
        with pytest.raises(BusUnavailable):
            await bus.publish(numbered(topic, 1))
    async with asyncio.timeout(BOUND):
        with pytest.raises(BusUnavailable):
            await subscription.commit(after(read))
    async with asyncio.timeout(BOUND):
        with pytest.raises(BusUnavailable):
            while True:
                await subscription.fetch(wait=0.5)
    async with asyncio.timeout(BOUND):
        with pytest.raises(BusUnavailable):
            await bus.lag(group, [topic])
    fresh = backend.bus("fresh")
    async with asyncio.timeout(BOUND):
        with pytest.raises(BusUnavailable):
            await fresh.start()

    await asyncio.to_thread(backend.server.start)
    await fresh.start()
    await publish_all(fresh, topic, 20)
    await publish_all(bus, topic, 20)
    got = await read_until(subscription, lambda got: len(got) >= 40)
    assert numbers(got) == list(range(20))
    await subscription.close()
    await fresh.stop()


async def test_stopping_ends_within_bounds_while_the_server_is_away(backend: Backend, topic: str, group: str) -> None:
    before = asyncio.all_tasks()
    bus = backend.bus()
    await bus.start()
    subscription = await bus.subscribe(group, [topic])
    await asyncio.to_thread(backend.server.stop)
    publishing = asyncio.create_task(bus.publish(numbered(topic, 1)))
    await asyncio.sleep(0)
    async with asyncio.timeout(BOUND):
        await subscription.close()
        await bus.stop()
    with pytest.raises(BusUnavailable):
        await publishing
    assert asyncio.all_tasks() - before == set()

"""Members come, go, die and dawdle; partitions are shared, handed over and never read by two at once."""

import asyncio
from pathlib import Path
import sys

import pytest

from bus import Bus, Delivered, PartitionLost, Record, Subscription, TopicPartition
from tests.bus.conftest import Backend
from tests.bus.reading import after, in_order_per_key, numbered, numbers, read_until

EVERYTHING = 4


async def fetch_until_owning(share: int, *members: Subscription) -> None:
    """All members fetch at the same time, as they would in their own processes, until each owns that many partitions."""

    settled = asyncio.Event()

    async def fetching(member: Subscription) -> None:
        while True:
            await member.fetch(wait=0.1)
            if all(len(member.assignment()) == share for member in members):
                settled.set()

    tasks = [asyncio.create_task(fetching(member)) for member in members]
    try:
        async with asyncio.timeout(30):
            await settled.wait()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def test_two_members_share_a_topic_and_one_that_stays_gets_all_of_it(backend: Backend, bus: Bus, topic: str, group: str) -> None:
    elsewhere = backend.bus("elsewhere")
    await elsewhere.start()
    for other in (bus, elsewhere):  # of the same process, and as if of another
        stays = await bus.subscribe(group, [topic])
        await fetch_until_owning(EVERYTHING, stays)
        leaves = await other.subscribe(group, [topic])
        await fetch_until_owning(2, stays, leaves)
        assert stays.assignment().isdisjoint(leaves.assignment())
        await leaves.close()
        await fetch_until_owning(EVERYTHING, stays)
        await stays.close()
    await elsewhere.stop()


async def test_nothing_is_lost_or_swapped_while_members_come_and_go(bus: Bus, topic: str, group: str) -> None:
    got: list[Delivered] = []

    async def member(enough: int) -> None:
        subscription = await bus.subscribe(group, [topic])
        while len(numbers(got)) < enough:
            records = await subscription.fetch(max_records=50, wait=0.2)
            got.extend(records)
            if records:
                await subscription.commit(after(records))
        await subscription.close()

    async def publish() -> None:
        for start in range(0, 4000, 100):
            await bus.publish(numbered(topic, 100, start=start))

    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        tasks.create_task(publish())
        tasks.create_task(member(4000))
        tasks.create_task(member(1500))
        tasks.create_task(member(2500))
    assert numbers(got) == list(range(4000))
    assert in_order_per_key(got)


async def test_a_partition_does_not_move_while_its_batch_is_in_hand(bus: Bus, topic: str, group: str) -> None:
    await bus.publish(numbered(topic, 40))
    slow = await bus.subscribe(group, [topic])
    batch = await slow.fetch(max_records=1, wait=10)
    assert len(batch) == 1
    joining = asyncio.create_task(bus.subscribe(group, [topic]))
    competing: list[Delivered] = []

    async def compete() -> None:
        quick = await joining
        competing.extend(await read_until(quick, bool))
        await quick.close()

    task = asyncio.create_task(compete())
    held = slow.assignment()
    await asyncio.wait([task], timeout=3)  # long enough for a rebalance, had nothing held it back
    assert slow.assignment() == held
    await slow.commit(after(batch))
    rest = await read_until(slow, lambda _: task.done(), seconds=30)
    await task
    assert batch[0] not in competing
    assert in_order_per_key([*batch, *rest, *competing])
    await slow.close()


async def test_a_slow_member_slows_only_its_own_partitions(bus: Bus, topic: str, group: str) -> None:
    slow, quick = await asyncio.gather(bus.subscribe(group, [topic]), bus.subscribe(group, [topic]))
    await fetch_until_owning(2, slow, quick)
    await bus.publish(numbered(topic, 200, keys=40))
    in_hand = await slow.fetch(max_records=1, wait=10)
    assert len(in_hand) == 1
    expected = sum(lag.end for partition, lag in (await bus.lag(group, [topic])).items() if partition in quick.assignment())
    assert len(await read_until(quick, lambda got: len(got) >= expected)) == expected
    await slow.commit(after(in_hand))
    assert len(await read_until(slow, lambda got: len(got) >= 199 - expected)) == 199 - expected
    await slow.close()
    await quick.close()


async def test_committing_a_lost_partition_is_refused(bus: Bus, topic: str, group: str) -> None:
    await bus.publish(numbered(topic, 40))
    first = await bus.subscribe(group, [topic])
    read = await read_until(first, lambda got: len(got) >= 40, commit=False)
    second = await bus.subscribe(group, [topic])
    await fetch_until_owning(2, first, second)
    with pytest.raises(PartitionLost):
        await first.commit(after(read))
    await first.commit(dict.fromkeys(first.assignment(), 1))
    await first.close()
    await second.close()
    lag = await bus.lag(group, [topic])
    assert all(lag[TopicPartition(topic, partition.partition)].committed <= 1 for partition in lag)


async def test_a_member_killed_between_effect_and_commit_leaves_its_records_to_the_next(
    backend: Backend, bus: Bus, topic: str, group: str, tmp_path: Path
) -> None:
    await bus.publish([Record(topic, "k", str(n).encode()) for n in range(10)])
    effects = tmp_path / "effects"
    member = Path(__file__).with_name("crashing_member.py")
    process = await asyncio.create_subprocess_exec(
        sys.executable, member, backend.kind, backend.address, group, topic, effects,
        cwd=Path(__file__).parents[3], env={"PYTHONPATH": "."}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert await process.stdout.readline() == b"done\n"
    process.kill()
    await process.wait()
    assert [int(line) for line in effects.read_text().split()] == list(range(10))

    successor = await bus.subscribe(group, [topic])
    assert numbers(await read_until(successor, lambda got: len(got) >= 10)) == list(range(10))
    await successor.close()

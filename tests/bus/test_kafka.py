"""What is particular to the bus on Kafka: a client library that must be watched."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bus import BusUnavailable, Record, kafka, kafka_subscription
from bus.kafka import KafkaBus
from bus.kafka_clients import bus_unavailable
from host.stack.kafka import KafkaBroker
from tests.bus.reading import nothing_is_left, numbered, numbers, read_until


@pytest.fixture
async def bus(kafka_broker: KafkaBroker) -> AsyncIterator[KafkaBus]:
    started = KafkaBus(kafka_broker.bootstrap, client_id="test")
    await started.start()
    yield started
    await started.stop()


@pytest.fixture
async def topic(bus: KafkaBus, group: str) -> str:
    await bus.ensure_topics({f"tongban.test.{group}": 4})
    return f"tongban.test.{group}"


async def test_a_consumer_that_stands_still_with_records_waiting_is_rebuilt(
    bus: KafkaBus, topic: str, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka_subscription, "CHECK_SECONDS", 0.1)
    subscription = await bus.subscribe(group, [topic])
    stuck = await subscription.joined(10)
    assert stuck is not None
    stuck.pause(*stuck.assignment())  # from outside the same as aiokafka's fetcher forgetting a partition
    await bus.publish(numbered(topic, 10))
    assert numbers(await read_until(subscription, lambda got: len(got) >= 10)) == list(range(10))
    assert await subscription.joined(0) is not stuck
    await subscription.close()


async def nothing_to_do() -> None:
    """Let the other tasks of the test get on."""
    await asyncio.sleep(0.01)


async def test_a_member_without_partitions_is_rebuilt_only_when_its_group_stands_still_for_long(
    bus: KafkaBus, topic: str, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka_subscription, "CHECK_SECONDS", 0.05)
    monkeypatch.setattr(kafka_subscription, "CHECKS_WITHOUT_PARTITIONS", 5)
    await bus.ensure_topics({f"{topic}.single": 1})
    await bus.publish([Record(f"{topic}.single", "k", b"1")])
    members = [await bus.subscribe(group, [f"{topic}.single"]) for _ in range(2)]
    tasks = [asyncio.create_task(read_until(member, lambda _: False, commit=False)) for member in members]
    async with asyncio.timeout(30):
        while sorted(len(member.assignment()) for member in members) != [0, 1]:
            await nothing_to_do()
        idle = next(member for member in members if not member.assignment())
        first = idle._consumer
        while idle._consumer is first:
            await nothing_to_do()
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    for member in members:
        await member.close()


async def test_a_producer_whose_sender_died_is_replaced(bus: KafkaBus, topic: str, group: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka, "PUBLISH_SECONDS", 1.0)
    assert bus._producer is not None
    bus._producer._sender.sender_task.cancel()
    with pytest.raises(BusUnavailable):
        await bus.publish([Record(topic, "k", b"never sent")])
    await bus.publish([Record(topic, "k", b"sent")])
    subscription = await bus.subscribe(group, [topic])
    assert [record.value for record in await read_until(subscription, bool)] == [b"sent"]
    await subscription.close()


async def test_a_cancellation_that_escapes_from_the_client_does_not_end_the_caller() -> None:
    escaped: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    escaped.cancel()
    with pytest.raises(BusUnavailable), bus_unavailable("publish"):
        await escaped


async def test_a_cancellation_of_the_caller_stays_one() -> None:
    async def call() -> None:
        with bus_unavailable("publish"):
            await asyncio.Event().wait()

    task = asyncio.create_task(call())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_positions_are_moved_though_three_members_read_meanwhile(bus: KafkaBus, topic: str, group: str) -> None:
    """The member that rewinds takes the whole topic, whoever else is in the group."""
    await bus.publish(numbered(topic, 20))
    members = [await bus.subscribe(group, [topic]) for _ in range(3)]
    done = asyncio.Event()

    async def reading(index: int) -> list[int]:
        got = await read_until(members[index], lambda _: done.is_set())
        return numbers(got)

    tasks = [asyncio.create_task(reading(index)) for index in range(3)]
    assert set((await bus.rewind(group, topic, 0)).values()) == {0}
    await nothing_is_left(bus, group, [topic])
    done.set()
    assert sorted({number for got in await asyncio.gather(*tasks) for number in got}) == list(range(20))
    for member in members:
        await member.close()

"""What every bus promises, run against the log in PostgreSQL and a real Apache Kafka broker."""

import asyncio
from datetime import UTC, datetime
import time

import pytest

from bus import Bus, BusUnavailable, Lag, PartitionLost, Record, RecordTooLarge, TopicPartition
from bus.partitioner import partition_of
from bus.protocol import MAX_RECORD_BYTES
from tests.bus.conftest import Backend
from tests.bus.reading import after, end_of, in_order_per_key, numbered, numbers, read_until


async def test_a_record_comes_back_as_it_was_sent(bus: Bus, topic: str, group: str) -> None:
    headers = (("ce_type", b"tongban.intake.application.accepted.v1"), ("名", "值".encode()), ("raw", bytes(range(256))), ("raw", b""))
    sent_at = time.time() * 1000
    await bus.publish([Record(topic, "申请-1", b"\x00\xff{}", headers), Record(topic, "other", b"")])
    subscription = await bus.subscribe(group, [topic])
    first, second = sorted(await read_until(subscription, lambda got: len(got) >= 2), key=lambda r: r.value, reverse=True)
    assert (first.topic, first.key, first.value, first.headers) == (topic, "申请-1", b"\x00\xff{}", headers)
    assert first.header("ce_type") == "tongban.intake.application.accepted.v1"
    assert abs(first.timestamp - sent_at) < 60_000
    assert (second.key, second.value, second.headers) == ("other", b"", ())
    await subscription.close()


async def test_a_key_keeps_its_order_and_its_partition(bus: Bus, topic: str, group: str) -> None:
    for start in range(0, 1000, 100):
        await bus.publish(numbered(topic, 100, start=start))
    subscription = await bus.subscribe(group, [topic])
    got = await read_until(subscription, lambda got: len(got) >= 1000)
    assert numbers(got) == list(range(1000))
    assert in_order_per_key(got)
    assert all(record.partition == partition_of(record.key, 4) for record in got)
    for partition in range(4):
        offsets = [record.offset for record in got if record.partition == partition]
        assert offsets == list(range(len(offsets)))
    await subscription.close()


async def test_a_hundred_thousand_records_arrive_once_and_in_order(bus: Bus, topic: str, group: str) -> None:
    async def publish() -> None:
        for start in range(0, 100_000, 500):
            await bus.publish(numbered(topic, 500, keys=997, start=start))

    publishing = asyncio.create_task(publish())
    subscription = await bus.subscribe(group, [topic])
    got = await read_until(subscription, lambda got: len(got) >= 100_000, seconds=90)
    await publishing
    assert len(got) == 100_000
    assert numbers(got) == list(range(100_000))
    assert in_order_per_key(got)
    assert all(lag.records == 0 for lag in (await bus.lag(group, [topic])).values())
    await subscription.close()


async def test_a_record_over_the_limit_is_refused_and_nothing_of_its_batch_is_sent(bus: Bus, topic: str, group: str) -> None:
    with pytest.raises(RecordTooLarge):
        await bus.publish([Record(topic, "k", b"fits"), Record(topic, "k", b"x" * (MAX_RECORD_BYTES + 1))])
    largest = bytes(range(256)) * (MAX_RECORD_BYTES // 256)
    await bus.publish([Record(topic, "k", largest)])
    subscription = await bus.subscribe(group, [topic])
    assert [record.value for record in await read_until(subscription, bool)] == [largest]
    await subscription.close()


async def test_publishing_to_a_topic_that_is_not_there_says_so(bus: Bus) -> None:
    with pytest.raises(BusUnavailable):
        await bus.publish([Record("tongban.test.nowhere", "k", b"")])


async def test_ensuring_a_topic_twice_changes_nothing(backend: Backend, bus: Bus, topic: str, group: str) -> None:
    other = backend.bus("other")
    await other.start()
    await other.ensure_topics({topic: 9})
    assert len(await other.lag(group, [topic])) == 4
    await other.stop()


async def test_records_wake_a_waiting_member_at_once(backend: Backend, bus: Bus, topic: str, group: str) -> None:
    """In the same process and from another bus, as another process would have; the wait itself is far longer."""
    other = backend.bus("other")
    await other.start()
    subscription = await bus.subscribe(group, [topic])
    await read_until(subscription, lambda _: len(subscription.assignment()) == 4)
    for publisher in (bus, other):
        waiting = asyncio.create_task(subscription.fetch(wait=30))
        await asyncio.sleep(0)
        await publisher.publish([Record(topic, "k", b"now")])
        published = time.monotonic()
        assert [record.value for record in await waiting] == [b"now"]
        assert time.monotonic() - published < 1.0
    await subscription.close()
    await other.stop()


async def test_what_was_not_committed_is_delivered_again(bus: Bus, topic: str, group: str) -> None:
    await bus.publish(numbered(topic, 100))
    first = await bus.subscribe(group, [topic])
    got = await read_until(first, lambda got: len(got) >= 100, commit=False)
    done = [record for record in got if record.partition in (0, 1)]
    await first.commit(after(done))
    await first.close()

    second = await bus.subscribe(group, [topic])
    rest = sorted(int(record.value) for record in got if record.partition in (2, 3))
    again = await read_until(second, lambda again: len(again) >= len(rest))
    assert sorted(int(record.value) for record in again) == rest
    await second.close()


async def test_seeking_delivers_again_from_there(bus: Bus, topic: str, group: str) -> None:
    await bus.publish([Record(topic, "k", str(n).encode()) for n in range(10)])
    partition = TopicPartition(topic, partition_of("k", 4))
    subscription = await bus.subscribe(group, [topic])
    await read_until(subscription, lambda got: len(got) >= 10, commit=False)
    subscription.seek(partition, 7)
    assert numbers(await read_until(subscription, lambda got: len(got) >= 3)) == [7, 8, 9]
    with pytest.raises(PartitionLost):
        subscription.seek(TopicPartition(topic, 99), 0)
    await subscription.close()


async def test_two_groups_read_the_same_records_each_on_its_own(bus: Bus, topic: str, group: str) -> None:
    await bus.publish(numbered(topic, 20))
    for name in (group, f"{group}-other"):
        subscription = await bus.subscribe(name, [topic])
        assert numbers(await read_until(subscription, lambda got: len(got) >= 20)) == list(range(20))
        await subscription.close()


async def test_lag_counts_what_is_not_committed(bus: Bus, topic: str, group: str) -> None:
    await bus.publish([Record(topic, "k", str(n).encode()) for n in range(10)])
    partition = TopicPartition(topic, partition_of("k", 4))
    before = await bus.lag(group, [topic])
    assert before[partition] == Lag(0, 10)
    assert sum(lag.records for lag in before.values()) == 10
    subscription = await bus.subscribe(group, [topic])
    await read_until(subscription, lambda got: len(got) >= 10, commit=False)
    await subscription.commit({partition: 6})
    assert (await bus.lag(group, [topic]))[partition] == Lag(6, 10)
    await subscription.close()


@pytest.mark.parametrize("is_read_meanwhile", [False, True])
async def test_a_group_replays_from_an_offset(bus: Bus, topic: str, group: str, is_read_meanwhile: bool) -> None:
    await bus.publish(numbered(topic, 100))
    subscription = await bus.subscribe(group, [topic])
    everything = await read_until(subscription, lambda got: len(got) >= 100)
    if not is_read_meanwhile:
        await subscription.close()
        assert await bus.rewind(group, topic, 5) == {TopicPartition(topic, n): min(5, end_of(everything, n)) for n in range(4)}
        subscription = await bus.subscribe(group, [topic])
        rewinding = None
    else:
        rewinding = asyncio.create_task(bus.rewind(group, topic, 5))
    expected = sorted(int(record.value) for record in everything if record.offset >= 5)
    again = await read_until(subscription, lambda again: len(again) >= len(expected))
    assert numbers(again) == expected
    assert in_order_per_key(again)
    if rewinding is not None:
        await rewinding
    await subscription.close()


async def test_a_group_replays_from_a_time(bus: Bus, topic: str, group: str) -> None:
    await bus.publish(numbered(topic, 50))
    subscription = await bus.subscribe(group, [topic])
    early = await read_until(subscription, lambda got: len(got) >= 50)
    await bus.publish(numbered(topic, 50, start=50))
    late = await read_until(subscription, lambda got: len(got) >= 50)
    await subscription.close()
    border = min(record.timestamp for record in late)
    await bus.rewind(group, topic, datetime.fromtimestamp(border / 1000, UTC))
    subscription = await bus.subscribe(group, [topic])
    expected = [record for record in early + late if record.timestamp >= border]
    again = await read_until(subscription, lambda again: len(again) >= len(expected))
    assert numbers(again) == numbers(expected)
    await bus.rewind("nobody-yet", topic, datetime(2999, 1, 1, tzinfo=UTC))
    assert all(lag.records == 0 for lag in (await bus.lag("nobody-yet", [topic])).values())
    await subscription.close()


async def test_stopping_leaves_nothing_running(backend: Backend, group: str) -> None:
    before = asyncio.all_tasks()
    bus = backend.bus()
    await bus.start()
    await bus.ensure_topics({f"tongban.test.{group}": 2})
    subscription = await bus.subscribe(group, [f"tongban.test.{group}"])
    await bus.publish([Record(f"tongban.test.{group}", "k", b"1")])
    await read_until(subscription, bool)
    await subscription.close()
    await bus.stop()
    assert asyncio.all_tasks() - before == set()

"""What is particular to the log in PostgreSQL: its schema, its fences, its trimming."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from bus import Lag, PartitionLost, Record, Subscription, TopicPartition
from bus.partitioner import partition_of
from bus.postgres import PostgresBus
from bus.postgres_subscription import MAX_FETCH_BYTES
from tests.bus.reading import after, nothing_is_left, numbered, numbers, read_until


@pytest.fixture
async def bus(bus_database: str) -> AsyncIterator[PostgresBus]:
    started = PostgresBus(bus_database, application_name="here")
    await started.start()
    await started.ensure_topics({"t": 4})
    yield started
    await started.stop()


@pytest.fixture
async def elsewhere(bus: PostgresBus, bus_database: str) -> AsyncIterator[PostgresBus]:
    """The bus of another process."""
    started = PostgresBus(bus_database, application_name="elsewhere")
    await started.start()
    yield started
    await started.stop()


async def terminate(database: str, application_name: str) -> None:
    """End every connection of one bus, as a failed network would."""
    connection = await asyncpg.connect(database)
    await connection.fetch("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", application_name)
    await connection.close()


async def test_many_processes_may_start_on_an_empty_database_at_once(bus_database: str) -> None:
    buses = [PostgresBus(bus_database, application_name=f"bus-{n}") for n in range(6)]
    await asyncio.gather(*(bus.start() for bus in buses))
    await asyncio.gather(*(bus.ensure_topics({"a": 2, "b": 3}) for bus in buses))
    assert len(await buses[0].lag("g", ["a", "b"])) == 5
    await asyncio.gather(*(bus.stop() for bus in buses))


async def test_tables_of_another_version_are_refused(bus: PostgresBus, bus_database: str) -> None:
    connection = await asyncpg.connect(bus_database)
    await connection.execute("UPDATE tongban_bus.version SET version = 99")
    await connection.close()
    with pytest.raises(RuntimeError, match="version 99"):
        await PostgresBus(bus_database, application_name="old").start()


async def test_an_owner_that_lost_its_session_can_no_longer_commit(bus: PostgresBus, elsewhere: PostgresBus, bus_database: str) -> None:
    await bus.publish(numbered("t", 40))
    zombie = await bus.subscribe("g", ["t"])
    read = await read_until(zombie, lambda got: len(got) >= 40, commit=False)
    successor = await elsewhere.subscribe("g", ["t"])
    await bus._session.stop()  # its locks are gone, it does not know, and its pool still works
    again = await read_until(successor, lambda got: len(got) >= 40)
    assert numbers(again) == list(range(40))
    with pytest.raises(PartitionLost):
        await zombie.commit(dict.fromkeys(after(read), 1))
    assert all(lag.records == 0 for lag in (await elsewhere.lag("g", ["t"])).values())
    await successor.close()


async def test_losing_every_connection_is_healed(bus: PostgresBus, elsewhere: PostgresBus, bus_database: str) -> None:
    subscription = await bus.subscribe("g", ["t"])
    await elsewhere.publish(numbered("t", 10))
    await read_until(subscription, lambda got: len(got) >= 10)
    await terminate(bus_database, "here")
    await elsewhere.publish(numbered("t", 10, start=10))
    await read_until(subscription, lambda got: set(numbers(got)) >= set(range(10, 20)))
    await subscription.close()


async def test_many_publishers_at_once_leave_no_gap_and_keep_each_ones_order(bus: PostgresBus, elsewhere: PostgresBus) -> None:
    async def publish(publisher: PostgresBus, key: str) -> None:
        for n in range(30):
            await publisher.publish([Record("t", key, str(n).encode()), *numbered("t", 3, keys=3)])

    subscription = await bus.subscribe("g", ["t"])
    async with asyncio.TaskGroup() as tasks:
        for n in range(8):
            tasks.create_task(publish(bus if n % 2 else elsewhere, f"own-{n}"))
        reading = tasks.create_task(read_until(subscription, lambda got: len(got) >= 8 * 30 * 4))
    got = reading.result()
    for partition in range(4):
        offsets = [record.offset for record in got if record.partition == partition]
        assert offsets == list(range(len(offsets)))
    for n in range(8):
        assert [int(record.value) for record in got if record.key == f"own-{n}"] == list(range(30))
    await subscription.close()


async def test_one_fetch_is_bounded_in_bytes(bus: PostgresBus) -> None:
    large = b"x" * 800_000
    for _ in range(3):
        await bus.publish([Record("t", "k", large) for _ in range(5)])
    subscription = await bus.subscribe("g", ["t"])
    first = await subscription.fetch(wait=5)
    assert sum(len(record.value) for record in first) <= MAX_FETCH_BYTES + len(large)
    assert len(first) < 15
    assert len(first) + len(await read_until(subscription, lambda got: len(got) >= 15 - len(first))) == 15
    await subscription.close()


async def test_trimming_removes_what_is_older_and_readers_go_on_behind_it(bus: PostgresBus) -> None:
    await bus.publish([Record("t", "k", b"old")] * 3)
    partition = TopicPartition("t", partition_of("k", 4))
    assert await bus.trim(datetime.now(UTC) - timedelta(hours=1)) == 0
    assert await bus.trim(datetime.now(UTC) + timedelta(seconds=5)) == 3
    assert (await bus.lag("g", ["t"]))[partition] == Lag(3, 3)
    assert (await bus.rewind("g", "t", 0))[partition] == 3
    await bus.publish([Record("t", "k", b"new")])
    subscription = await bus.subscribe("g", ["t"])
    got = await read_until(subscription, bool)
    assert [(record.offset, record.value) for record in got] == [(3, b"new")]
    await subscription.close()


async def test_a_topic_made_after_its_readers_joined_is_read(bus: PostgresBus, elsewhere: PostgresBus) -> None:
    subscription = await bus.subscribe("g", ["later"])
    assert await subscription.fetch(wait=0) == []
    await elsewhere.ensure_topics({"later": 2})
    await elsewhere.publish([Record("later", "k", b"1")])
    assert [record.value for record in await read_until(subscription, bool)] == [b"1"]
    await subscription.close()


async def test_members_that_read_different_topics_of_one_group_do_not_starve_each_other(bus: PostgresBus) -> None:
    await bus.ensure_topics({"u": 4})
    both = await bus.subscribe("g", ["t", "u"])
    one = await bus.subscribe("g", ["t"])
    await bus.publish([*numbered("t", 40), *numbered("u", 40)])
    done = asyncio.Event()
    seen: list[tuple[str, int]] = []

    async def read(subscription: Subscription) -> None:
        got = await read_until(subscription, lambda _: done.is_set())
        seen.extend((record.topic, int(record.value)) for record in got)

    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        tasks.create_task(read(both))
        tasks.create_task(read(one))
        await nothing_is_left(bus, "g", ["t", "u"])
        done.set()
    assert sorted(seen) == [(topic, n) for topic in ("t", "u") for n in range(40)]
    await both.close()
    await one.close()

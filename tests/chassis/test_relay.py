"""The outbox relay: one leader, in order, never losing what a commit promised."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
import sys
import time
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text

from bus import BusUnavailable, Delivered, Record
from bus.postgres import PostgresBus
from chassis.database import Database
from chassis.relay import Relay
from chassis.runtime import Runtime
from host.stack.postgres import EmbeddedPostgres
from tests.chassis.toy.app import THINGS_TOPIC, TOPICS, ThingMade, ToySettings, create_app
from tests.support.service import ServiceUnderTest, running_service
from tests.support.waiting import until


class UnreliableBus(PostgresBus):
    """The bus in PostgreSQL, which can be taken away, or take records and fail to say so."""

    is_away = False
    forgets_to_answer = False
    published: list[str]

    def __init__(self, dsn: str) -> None:
        super().__init__(dsn, application_name="tests-unreliable")
        self.published = []

    async def publish(self, records: Sequence[Record]) -> None:
        if self.is_away:
            raise BusUnavailable("taken away by the test")
        await super().publish(records)
        self.published.extend(record.value.decode() for record in records)
        if self.forgets_to_answer:
            self.forgets_to_answer = False
            raise BusUnavailable("the answer was lost")


@pytest.fixture
async def bus(toy: ServiceUnderTest) -> AsyncIterator[UnreliableBus]:
    """Stands in the toy's runtime, under the relays that a test starts."""
    unreliable = UnreliableBus(toy.runtime.db.dsn)
    toy.runtime.bus = unreliable
    yield unreliable
    await unreliable.stop()


async def _emit(db: Database, *names: str, key: int = 7) -> None:
    async with db.write() as tx:
        for name in names:
            tx.emit(ThingMade(thing_id=UUID(int=key), name=name))


async def _unpublished(toy: ServiceUnderTest) -> int:
    async with toy.runtime.db.read() as tx:
        return int(await tx.scalar(text("SELECT count(*) FROM outbox WHERE published_at IS NULL")))


@asynccontextmanager
async def _other_process(toy: ServiceUnderTest) -> AsyncIterator[Runtime]:
    """The same service once more, with its own pool and relay state, as another process would have."""
    async with running_service(create_app, ToySettings, database_url=toy.runtime.db.dsn, clock=toy.clock) as other:
        other.runtime.bus = toy.runtime.bus
        yield other.runtime


async def _read_all(bus: PostgresBus, count: int) -> list[Delivered]:
    await bus.start()
    await bus.ensure_topics({THINGS_TOPIC: 6})
    subscription = await bus.subscribe("tests", [THINGS_TOPIC])
    records: list[Delivered] = []
    try:
        await until(lambda: _fetch_into(subscription, records, count))
    finally:
        await subscription.close()
    return records


async def _fetch_into(subscription: Any, records: list[Delivered], count: int) -> bool:
    records.extend(await subscription.fetch(wait=0.2))
    return len(records) >= count


def _names(values: Sequence[str]) -> list[str]:
    return [value.split('"name":"')[1].split('"')[0] for value in values]


async def test_what_was_committed_before_the_relay_came_is_published_in_order(toy: ServiceUnderTest, bus: UnreliableBus) -> None:
    for number in range(30):
        await _emit(toy.runtime.db, str(number))
    async with Relay(toy.runtime, TOPICS).running():
        records = await _read_all(bus, 30)
        await until(lambda: _nothing_left(toy))
    assert _names([record.value.decode() for record in records]) == [str(number) for number in range(30)]
    assert {record.key for record in records} == {str(UUID(int=7))} and {r.header("ce_type") for r in records} == {ThingMade.type}


async def _nothing_left(toy: ServiceUnderTest) -> bool:
    return await _unpublished(toy) == 0


async def test_a_commit_in_the_leading_process_is_published_without_waiting_for_the_poll(toy: ServiceUnderTest, bus: UnreliableBus) -> None:
    async with Relay(toy.runtime, TOPICS).running():
        await until(lambda: toy.runtime.db.relays_here())
        waits = [await _seconds_until_published(bus, toy.runtime.db, str(number)) for number in range(5)]
    assert min(waits) < 0.3, waits


async def test_a_commit_in_another_process_wakes_the_leader_by_notification(toy: ServiceUnderTest, bus: UnreliableBus) -> None:
    async with Relay(toy.runtime, TOPICS).running(), _other_process(toy) as other:
        await until(lambda: toy.runtime.db.relays_here())
        waits = [await _seconds_until_published(bus, other.db, str(number)) for number in range(5)]
    assert min(waits) < 0.3, waits


async def _seconds_until_published(bus: UnreliableBus, db: Database, name: str) -> float:
    before = len(bus.published)
    began = time.monotonic()
    await _emit(db, name)
    await until(lambda: len(bus.published) > before)
    return time.monotonic() - began


async def test_of_two_relays_one_leads_and_the_other_takes_over_when_its_connection_dies(
    toy: ServiceUnderTest, bus: UnreliableBus, postgres_server: EmbeddedPostgres
) -> None:
    async with _other_process(toy) as other, Relay(toy.runtime, TOPICS).running():
        await until(lambda: toy.runtime.db.relays_here())
        async with Relay(other, TOPICS).running():
            await _emit(other.db, "a")
            await until(lambda: _names(bus.published) == ["a"])
            assert toy.runtime.db.relays_here() and not other.db.relays_here()

            killer = await asyncpg.connect(toy.runtime.db.dsn)
            killed = await killer.fetchval(
                "SELECT count(pg_terminate_backend(a.pid)) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
                " WHERE l.locktype = 'advisory' AND a.application_name = 'tongban-relay-toy' AND a.datname = current_database()"
            )
            await killer.close()
            assert killed == 1
            await _emit(toy.runtime.db, "b")
            await _emit(other.db, "c")
            await until(lambda: list(dict.fromkeys(_names(bus.published))) == ["a", "b", "c"])  # twice, where the mark was cut off
            # For a moment the old leader may not have noticed yet that it lost its connection.
            await until(lambda: [toy.runtime.db.relays_here(), other.db.relays_here()].count(True) == 1)


async def test_events_wait_while_the_bus_is_away_and_come_in_order_when_it_returns(toy: ServiceUnderTest, bus: UnreliableBus) -> None:
    bus.is_away = True
    async with Relay(toy.runtime, TOPICS).running():
        for number in range(10):
            await _emit(toy.runtime.db, str(number))
        await until(lambda: toy.runtime.db.relays_here())
        assert bus.published == [] and await _unpublished(toy) == 10
        bus.is_away = False
        await until(lambda: _nothing_left(toy))
    assert _names(bus.published) == [str(number) for number in range(10)]


async def test_a_crash_between_publishing_and_marking_repeats_and_loses_nothing(toy: ServiceUnderTest, bus: UnreliableBus) -> None:
    bus.forgets_to_answer = True
    async with Relay(toy.runtime, TOPICS).running():
        await _emit(toy.runtime.db, "a", "b")
        await until(lambda: _nothing_left(toy))
        records = await _read_all(bus, 4)
    assert _names([record.value.decode() for record in records]) == ["a", "b", "a", "b"]
    assert len({record.header("ce_id") for record in records}) == 2


async def test_a_terminated_connection_of_the_relay_is_replaced(toy: ServiceUnderTest, bus: UnreliableBus) -> None:
    async with Relay(toy.runtime, TOPICS).running():
        for name in ("a", "b", "c"):
            await until(lambda: toy.runtime.db.relays_here())
            killer = await asyncpg.connect(toy.runtime.db.dsn)
            await killer.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tongban-relay-toy'")
            await killer.close()
            await _emit(toy.runtime.db, name)
            await until(lambda: _nothing_left(toy))
    assert list(dict.fromkeys(_names(bus.published))) == ["a", "b", "c"]


async def test_a_relay_that_is_told_to_stop_empties_the_outbox_first(toy: ServiceUnderTest, bus: UnreliableBus) -> None:
    async with Relay(toy.runtime, TOPICS).running():
        await until(lambda: toy.runtime.db.relays_here())
        await _emit(toy.runtime.db, *(str(number) for number in range(2_500)))
    assert await _unpublished(toy) == 0 and len(bus.published) == 2_500


async def test_a_relay_that_is_told_to_stop_does_not_wait_for_a_bus_that_is_away(toy: ServiceUnderTest, bus: UnreliableBus) -> None:
    bus.is_away = True
    await _emit(toy.runtime.db, "a")
    relay = Relay(toy.runtime, TOPICS)
    began = time.monotonic()
    async with relay.running():
        await until(lambda: toy.runtime.db.relays_here())
    assert time.monotonic() - began < toy.runtime.settings.drain_seconds / 2
    assert await _unpublished(toy) == 1


async def test_a_relay_that_does_not_lead_stops_at_once(toy: ServiceUnderTest, bus: UnreliableBus) -> None:
    async with _other_process(toy) as other, Relay(toy.runtime, TOPICS).running():
        await until(lambda: toy.runtime.db.relays_here())
        began = time.monotonic()
        async with Relay(other, TOPICS).running():
            await _emit(other.db, "a")
        assert time.monotonic() - began < 3


async def test_long_published_events_and_old_answers_are_forgotten(toy: ServiceUnderTest, bus: UnreliableBus) -> None:
    await _emit(toy.runtime.db, "old", "new")
    async with toy.runtime.db.write() as tx:
        await tx.execute(text("UPDATE outbox SET published_at = :then WHERE seq = 1"), {"then": toy.clock.now().replace(year=2025)})
        await tx.execute(
            text(
                "INSERT INTO idempotency_keys SELECT 'o', 'op', k, '', 200, '{}', '', CAST(t AS timestamptz) FROM (VALUES ('a', :a), ('b', :b)) v(k, t)"
            ),
            {"a": "2025-01-01T00:00:00Z", "b": "2026-09-21T00:00:00Z"},
        )
    async with Relay(toy.runtime, TOPICS).running():
        await until(lambda: _remaining(toy))


async def _remaining(toy: ServiceUnderTest) -> bool:
    async with toy.runtime.db.read() as tx:
        found = await tx.one(
            text("SELECT (SELECT count(*) FROM outbox) AS events, (SELECT string_agg(key, '') FROM idempotency_keys) AS keys")
        )
    return (found["events"], found["keys"]) == (1, "b")


_WRITER = """
import asyncio, sys
from uuid import UUID
from chassis.clock import SystemClock
from chassis.database import Database
from tests.chassis.toy.app import ThingMade

async def main() -> None:
    db = Database(sys.argv[1], service="toy", clock=SystemClock())
    async with db.write() as tx:
        tx.emit(ThingMade(thing_id=UUID(int=1), name="from afar"))
    await db.close()

asyncio.run(main())
"""


async def test_a_process_that_runs_no_relay_leaves_its_events_to_the_one_that_does(toy: ServiceUnderTest, bus: UnreliableBus) -> None:
    async with Relay(toy.runtime, TOPICS).running():
        await until(lambda: toy.runtime.db.relays_here())
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", _WRITER, toy.runtime.db.dsn)
        assert await process.wait() == 0
        await until(lambda: _names(bus.published) == ["from afar"])

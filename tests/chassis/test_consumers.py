"""Consumers on the bus in PostgreSQL: each event has its effect once, in order per key; what cannot have it steps aside."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import text

from bus import Record
from chassis import consumers as at_work
from chassis import inbox
from chassis.consumers import DEAD_LETTER_SUFFIX, NotYet, run_consumers
from chassis.events import Incoming
from chassis.problems import Unavailable
from tests.chassis.toy.app import CONSUMERS, ORDER_PLACED, ORDERS_TOPIC, OrderPlaced, order_headers
from tests.support.service import ServiceUnderTest
from tests.support.waiting import until

CONSUMER = CONSUMERS[0].name
Behave = Callable[[Incoming[OrderPlaced]], Awaitable[None]]


class Shop:
    """Places orders on the toy's topic (one partition, so that what blocks one key would block all) and sees what came of them."""

    def __init__(self, toy: ServiceUnderTest) -> None:
        self.toy = toy

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        async with run_consumers_of(self.toy):
            yield

    async def place(self, key: str, *numbers: int, event_id: str | None = None) -> None:
        await self.put(*(self.order(key, number, event_id or str(uuid4())) for number in numbers))

    def order(self, key: str, number: int, event_id: str, **changed: str | None) -> Record:
        return Record(ORDERS_TOPIC, key, b'{"number": %d, "unknown": true}' % number, tuple(order_headers(event_id, **changed)))

    async def put(self, *records: Record) -> None:
        await self.toy.runtime.bus.publish(records)

    def fails_for(self, *numbers: int, error: Exception | None = None) -> None:
        """From now on orders of these numbers fail; of none: all succeed."""

        async def behave(event: Incoming[OrderPlaced]) -> None:
            if event.body.number in numbers:
                raise error or ValueError(f"order {event.body.number} cannot be")

        self.toy.runtime.parts["behave"] = behave

    async def effects(self) -> list[tuple[str, int]]:
        async with self.toy.runtime.db.read() as tx:
            return [(row["key"], row["number"]) for row in await tx.all(text("SELECT key, number FROM effects ORDER BY seq"))]

    async def states(self) -> list[tuple[str, str]]:
        async with self.toy.runtime.db.read() as tx:
            return [(row["key"], row["state"]) for row in await tx.all(text("SELECT key, state FROM dead_letters ORDER BY id"))]

    async def letters(self) -> list[inbox.DeadLetter]:
        async with self.toy.runtime.db.read() as tx:
            return await inbox.letters(tx, states=("parked", "replaying", "resolved", "dropped"))

    async def have(self, *expected: tuple[str, int]) -> None:
        async def is_so() -> bool:
            return await self.effects() == list(expected)

        try:
            await until(is_so)
        except AssertionError:
            assert await self.effects() == list(expected)

    async def position(self) -> int:
        lags = await self.toy.runtime.bus.lag(CONSUMER, [ORDERS_TOPIC])
        return sum(lag.committed for lag in lags.values())

    async def replay(self, **chosen: Any) -> int:
        async with self.toy.runtime.db.write() as tx:
            return await inbox.request_replay(tx, **chosen)


@asynccontextmanager
async def run_consumers_of(toy: ServiceUnderTest) -> AsyncIterator[None]:
    metrics_of_a_new_process(toy)
    async with run_consumers(toy.runtime, CONSUMERS):
        yield


def metrics_of_a_new_process(toy: ServiceUnderTest) -> None:
    from prometheus_client import CollectorRegistry

    toy.runtime.registry = CollectorRegistry()


@pytest.fixture
async def shop(toy: ServiceUnderTest) -> AsyncIterator[Shop]:
    await toy.runtime.bus.start()
    await toy.runtime.bus.ensure_topics({ORDERS_TOPIC: 1})
    yield Shop(toy)
    await toy.runtime.bus.stop()


async def test_events_have_their_effect_in_order_and_what_they_emit_with_them(shop: Shop) -> None:
    await shop.place("a", *range(20))
    async with shop.open():
        await shop.have(*(("a", number) for number in range(20)))
    assert [event["name"] for event in await shop.toy.emitted()] == [f"order {number}" for number in range(20)]
    assert await shop.position() == 20


async def test_effect_and_inbox_entry_are_one_transaction(shop: Shop) -> None:
    await shop.place("a", 1)
    async with shop.open():
        await shop.have(("a", 1))
    async with shop.toy.runtime.db.read() as tx:
        assert await tx.scalar(text("SELECT (SELECT xmin FROM effects) = (SELECT xmin FROM inbox)")) is True


async def test_an_event_delivered_twice_has_its_effect_once(shop: Shop) -> None:
    await shop.place("a", 1, event_id="the-same-event")
    await shop.place("a", 1, event_id="the-same-event")
    await shop.place("a", 2)
    async with shop.open():
        await shop.have(("a", 1), ("a", 2))


async def test_a_whole_topic_read_again_changes_nothing(shop: Shop) -> None:
    await shop.place("a", 1, 2, 3)
    async with shop.open():
        await shop.have(("a", 1), ("a", 2), ("a", 3))
        await shop.toy.runtime.bus.rewind(CONSUMER, ORDERS_TOPIC, 0)
        await shop.place("a", 4)
        await shop.have(("a", 1), ("a", 2), ("a", 3), ("a", 4))
        await until(lambda: _has_position(shop, 4))


async def _has_position(shop: Shop, position: int) -> bool:
    return await shop.position() == position


async def test_types_nobody_handles_are_passed_over(shop: Shop) -> None:
    await shop.put(shop.order("a", 1, "x", ce_type="tongban.toy.order.cancelled.v1"))
    await shop.place("a", 2)
    async with shop.open():
        await shop.have(("a", 2))
    assert await shop.states() == []


async def test_a_poison_event_parks_only_its_key(shop: Shop) -> None:
    shop.fails_for(1)
    await shop.place("bad", 1)
    await shop.place("good", 10)
    await shop.place("bad", 2)
    await shop.place("good", 11)
    async with shop.open():
        await shop.have(("good", 10), ("good", 11))
        await until(lambda: _has_position(shop, 4))
    first, behind = await shop.letters()
    assert (first.state, behind.state, first.attempts, behind.attempts) == ("parked", "parked", 5, 0)
    assert first.error == "ValueError: order 1 cannot be" and behind.error == "waits behind an earlier event"
    assert (first.record.key, first.record.offset, first.record.value) == ("bad", 0, b'{"number": 1, "unknown": true}')


async def test_a_parked_key_is_replayed_in_order_once_its_cause_is_gone(shop: Shop) -> None:
    shop.fails_for(1)
    await shop.place("bad", 1, 2, 3)
    async with shop.open():
        await until(lambda: _has_states(shop, *[("bad", "parked")] * 3))
        shop.fails_for()
        assert await shop.replay(letter_id=(await shop.letters())[0].id) == 3
        await shop.have(("bad", 1), ("bad", 2), ("bad", 3))
        assert await shop.states() == [("bad", "resolved")] * 3
        await shop.place("bad", 4)
        await shop.have(("bad", 1), ("bad", 2), ("bad", 3), ("bad", 4))


async def _has_states(shop: Shop, *expected: tuple[str, str]) -> bool:
    return await shop.states() == list(expected)


async def test_events_that_come_while_their_key_is_replayed_are_replayed_after_it(shop: Shop) -> None:
    """No second command is needed for what arrived between the operator's command and its end."""
    shop.fails_for(1)
    await shop.place("bad", 1)
    async with shop.open():
        await until(lambda: _has_states(shop, ("bad", "parked")))
    await shop.replay(key="bad")
    release = asyncio.Event()

    async def hold(event: Incoming[OrderPlaced]) -> None:
        if event.body.number == 1:
            await release.wait()

    shop.toy.runtime.parts["behave"] = hold
    async with shop.open():
        await shop.place("bad", 2, 3)
        await until(lambda: _has_states(shop, *[("bad", "replaying")] * 3))
        release.set()
        await shop.have(("bad", 1), ("bad", 2), ("bad", 3))
        await until(lambda: _has_states(shop, *[("bad", "resolved")] * 3))


async def test_a_replay_that_fails_parks_its_whole_key_again(shop: Shop) -> None:
    shop.fails_for(1, 3)
    await shop.place("bad", 1, 2, 3, 4)
    async with shop.open():
        await until(lambda: _has_states(shop, *[("bad", "parked")] * 4))
        shop.fails_for(3, error=ValueError("still not"))
        await shop.replay()
        await until(lambda: _has_states(shop, ("bad", "resolved"), ("bad", "resolved"), ("bad", "parked"), ("bad", "parked")))
    third = (await shop.letters())[2]
    assert (third.error, third.attempts) == ("ValueError: still not", 1)
    assert await shop.effects() == [("bad", 1), ("bad", 2)]


async def test_a_dropped_letter_is_given_up_and_what_waited_behind_it_can_go_on(shop: Shop) -> None:
    shop.fails_for(1)
    await shop.place("bad", 1, 2)
    async with shop.open():
        await until(lambda: _has_states(shop, *[("bad", "parked")] * 2))
        first, second = await shop.letters()
        async with shop.toy.runtime.db.write() as tx:
            assert await inbox.drop(tx, first.id)
            assert not await inbox.drop(tx, first.id)
        await shop.replay(letter_id=second.id)
        await shop.have(("bad", 2))
        assert await shop.states() == [("bad", "dropped"), ("bad", "resolved")]


async def test_parked_events_are_copied_to_the_dead_letter_topic_with_their_error(shop: Shop) -> None:
    shop.fails_for(1)
    await shop.place("bad", 1)
    async with shop.open():
        await until(lambda: _has_states(shop, ("bad", "parked")))
        subscription = await shop.toy.runtime.bus.subscribe("watcher", [ORDERS_TOPIC + DEAD_LETTER_SUFFIX])
        [copy] = await until(lambda: subscription.fetch(wait=0.2))
        await subscription.close()
    assert (copy.key, copy.value) == ("bad", b'{"number": 1, "unknown": true}')
    facts = {name: copy.header(name) for name in ("dlq_consumer", "dlq_error", "dlq_topic", "dlq_offset", "dlq_attempts", "ce_type")}
    assert facts == {
        "dlq_consumer": CONSUMER, "dlq_error": "ValueError: order 1 cannot be", "dlq_topic": ORDERS_TOPIC, "dlq_offset": "0",
        "dlq_attempts": "5", "ce_type": ORDER_PLACED,
    }  # fmt: skip


@pytest.mark.parametrize("error", [Unavailable(), ConnectionRefusedError("down"), asyncpg.CannotConnectNowError("starting up")])
async def test_what_is_only_away_is_waited_for_and_nothing_is_parked(shop: Shop, error: Exception) -> None:
    tries = 0

    async def behave(event: Incoming[OrderPlaced]) -> None:
        nonlocal tries
        tries += 1
        if tries < at_work.ATTEMPTS + 2:
            raise error

    shop.toy.runtime.parts["behave"] = behave
    await shop.place("a", 1)
    async with shop.open():
        await shop.have(("a", 1))
    assert tries == at_work.ATTEMPTS + 2 and await shop.states() == []


async def test_a_database_that_goes_away_under_a_consumer_parks_nothing(shop: Shop) -> None:
    """Every connection of the service is cut, again and again, while events come."""
    killer = await asyncpg.connect(shop.toy.runtime.db.dsn)
    async with shop.open():
        for number in range(12):
            await shop.place("a", number)
            await killer.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tongban-toy'")
        await shop.have(*(("a", number) for number in range(12)))
    await killer.close()
    assert await shop.states() == []


async def test_an_event_that_needs_another_topic_waits_for_it_and_is_parked_in_the_end(shop: Shop, monkeypatch: Any) -> None:
    monkeypatch.setattr(at_work, "NOT_YET_ATTEMPTS", 8)
    tries = 0

    async def behave(event: Incoming[OrderPlaced]) -> None:
        nonlocal tries
        tries += 1
        if event.body.number == 2 or tries < 7:
            raise NotYet("the case it is about")

    shop.toy.runtime.parts["behave"] = behave
    await shop.place("a", 1)
    await shop.place("b", 2)
    await shop.place("a", 3)
    async with shop.open():
        await shop.have(("a", 1), ("a", 3))
        assert await shop.states() == [("b", "parked")]


@pytest.mark.parametrize(
    ("changed", "value"),
    [
        ({"ce_id": None}, b'{"number": 1}'),
        ({"ce_type": None}, b'{"number": 1}'),
        ({"ce_time": None}, b'{"number": 1}'),
        ({"ce_time": "yesterday"}, b'{"number": 1}'),
        ({"ce_id": "x" * 5_000}, b'{"number": 1}'),
        ({"ce_id": "nul\x00"}, b'{"number": 1}'),
        ({"note": "nul\x00"}, b"not json"),
        ({}, b"\xff\xfe"),
        ({}, b"{}"),
        ({}, b'{"number": "\\u0000"}'),
        ({}, b""),
        ({}, b'{"number": 99999999999999}'),
    ],
)
async def test_a_malformed_event_is_parked_and_the_partition_goes_on(shop: Shop, changed: dict[str, str | None], value: bytes) -> None:
    await shop.put(Record(ORDERS_TOPIC, "bad", value, tuple(order_headers("some-event-id", **changed))))
    await shop.place("good", 2)
    async with shop.open():
        await shop.have(("good", 2))
    assert await shop.states() == [("bad", "parked")]


@pytest.mark.parametrize("key", ["k" * 4_000, "Schlüssel-鍵"])
async def test_a_key_of_any_length_can_be_parked(shop: Shop, key: str) -> None:
    shop.fails_for(1)
    await shop.place(key, 1, 2)
    await shop.place("good", 3)
    async with shop.open():
        await shop.have(("good", 3))
        await until(lambda: _count_letters(shop, 2))
        shop.fails_for()
        await shop.replay()
        await until(lambda: _all_resolved(shop))
    assert [number for _, number in await shop.effects()] == [3, 1, 2]


async def _count_letters(shop: Shop, count: int) -> bool:
    return len(await shop.letters()) == count


async def _all_resolved(shop: Shop) -> bool:
    return {state for _, state in await shop.states()} == {"resolved"}


async def test_an_error_with_unstorable_text_and_a_personal_number_is_parked_clean(shop: Shop) -> None:
    shop.fails_for(1, error=ValueError("bad \x00 \ud800 of 110101199003077715"))
    await shop.place("bad", 1)
    async with shop.open():
        await until(lambda: _count_letters(shop, 1))
    [letter] = await shop.letters()
    assert "110101199003077715" not in letter.error and "\ufffd" in letter.error and "110101********7715" in letter.error


async def test_stopping_finishes_the_event_in_hand_and_keeps_the_position(shop: Shop) -> None:
    begun, release = asyncio.Event(), asyncio.Event()

    async def behave(event: Incoming[OrderPlaced]) -> None:
        if event.body.number == 2:
            begun.set()
            await release.wait()

    shop.toy.runtime.parts["behave"] = behave
    await shop.place("a", 1, 2, 3, 4)
    async with shop.open():
        await begun.wait()
        asyncio.get_running_loop().call_later(0.1, release.set)
    assert await shop.effects() == [("a", 1), ("a", 2)] and await shop.position() == 2
    async with shop.open():
        await shop.have(("a", 1), ("a", 2), ("a", 3), ("a", 4))


async def test_two_processes_share_the_work_and_do_it_once(shop: Shop) -> None:
    for key in "abcdef":
        await shop.place(key, *range(10))
    async with run_consumers_of(shop.toy), run_consumers_of(shop.toy):
        await until(lambda: _count_effects(shop, 60))
        await until(lambda: _has_position(shop, 60))
    found = await shop.effects()
    assert sorted(found) == sorted((key, number) for key in "abcdef" for number in range(10))
    for key in "abcdef":
        assert [number for of_key, number in found if of_key == key] == list(range(10))


async def _count_effects(shop: Shop, count: int) -> bool:
    return len(await shop.effects()) == count

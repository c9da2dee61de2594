"""`tongban events …`: what an operator sees and does, on the toy service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from bus import Record
from host import events as commands
from host.operations import OpenService
from tests.chassis.test_consumers import Shop, run_consumers_of
from tests.chassis.toy.app import CONSUMERS, ORDERS_TOPIC, order_headers
from tests.support.service import ServiceUnderTest
from tests.support.waiting import until

NOWHERE = Path("var-of-nobody")
PERSONAL = "110101199003077715"


@pytest.fixture
async def shop(toy: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shop]:
    """With one parked key of two letters; commands find the toy's database and bus as they would find an installation's."""

    @asynccontextmanager
    async def open_services(var: Path, names: Any) -> AsyncIterator[list[OpenService]]:
        entry: Any = SimpleNamespace(name="toy", consumers=CONSUMERS)
        yield [OpenService(entry, toy.runtime.db, toy.runtime.bus)]

    monkeypatch.setattr(commands, "open_services", open_services)
    await toy.runtime.bus.start()
    await toy.runtime.bus.ensure_topics({ORDERS_TOPIC: 1})
    shop = Shop(toy)
    shop.fails_for(1, error=ValueError(f"of {PERSONAL}"))
    await shop.put(Record(ORDERS_TOPIC, "bad", b'{"number": 1, "code": "%s"}' % PERSONAL.encode(), tuple(order_headers(str(uuid4())))))
    await shop.place("bad", 2)
    async with run_consumers_of(toy):
        await until(lambda: _two_letters(shop))
    yield shop
    await toy.runtime.bus.stop()


async def _two_letters(shop: Shop) -> bool:
    return len(await shop.letters()) == 2


class Said(list[str]):
    def __call__(self, line: str) -> None:
        self.append(line)

    @property
    def all(self) -> str:
        return "\n".join(self)


async def test_parked_events_are_listed_and_shown_without_personal_numbers(shop: Shop) -> None:
    said = Said()
    await commands.list_dead(["toy"], NOWHERE, all_states=False, say=said)
    assert len(said) == 3 and "toy.orders" in said[0] and "key=bad" in said[0] and "2 条 letters" in said[2]
    first = (await shop.letters())[0]
    assert await commands.show_dead("toy", first.id, NOWHERE, say=said) == 0
    assert '"state": "parked"' in said.all and "ce_type: tongban.toy.order.placed.v1" in said.all
    assert PERSONAL not in said.all
    assert await commands.show_dead("toy", 999_999, NOWHERE, say=said) == 1


async def test_a_replay_needs_a_choice_and_is_taken_up_by_the_running_service(shop: Shop) -> None:
    said = Said()
    assert await commands.replay_dead("toy", NOWHERE, letter=None, key=None, every=False, say=said) == 2
    shop.fails_for()
    assert await commands.replay_dead("toy", NOWHERE, letter=(await shop.letters())[1].id, key=None, every=False, say=said) == 0
    async with run_consumers_of(shop.toy):
        await shop.have(("bad", 1), ("bad", 2))
    assert await commands.replay_dead("toy", NOWHERE, letter=None, key="bad", every=False, say=said) == 1
    said.clear()
    await commands.list_dead(["toy"], NOWHERE, all_states=False, say=said)
    assert said == ["没有搁置的事件 nothing is parked"]
    await commands.list_dead(["toy"], NOWHERE, all_states=True, say=said)
    assert said.all.count("resolved") == 2


async def test_dropping_says_who_still_waits(shop: Shop) -> None:
    said = Said()
    first, second = await shop.letters()
    assert await commands.drop_dead("toy", first.id, NOWHERE, say=said) == 0
    assert f"dead replay {second.id} --service toy" in said.all
    assert await commands.drop_dead("toy", first.id, NOWHERE, say=said) == 1
    assert await commands.drop_dead("toy", 999_999, NOWHERE, say=said) == 1


async def test_lag_is_told_per_consumer(shop: Shop) -> None:
    await shop.place("good", 3, 4, 5)
    said = Said()
    await commands.show_lag(["toy"], NOWHERE, say=said)
    assert said == [f"toy.orders\t3\t{ORDERS_TOPIC}/0:2/5"]


async def test_a_replay_from_the_beginning_takes_effect_again_only_when_asked(shop: Shop) -> None:
    await shop.place("good", 3, 4)
    async with run_consumers_of(shop.toy):
        await shop.have(("good", 3), ("good", 4))
    said = Said()
    assert await commands.replay("toy", "yesterday", NOWHERE, consumer="", again=False, say=said) == 2
    assert await commands.replay("toy", "0", NOWHERE, consumer="toy.nothing", again=False, say=said) == 1
    assert await commands.replay("toy", "0", NOWHERE, consumer="toy.orders", again=False, say=said) == 0
    async with run_consumers_of(shop.toy):
        await until(lambda: _is_read(shop))
    assert await shop.effects() == [("good", 3), ("good", 4)]
    assert await commands.replay("toy", "0", NOWHERE, consumer="", again=True, say=said) == 0
    async with run_consumers_of(shop.toy):
        await shop.have(("good", 3), ("good", 4), ("good", 3), ("good", 4))
    assert len(await shop.letters()) == 2


async def _is_read(shop: Shop) -> bool:
    return await shop.position() == 4


async def test_a_replay_from_a_time_reads_what_came_since(shop: Shop) -> None:
    await shop.place("good", 3)
    async with shop.toy.runtime.db.read() as tx:
        middle = await tx.scalar(text("SELECT clock_timestamp() + interval '5 ms'"))
    await until(lambda: _is_past(shop, middle))
    await shop.place("good", 4)
    said = Said()
    assert await commands.replay("toy", middle.isoformat(), NOWHERE, consumer="", again=False, say=said) == 0
    assert said == [f"toy.orders\t{ORDERS_TOPIC}\t0:3"]


async def _is_past(shop: Shop, moment: Any) -> bool:
    async with shop.toy.runtime.db.read() as tx:
        return bool(await tx.scalar(text("SELECT clock_timestamp() > :then"), {"then": moment}))

"""SIGKILL to any one process at a random moment of the journey: everything accepted is there once, and goes on."""

import asyncio
import random

import pytest

from host.demo.journey import STEPS, Step
from tests.faults.installation import KAFKA, POSTGRES, Installation
from tests.faults.journeys import take_all, watched_journey
from tests.faults.ledger import open_ledger

_SERVICES = ("identity", "intake", "approval", "certificates", "exchange", "catalog", "gateway")
_ON_POSTGRES = (*_SERVICES, POSTGRES, "borders")
_ON_KAFKA = (*_SERVICES, KAFKA)
_LATEST_SECONDS = 0.3
"""A step takes about that long: the blow falls in it, or in one of the next."""

_FIRST_SEED = 20  # from here on, the first blows fall on much of the journey and not twice on the same

on_postgres_only = pytest.mark.xdist_group("faults-postgres")


@on_postgres_only
@pytest.mark.parametrize("seed", range(2 * len(_ON_POSTGRES)))
async def test_a_killed_process_loses_nothing_and_doubles_nothing(on_postgres: Installation, seed: int) -> None:
    await _journey_with_a_blow(on_postgres, seed, _ON_POSTGRES[seed % len(_ON_POSTGRES)])


@pytest.mark.long
@on_postgres_only
@pytest.mark.parametrize("seed", range(100, 160))
async def test_many_more_killed_processes_lose_nothing_and_double_nothing(on_postgres: Installation, seed: int) -> None:
    await _journey_with_a_blow(on_postgres, seed, _ON_POSTGRES[seed % len(_ON_POSTGRES)])


@pytest.mark.kafka
@pytest.mark.parametrize("seed", range(8))
async def test_a_killed_process_of_the_stack_loses_nothing_and_doubles_nothing(on_kafka: Installation, seed: int) -> None:
    await _journey_with_a_blow(on_kafka, seed, _ON_KAFKA[seed % len(_ON_KAFKA)])


@pytest.mark.long
@pytest.mark.kafka
@pytest.mark.parametrize("seed", range(100, 140))
async def test_many_more_killed_processes_of_the_stack_lose_nothing_and_double_nothing(on_kafka: Installation, seed: int) -> None:
    await _journey_with_a_blow(on_kafka, seed, _ON_KAFKA[seed % len(_ON_KAFKA)])


async def _journey_with_a_blow(installation: Installation, seed: int, victim: str) -> None:
    chance = random.Random(_FIRST_SEED + seed)
    fatal, delay = chance.choice(STEPS), chance.uniform(0, _LATEST_SECONDS)
    blow: asyncio.Task[None] | None = None
    await installation.whole()
    ledger = await open_ledger(installation)
    before = installation.pids(victim)

    async def strike() -> None:
        await asyncio.sleep(delay)  # the random moment itself
        await asyncio.to_thread(installation.strike, victim, chance)

    async def begin(step: Step) -> None:
        nonlocal blow
        if step == fatal:
            blow = asyncio.create_task(strike())

    async with watched_journey(installation) as (journey, watcher):
        await take_all(journey, before=begin)
        assert blow is not None
        await blow
        await installation.whole()
        await ledger.settled(journey, watcher)
    assert installation.pids(victim) != before, "something was killed, and started again"

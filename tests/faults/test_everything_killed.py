"""The whole suite, in one process, is killed at a random moment, its database with it or not, and started again."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
import random

import pytest

from host.demo.journey import STEPS
from host.stack.postgres import EmbeddedPostgres
from tests.faults.installation import POSTGRES, SHORT_WEBHOOKS, Installation
from tests.faults.journeys import RETRY_SECONDS, watched_journey
from tests.faults.ledger import open_ledger
from tests.support.suite import RunningSuite, running_suite

pytestmark = pytest.mark.xdist_group("faults-single")


@pytest.fixture(scope="module")
def alone(scratch: Path) -> Iterator[Installation]:
    """Everything in one process, with the database that it starts for itself."""
    with running_suite(RunningSuite(scratch / "faults-single", "single", variables=SHORT_WEBHOOKS)) as suite:
        yield Installation(suite, EmbeddedPostgres(suite.var / "postgres"))


@pytest.mark.parametrize("with_database", [False, True], ids=["database-left-alive", "database-killed-too"])
@pytest.mark.parametrize("seed", range(2))
async def test_what_was_accepted_is_there_and_goes_on_after_everything_was_killed(
    alone: Installation, seed: int, with_database: bool
) -> None:
    await _journey_with_an_end(alone, seed, with_database=with_database)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 130))
async def test_everything_killed_many_more_times_loses_nothing(alone: Installation, seed: int) -> None:
    await _journey_with_an_end(alone, seed, with_database=bool(seed % 2))


async def _journey_with_an_end(alone: Installation, seed: int, *, with_database: bool) -> None:
    chance = random.Random(seed)
    fatal, delay = chance.choice(STEPS), chance.uniform(0, 0.2)
    end: asyncio.Task[None] | None = None
    ledger = await open_ledger(alone)
    before = alone.pids(POSTGRES)

    def kill_and_restart() -> None:
        alone.suite.kill()
        if with_database:
            alone.postgres.kill()
        alone.suite.restart()

    async def strike() -> None:
        await asyncio.sleep(delay)  # the random moment itself
        await asyncio.to_thread(kill_and_restart)

    async with watched_journey(alone) as (journey, watcher):
        for step in STEPS:
            if step == fatal:
                end = asyncio.create_task(strike())
            await journey.take(step, retry_seconds=RETRY_SECONDS)
        assert end is not None
        await end
        await ledger.settled(journey, watcher)
    assert (alone.pids(POSTGRES) == before) is not with_database, "a database that was left alive is taken over as it is"

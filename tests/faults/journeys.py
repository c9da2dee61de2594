"""A whole journey at an installation, with everything its department may hear sent to its receiver."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx

from host.demo.journey import STEPS, Journey, Step
from host.demo.receiver import Receiver, receiving
from services.exchange.rules.subscriptions import ALL
from tests.faults.installation import Installation
from tests.support.suite import new_journey

RETRY_SECONDS = 60.0
"""How long a client tries again: for a person, the time it takes to be annoyed; here, for machines with other work to do."""

_WATCH = "/api/exchange/v1/subscriptions/faults-watch"


@asynccontextmanager
async def watched_journey(installation: Installation) -> AsyncIterator[tuple[Journey, Receiver]]:
    """A new journey, and a receiver of all its events: a subscription of its own. The suite must be whole at both ends of the block."""
    suite = installation.suite
    async with receiving() as own, receiving() as watcher, httpx.AsyncClient(base_url=suite.url, timeout=30) as http:
        journey = new_journey(suite, http, own)
        watcher.trust((await journey.gateway.call("GET", "/api/exchange/v1/keys")).json())
        await _subscribe(journey, watcher, [ALL])
        yield journey, watcher
        await _subscribe(journey, watcher, [])
        await journey.unsubscribe()


async def take_all(journey: Journey, *, before: Callable[[Step], Awaitable[None]] | None = None) -> None:
    """Every step, each again while it meets something that is down."""
    for step in STEPS:
        if before is not None:
            await before(step)
        await journey.take(step, retry_seconds=RETRY_SECONDS)


def steps_between(first: str, last: str) -> list[Step]:
    """The steps from one to another, both among them."""
    keys = [step.key for step in STEPS]
    return list(STEPS[keys.index(first) : keys.index(last) + 1])


async def _subscribe(journey: Journey, watcher: Receiver, event_types: list[str]) -> None:
    body = {"url": watcher.url, "event_types": event_types}
    await journey.gateway.call("PUT", _WATCH, token=await journey.token("system"), expect=(200, 201), json=body)

"""The broker goes away in the middle of the journey: every write is taken, and told in order when it is back."""

import asyncio
from collections import defaultdict
from uuid import uuid4

import pytest

from bus import Delivered
from bus.kafka import KafkaBus
from host.demo.journey import Journey
from host.services import SERVICES
from tests.faults.installation import Installation
from tests.faults.journeys import RETRY_SECONDS, steps_between, watched_journey
from tests.faults.ledger import emitted, open_ledger

pytestmark = pytest.mark.kafka


async def test_every_write_is_taken_while_kafka_is_away_and_all_events_arrive_in_order_when_it_is_back(on_kafka: Installation) -> None:
    broker = on_kafka.broker
    assert broker is not None
    await on_kafka.whole()
    ledger = await open_ledger(on_kafka)
    async with watched_journey(on_kafka) as (journey, watcher):
        await asyncio.to_thread(broker.stop)
        await _take_at_once(journey, "sign_up", "accept")
        assert await _waiting(on_kafka, "intake") == ["submitted", "accepted"]
        await asyncio.to_thread(broker.start)
        for step in steps_between("review", "review"):
            await journey.take(step, retry_seconds=RETRY_SECONDS)

        await asyncio.to_thread(broker.kill)
        await _take_at_once(journey, "decide", "decide")
        assert (await _waiting(on_kafka, "approval"))[-2:] == ["task_completed", "decided"]
        await asyncio.to_thread(broker.start)
        for step in steps_between("certificate", "wallet"):
            await journey.take(step, retry_seconds=RETRY_SECONDS)
        await ledger.settled(journey, watcher)
    await _assert_told_in_order(on_kafka)


async def _take_at_once(journey: Journey, first: str, last: str) -> None:
    """Nothing may need a second try: the bus is no part of taking a write."""
    for step in steps_between(first, last):
        await journey.take(step)


async def _waiting(installation: Installation, service: str) -> list[str]:
    """The names of the events that wait in a service's outbox, in order."""
    async with installation.databases() as ask:
        rows = await ask.rows(service, "SELECT type FROM outbox WHERE published_at IS NULL ORDER BY seq")
    return [str(row["type"]).split(".")[-2] for row in rows]


async def _assert_told_in_order(installation: Installation) -> None:
    """The topics, read from their beginnings, hold every event ever emitted, each key's in the order they were emitted in."""
    async with installation.databases() as ask:
        expected: dict[tuple[str, str], list[str]] = defaultdict(list)
        for row in await emitted(ask):
            expected[row["topic"], row["key"]].append(row["id"])
    told: dict[tuple[str, str], list[str]] = defaultdict(list)
    for record in await _read_everything(installation):
        event_id = record.header("ce_id") or ""
        if event_id not in told[record.topic, record.key]:  # a relay that was cut off may tell again what it told
            told[record.topic, record.key].append(event_id)
    assert told == expected


async def _read_everything(installation: Installation) -> list[Delivered]:
    assert installation.broker is not None
    topics = [topic for entry in SERVICES.values() for topic in entry.topics]
    group = f"faults-{uuid4().hex}"
    bus = KafkaBus(installation.broker.bootstrap, client_id="tongban-faults")
    records: list[Delivered] = []
    try:
        subscription = await bus.subscribe(group, topics)
        left = sum(lag.records for lag in (await bus.lag(group, topics)).values())
        async with asyncio.timeout(RETRY_SECONDS):
            while len(records) < left:
                records += await subscription.fetch(wait=0.5)
        await subscription.close()
    finally:
        await bus.stop()
    return records

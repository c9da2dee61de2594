"""Events: commit → effect in another service at 100/s, and how fast a relay drains a full outbox, on both buses.

Publisher and reader are two services with a database each; the effect is timed inside the reader's transaction.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
import time
from typing import Any
from uuid import uuid4

import asyncpg
from sqlalchemy.ext.asyncio import create_async_engine

from bench.figures import Figure, percentile
from bench.toy import ThingMade, ThingSeen, ToySettings, metadata, things, toy_service, wait_for
from bus import Bus
from chassis.app import open_bus
from chassis.crypto import new_master_key
from host.stack.fetch import JARS
from host.stack.kafka import KafkaBroker
from host.stack.postgres import EmbeddedPostgres
from host.stack.processes import free_ports

RATE = 100
WARM = 500
MEASURED = 2_000
DRAIN = 30_000


async def measure_events(scratch: Path) -> list[Figure]:
    figures: list[Figure] = []
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(EmbeddedPostgres(scratch / "postgres"))
        port, controller_port = free_ports(2)
        broker = await stack.enter_async_context(KafkaBroker(scratch / "kafka", jars=JARS, port=port, controller_port=controller_port))
        buses = (("postgres", None), ("kafka", broker.bootstrap))
        for name, kafka in buses:
            figures += await _latency(server, name, kafka)
        for name, kafka in buses:  # what a drain leaves to be written to disk is no part of a latency
            figures.append(await _drain(server, name, kafka))
    return figures


@asynccontextmanager
async def _pair(server: EmbeddedPostgres, name: str, kafka: str | None, seen: Any) -> AsyncIterator[Any]:
    """A publishing and a reading service on databases of their own and one bus each, started."""
    suffix = uuid4().hex[:6]
    names = [f"bench_{name}_{role}_{suffix}" for role in ("writer", "reader", "bus")]
    await server.ensure_databases(names)
    key = new_master_key()
    async with AsyncExitStack() as stack:
        apps = []
        for database, on_event in ((names[0], None), (names[1], seen)):
            await _create_tables(server.dsn(database))
            settings = ToySettings(
                database_url=server.dsn(database), bus_database_url=server.dsn(names[2]), kafka=kafka, master_key=key, topic_partitions=6
            )
            bus: Bus = open_bus(settings)
            stack.push_async_callback(bus.stop)
            app = toy_service(settings, bus=bus, on_event=on_event)
            await stack.enter_async_context(app.router.lifespan_context(app))
            apps.append(app)
        yield apps[0].state.runtime


async def _create_tables(dsn: str) -> None:
    engine = create_async_engine("postgresql+asyncpg://" + dsn.split("://", 1)[1])
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    await engine.dispose()


async def _latency(server: EmbeddedPostgres, name: str, kafka: str | None) -> list[Figure]:
    latencies: list[float] = []
    commits: list[float] = []

    def seen(event: ThingSeen) -> None:
        latencies.append(time.time() - event.committed_at)

    async with _pair(server, name, kafka, seen) as writer:
        began = time.monotonic()
        for number in range(WARM + MEASURED):
            await asyncio.sleep(max(0.0, began + number / RATE - time.monotonic()))
            async with writer.db.write() as tx:
                thing = uuid4().hex
                await tx.execute(things.insert().values(id=thing))
                told = time.time()
                tx.emit(ThingMade(thing_id=thing, committed_at=told))
            commits.append(time.time() - told)
        await wait_for(lambda: len(latencies) >= WARM + MEASURED, 60)
    commit = [seconds * 1000 for seconds in commits[WARM:]]
    warm = [seconds * 1000 for seconds in latencies[WARM:]]
    return [
        Figure(f"commit alone p50, {name} bus", percentile(commit, 0.5), "ms", note="what an event's latency contains"),
        Figure(f"commit alone p99, {name} bus", percentile(commit, 0.99), "ms"),
        _against(commit, warm, 0.5, name, goal="≤ 6", note=f"{RATE}/s, commit → effect; ratio against the commit alone"),
        _against(commit, warm, 0.99, name, goal="≤ 15"),
    ]


def _against(commits: Sequence[float], latencies: Sequence[float], share: float, name: str, *, goal: str, note: str = "") -> Figure:
    """A percentile of the latency, and how many commits it is worth."""
    value = percentile(latencies, share)
    return Figure(f"event latency p{round(share * 100)}, {name} bus", value, "ms", value / percentile(commits, share), goal, note)


async def _drain(server: EmbeddedPostgres, name: str, kafka: str | None) -> Figure:
    """How fast a relay that comes back empties an outbox of `DRAIN` events of 600 bytes."""
    suffix = uuid4().hex[:6]
    names = [f"drain_{name}_{suffix}", f"drain_{name}_bus_{suffix}"]
    await server.ensure_databases(names)
    await _create_tables(server.dsn(names[0]))
    connection = await asyncpg.connect(server.dsn(names[0]))
    await connection.execute(
        "INSERT INTO outbox (id, aggregatetype, aggregateid, type, payload, headers, created_at)"
        " SELECT gen_random_uuid(), $2, (n % 1000)::text, 'tongban.bench.thing.made.v1', convert_to(repeat('x', 600), 'UTF8'),"
        " jsonb_build_object('ce_id', gen_random_uuid()::text, 'ce_type', 'tongban.bench.thing.made.v1'), now() FROM generate_series(1, $1) n",
        DRAIN,
        ThingMade.topic,
    )
    settings = ToySettings(
        database_url=server.dsn(names[0]), bus_database_url=server.dsn(names[1]), kafka=kafka, master_key=new_master_key()
    )
    bus = open_bus(settings)
    app = toy_service(settings, bus=bus)
    try:
        async with app.router.lifespan_context(app):
            left = DRAIN
            while left == DRAIN:
                await asyncio.sleep(0.01)
                left = await connection.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL")
            began, first = time.perf_counter(), left
            while left:
                await asyncio.sleep(0.02)
                left = await connection.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL")
            rate = first / (time.perf_counter() - began)
    finally:
        await bus.stop()
        await connection.close()
    return Figure(f"relay drain, {name} bus", rate, "events/s", goal="≥ 5,000", note=f"{DRAIN:,} events of 600 bytes")

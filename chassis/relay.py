"""The relay: publishes the outbox, one relay per service database at a time (advisory lock), in order per key, never giving up.

It works on row state, not on a cursor: `published_at IS NULL ORDER BY seq`. A crash between publish and mark repeats records; readers'
inboxes absorb that. Wake-up is a signal in this process and NOTIFY from others; a slow poll is only a safety net.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
import random
import time
from typing import Any

import asyncpg
import orjson
from prometheus_client import Gauge

from bus import BusUnavailable, Record
from chassis.database import OUTBOX_CHANNEL
from chassis.logs import get_logger
from chassis.runtime import Runtime
from chassis.tasks import end, happens, pause_after

log = get_logger("tongban.relay")

BATCH = 1000
SAFETY_POLL_SECONDS = 1.0
SWEEP_SECONDS = 300.0
KEEP_PUBLISHED = timedelta(days=7)
KEEP_IDEMPOTENCY_KEYS = timedelta(days=7)
_LOCK = 0x746F_6E67_5F72_656C

_SELECT = """
SELECT seq, aggregatetype, aggregateid, payload, headers::text AS headers FROM outbox
WHERE published_at IS NULL ORDER BY seq LIMIT $1
"""
_MARK = "UPDATE outbox SET published_at = $2 WHERE seq = ANY($1::bigint[])"


class Relay:
    """Publishes what this service's commands emitted. `topics` are created when missing."""

    def __init__(self, runtime: Runtime, topics: Sequence[str]) -> None:
        self._runtime = runtime
        self._topics = topics
        self._wake = asyncio.Event()
        self._is_leader = False
        self._stopping = asyncio.Event()
        self._swept_at = 0.0
        self._unpublished = Gauge("tongban_outbox_unpublished", "Events waiting to be published (of one batch)", registry=runtime.registry)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Relay in the background while the block runs; leave when the outbox is empty, the bus away, or the time to drain over."""
        self._runtime.db.relays_here = lambda: self._is_leader
        self._runtime.db.wake_relay = self._wake.set
        task = asyncio.create_task(self._run(), name=f"relay-{self._runtime.name}")
        try:
            yield
        finally:
            self._stopping.set()
            self._wake.set()
            await end(task, seconds=self._runtime.settings.drain_seconds)

    async def _run(self) -> None:
        """Hold the lock and publish; whatever breaks, begin again."""
        failures = 0
        while not self._stopping.is_set():
            try:
                connection = await asyncpg.connect(
                    self._runtime.db.dsn, timeout=5, server_settings={"application_name": f"tongban-relay-{self._runtime.name}"}
                )
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                failures += 1
                await asyncio.sleep(pause_after(failures))
                continue
            try:
                failures = 0
                await self._lead(connection)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("relay lost its database", service=self._runtime.name, error=str(error))
                failures += 1
                await asyncio.sleep(pause_after(failures))
            except BusUnavailable:
                log.warning("relay stops with the bus away; events wait in the outbox", service=self._runtime.name)
            except Exception:
                log.exception("relay failed", service=self._runtime.name)
                failures += 1
                await asyncio.sleep(pause_after(failures))
            finally:
                self._is_leader = False
                connection.terminate()

    async def _lead(self, connection: asyncpg.Connection) -> None:
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
            await happens(self._stopping, random.uniform(0.3, 0.7))
            if self._stopping.is_set():
                return
        await connection.add_listener(OUTBOX_CHANNEL, self._notified)
        self._is_leader = True
        await self._insist(self._ensure_topics)
        while True:
            self._wake.clear()
            rows = await connection.fetch(_SELECT, BATCH)
            self._unpublished.set(len(rows))
            if rows:
                await self._publish(connection, rows)
                continue
            if self._stopping.is_set():
                return
            await self._sweep(connection)
            await happens(self._wake, SAFETY_POLL_SECONDS)

    def _notified(self, *_: Any) -> None:
        self._wake.set()

    async def _ensure_topics(self) -> None:
        await self._runtime.bus.start()
        await self._runtime.bus.ensure_topics(dict.fromkeys(self._topics, self._runtime.settings.topic_partitions))

    async def _publish(self, connection: asyncpg.Connection, rows: Sequence[asyncpg.Record]) -> None:
        records = [
            Record(
                topic=row["aggregatetype"],
                key=row["aggregateid"],
                value=row["payload"],
                headers=tuple((name, value.encode()) for name, value in orjson.loads(row["headers"]).items()),
            )
            for row in rows
        ]
        await self._insist(lambda: self._runtime.bus.publish(records))
        await connection.execute(_MARK, [row["seq"] for row in rows], self._runtime.clock.now())

    async def _insist(self, action: Any) -> None:
        """Until the bus takes it: records wait in the outbox, never skipped."""
        failures = 0
        while True:
            try:
                await action()
                return
            except BusUnavailable as error:
                if self._stopping.is_set():
                    raise
                failures += 1
                if failures in (1, 10) or failures % 100 == 0:
                    log.warning("bus is away; events wait in the outbox", service=self._runtime.name, error=str(error), failures=failures)
                await asyncio.sleep(pause_after(failures))

    async def _sweep(self, connection: asyncpg.Connection) -> None:
        """Forget what was published, and answers to idempotent requests, long ago."""
        if time.monotonic() - self._swept_at < SWEEP_SECONDS:
            return
        self._swept_at = time.monotonic()
        now = self._runtime.clock.now()
        await connection.execute("DELETE FROM outbox WHERE published_at < $1", now - KEEP_PUBLISHED)
        await connection.execute("DELETE FROM idempotency_keys WHERE created_at < $1", now - KEEP_IDEMPOTENCY_KEYS)

"""The bus as a durable log in one PostgreSQL database: Kafka's semantics for one machine, without a broker.

Invariants:
- a published batch is one transaction, so it is durable as a whole or not at all;
- readers in this process are woken by the publisher itself, those of other processes by NOTIFY; a lost notification
  costs at most one `wait` of a fetch;
- a partition is owned through a session advisory lock: free the moment its owner's process dies.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from bus import postgres_sql as sql
from bus.partitioner import partition_of
from bus.postgres_session import STATEMENT_SECONDS, GroupSession, Topic, bus_unavailable
from bus.postgres_subscription import PostgresSubscription
from bus.protocol import MAX_RECORD_BYTES, BusUnavailable, Lag, Position, Record, RecordTooLarge, TopicPartition

_STOP_SECONDS = 5.0


class PostgresBus:
    """See `Bus`. `dsn` is `postgresql://…` of a database of the bus's own; its tables are made by `start`.

    One process needs one bus: all its groups share `connections` for records and one for ownership.
    """

    def __init__(self, dsn: str, *, application_name: str, connections: int = 6) -> None:
        self._dsn = dsn
        self._settings = {"application_name": application_name, "statement_timeout": str(int(STATEMENT_SECONDS * 1000))}
        self._connections = connections
        self._topics: dict[str, Topic] = {}
        self._pool: Any = None
        self._starting = asyncio.Lock()
        self._session = GroupSession(self._connect, self._topics)

    async def start(self) -> None:
        async with self._starting:
            if self._pool is None:
                await self._start()

    async def _start(self) -> None:
        with bus_unavailable("start"):
            connection = await self._connect()
            try:
                await _ensure_schema(connection)
            finally:
                connection.terminate()
            # Only single statements run on these connections, so there is no state to reset between uses.
            pool = await asyncpg.create_pool(
                self._dsn,
                min_size=0,
                max_size=self._connections,
                reset=_leave_as_is,
                timeout=STATEMENT_SECONDS,
                server_settings=self._settings,
            )
            try:
                await self._session.start()
            except BaseException:
                await self._session.stop()
                pool.terminate()
                raise
        self._pool = pool

    async def stop(self) -> None:
        pool, self._pool = self._pool, None
        await self._session.stop()
        if pool is not None:
            with suppress(Exception):
                async with asyncio.timeout(_STOP_SECONDS):
                    await pool.close()
            pool.terminate()

    async def ensure_topics(self, topics: Mapping[str, int]) -> None:
        if any(name not in self._topics for name in topics):
            with bus_unavailable("ensure topics"):
                await self._started.execute(sql.CREATE_TOPICS, list(topics), list(topics.values()), timeout=STATEMENT_SECONDS)
            await self._load_topics()

    async def publish(self, records: Sequence[Record]) -> None:
        for record in records:
            if len(record.value) > MAX_RECORD_BYTES:
                raise RecordTooLarge(f"{record.topic}: {len(record.value)} bytes, at most {MAX_RECORD_BYTES}")
        if not records:
            return
        topics = await self._known({record.topic for record in records})
        with bus_unavailable("publish"):
            await self._started.execute(
                sql.APPEND,
                [topics[record.topic].id for record in records],
                [partition_of(record.key, topics[record.topic].partitions) for record in records],
                [record.key for record in records],
                [record.value for record in records],
                [orjson.dumps([(name, value.decode("latin-1")) for name, value in record.headers]).decode() for record in records],
                timeout=STATEMENT_SECONDS,
            )
        self._session.announce(topics)

    async def subscribe(self, group: str, topics: Sequence[str]) -> PostgresSubscription:
        with bus_unavailable("subscribe"):
            readers = {topic: await self._reader(group, topic) for topic in topics}
            member_id = await self._started.fetchval(sql.NEW_MEMBER)
        subscription = PostgresSubscription(self._session, self._started, self._topics, readers, member_id)
        try:
            await self._session.join(subscription)
        except BaseException:
            await subscription.close()
            raise
        return subscription

    async def lag(self, group: str, topics: Sequence[str]) -> dict[TopicPartition, Lag]:
        with bus_unavailable("lag"):
            rows = await self._started.fetch(sql.LAG, group, list(topics), timeout=STATEMENT_SECONDS)
        return {TopicPartition(row[0], row[1]): Lag(row[2], row[3]) for row in rows}

    async def rewind(self, group: str, topic: str, to: Position) -> dict[TopicPartition, int]:
        offset, written_at = (None, int(to.timestamp() * 1000)) if isinstance(to, datetime) else (to, None)
        with bus_unavailable("rewind"):
            reader = await self._reader(group, topic)
            rows = await self._started.fetch(sql.REWIND, reader, topic, offset, written_at, timeout=STATEMENT_SECONDS)
        await self._session.announce_groups()
        return {TopicPartition(topic, row["partition"]): row["committed"] for row in rows}

    async def trim(self, before: datetime) -> int:
        """Delete the records written before that time, read or not; answers how many. Raises BusUnavailable."""
        with bus_unavailable("trim"):
            removed: int = await self._started.fetchval(sql.TRIM, int(before.timestamp() * 1000))
        return removed

    @property
    def _started(self) -> Any:
        if self._pool is None:
            raise BusUnavailable("the bus is not started")
        return self._pool

    async def _connect(self) -> Any:
        return await asyncpg.connect(self._dsn, timeout=STATEMENT_SECONDS, server_settings=self._settings)

    async def _reader(self, group: str, topic: str) -> int:
        reader: int = await self._started.fetchval(sql.READER, group, topic, timeout=STATEMENT_SECONDS)
        return reader

    async def _known(self, names: set[str]) -> dict[str, Topic]:
        if not names <= self._topics.keys():
            await self._load_topics()
        if missing := names - self._topics.keys():
            raise BusUnavailable(f"no such topic: {', '.join(sorted(missing))}")
        return {name: self._topics[name] for name in names}

    async def _load_topics(self) -> None:
        with bus_unavailable("topics"):
            rows = await self._started.fetch(sql.TOPICS, timeout=STATEMENT_SECONDS)
        self._topics |= {row["name"]: Topic(*row) for row in rows}


async def _leave_as_is(connection: Any) -> None:
    return None


async def _ensure_schema(connection: Any) -> None:
    async with connection.transaction():
        await connection.execute(sql.SCHEMA_LOCK)
        version = await connection.fetchval(sql.SCHEMA_READ) if await connection.fetchval(sql.SCHEMA_PRESENT) else None
        if version is None:
            await connection.execute(sql.SCHEMA)
            await connection.execute(sql.SCHEMA_WRITE, sql.SCHEMA_VERSION)
        elif version != sql.SCHEMA_VERSION:
            raise RuntimeError(f"the bus's tables have version {version}, this program wants {sql.SCHEMA_VERSION}")

"""The service's own PostgreSQL database, and transactions that say in their type whether they may write.

The edge (route or consumer) opens a transaction and ends it; a command takes one and never commits. `ReadTx` is READ ONLY in
the database too. Events emitted in a `WriteTx` become outbox rows in the same commit, or do not exist.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import Executable, Row, RowMapping
from sqlalchemy import event as on_event
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bus.protocol import MAX_RECORD_BYTES, RecordTooLarge
from chassis.clock import Clock
from chassis.events import Event, cloud_event_headers

_INSERT_OUTBOX = """
INSERT INTO outbox (id, aggregatetype, aggregateid, type, payload, headers, created_at)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::text[]::jsonb[], $7::timestamptz[])
"""

OUTBOX_CHANNEL = "tongban_outbox"


class ReadTx:
    """A transaction that may only read. `now` is the one instant everything in it agrees on."""

    def __init__(self, connection: AsyncConnection, clock: Clock) -> None:
        self.connection = connection
        self.clock = clock
        self.now: datetime = clock.now()

    async def one_or_none(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> RowMapping | None:
        """The only row, or None. Raises MultipleResultsFound for more."""
        return (await self.connection.execute(statement, parameters)).mappings().one_or_none()

    async def one(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> RowMapping:
        """The only row. Raises NoResultFound, MultipleResultsFound."""
        return (await self.connection.execute(statement, parameters)).mappings().one()

    async def all(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Sequence[RowMapping]:
        return (await self.connection.execute(statement, parameters)).mappings().all()

    async def scalar(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Any:
        """The first column of the first row, or None."""
        return await self.connection.scalar(statement, parameters)

    async def rows(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        return (await self.connection.execute(statement, parameters)).all()

    async def asyncpg(self) -> asyncpg.Connection:
        """The connection underneath, in this same transaction, for paths where Core's cost shows."""
        return await driver_connection(self.connection)


class WriteTx(ReadTx):
    """A transaction that may write and emit events."""

    def __init__(self, connection: AsyncConnection, clock: Clock, source: str) -> None:
        super().__init__(connection, clock)
        self._source = source
        self._emitted: list[tuple[UUID, Event]] = []

    async def execute(self, statement: Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None) -> int:
        """Run a statement; answers the number of rows it touched."""
        return (await self.connection.execute(statement, parameters)).rowcount

    def emit(self, event: Event) -> UUID:
        """Tell what happened, if and only if this transaction commits. Answers the event's id.

        The caller has locked the aggregate's row first (by inserting, updating or SELECT … FOR UPDATE), so that the
        order of events in one key is the order of commits.
        """
        event_id = self.clock.new_id()
        self._emitted.append((event_id, event))
        return event_id

    async def flush_events(self) -> bool:
        """Write emitted events to the outbox; called by the edge before the commit. True if there were any."""
        if not self._emitted:
            return False
        columns: tuple[list[Any], ...] = ([], [], [], [], [], [], [])
        for event_id, event in self._emitted:
            headers = cloud_event_headers(event, event_id=str(event_id), source=self._source, at=self.now)
            payload = event.model_dump_json().encode()
            if len(payload) > MAX_RECORD_BYTES:
                raise RecordTooLarge(f"{event.type} of {len(payload)} bytes")
            row = (event_id, event.topic, event.key(), event.type, payload, orjson.dumps(headers).decode(), self.now)
            for column, value in zip(columns, row, strict=True):
                column.append(value)
        self._emitted.clear()
        await (await self.asyncpg()).execute(_INSERT_OUTBOX, *columns)
        return True


class Database:
    """One service's database: a bounded pool and the two kinds of transaction."""

    def __init__(self, dsn: str, *, service: str, clock: Clock, pool_size: int = 8) -> None:
        self.dsn = dsn
        self.service = service
        self.clock = clock
        self.engine: AsyncEngine = create_async_engine(
            "postgresql+asyncpg://" + dsn.split("://", 1)[1],
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=5,
            pool_pre_ping=False,
            hide_parameters=True,  # errors are logged and kept with dead letters; the values in them are people's
            json_serializer=lambda value: orjson.dumps(value, default=str).decode(),
            json_deserializer=orjson.loads,
            connect_args={"timeout": 5, "server_settings": {"application_name": f"tongban-{service}", "timezone": "UTC", "jit": "off"}},
        )
        on_event.listen(self.engine.sync_engine, "checkout", _refuse_closed)
        on_event.listen(self.engine.sync_engine, "reset", _drop_torn)
        self.relays_here: Callable[[], bool] = lambda: False
        """Whether the relay of this very process publishes the outbox; otherwise a commit notifies the one that does."""
        self.wake_relay: Callable[[], None] = lambda: None
        """Called after each commit that emitted."""

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadTx]:
        """A read-only transaction; nothing in it can change the database."""
        async with self.engine.connect() as connection:
            connection = await connection.execution_options(postgresql_readonly=True)
            async with connection.begin():
                yield ReadTx(connection, self.clock)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[WriteTx]:
        """A writing transaction: commits when the block ends, rolls back when it raises. Nested use is an error by design."""
        async with self.engine.connect() as connection:
            transaction = await connection.begin()
            tx = WriteTx(connection, self.clock, f"/tongban/{self.service}")
            try:
                yield tx
                has_emitted = await tx.flush_events()
                if has_emitted and not self.relays_here():
                    await (await tx.asyncpg()).execute(f"NOTIFY {OUTBOX_CHANNEL}")
            except BaseException:
                if not connection.invalidated:
                    await transaction.rollback()
                raise
            await transaction.commit()
            if has_emitted:
                self.wake_relay()

    async def ping(self) -> bool:
        """Whether the database answers."""
        try:
            async with self.engine.connect() as connection:
                await (await driver_connection(connection)).fetchval("SELECT 1")
        except Exception as error:
            if is_outage(error):
                return False
            raise
        return True

    async def close(self) -> None:
        await self.engine.dispose()


async def driver_connection(connection: AsyncConnection) -> asyncpg.Connection:
    """The asyncpg connection under a SQLAlchemy connection, its transaction begun."""
    adapted: Any = (await connection.get_raw_connection()).dbapi_connection
    if adapted._transaction is None:
        await adapted._start_transaction()
    driver: asyncpg.Connection = adapted.driver_connection
    return driver


def _refuse_closed(connection: Any, record: object, proxy: object) -> None:
    """The server closed it while it waited in the pool (a restart): so it did the others; the pool makes new ones."""
    if connection.driver_connection.is_closed():
        raise InvalidatePoolError()


def _drop_torn(connection: Any, record: Any, state: object) -> None:
    """Nobody gets a connection whose transaction was cut off between BEGIN, COMMIT or ROLLBACK and its answer (a deadline does that).

    The adapter then knows of no transaction while the driver or the server has one: it would hold its locks, and what others write on that
    connection would be savepoints in it, told as done and never committed.
    """
    driver = connection.driver_connection
    if connection._transaction is None and (driver._top_xact is not None or driver.is_in_transaction()):
        driver.terminate()
        record.invalidate()


def is_outage(error: BaseException) -> bool:
    """Whether the database is away or shedding (and the same call may succeed later), as against wrong use."""
    original = _original(error)
    if isinstance(original, asyncpg.InterfaceError):  # the driver's word for wrong use as well
        return "clos" in str(original)
    if isinstance(original, OSError | TimeoutError | PoolTimeout):
        return True
    if isinstance(original, asyncpg.PostgresError):
        return str(original.sqlstate)[:2] in {"08", "57", "53"} or original.sqlstate in {"40001", "40P01", "55P03"}
    return isinstance(error, DBAPIError) and error.connection_invalidated


def is_bad_value(error: BaseException) -> bool:
    """Whether a value was refused (out of range, unstorable characters): the caller's mistake, not an outage."""
    original = _original(error)
    return isinstance(original, asyncpg.DataError | UnicodeEncodeError) or isinstance(original.__cause__, UnicodeEncodeError)


def _original(error: BaseException) -> BaseException:
    """What the driver raised, below SQLAlchemy's and its adapter's wrapping."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    wrapped = cause.__cause__
    return wrapped if isinstance(wrapped, asyncpg.PostgresError | asyncpg.InterfaceError | OSError | UnicodeEncodeError) else cause

"""Transactions: what may write, when it commits, and that events exist exactly when their change does."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.exc import DBAPIError

from bus.protocol import RecordTooLarge
from chassis.database import Database, is_bad_value, is_outage
from host.stack.postgres import EmbeddedPostgres
from tests.chassis.conftest import Make
from tests.chassis.toy.app import ThingMade, effects, things
from tests.support.service import ServiceUnderTest

Headers = dict[str, str]


async def _count(toy: ServiceUnderTest, table: str) -> int:
    async with toy.runtime.db.read() as tx:
        return int(await tx.scalar(text(f"SELECT count(*) FROM {table}")))


async def test_a_read_transaction_cannot_write_and_the_database_says_so(toy: ServiceUnderTest) -> None:
    with pytest.raises(DBAPIError, match="read-only"):
        async with toy.runtime.db.read() as tx:
            await tx.connection.execute(insert(effects).values(key="k", number=1))
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with toy.runtime.db.read() as tx:
            await (await tx.asyncpg()).execute("INSERT INTO effects (key, number) VALUES ('k', 1)")
    assert (await toy.http.get("/readers/write")).status_code == 500
    assert await _count(toy, "effects") == 0


async def test_a_connection_that_only_read_may_write_in_its_next_transaction(toy: ServiceUnderTest) -> None:
    for _ in range(3):
        async with toy.runtime.db.read() as tx:
            await tx.scalar(text("SELECT 1"))
        async with toy.runtime.db.write() as writing:
            await writing.execute(insert(effects).values(key="k", number=1))
    assert await _count(toy, "effects") == 3


async def test_the_answer_is_sent_only_after_the_commit(toy: ServiceUnderTest, maker: Headers) -> None:
    """Seen from the outside at the very moment the first byte of the answer leaves."""
    outside = await asyncpg.connect(toy.runtime.db.dsn)
    seen: list[int] = []

    async def watching(scope: Any, receive: Any, send: Any) -> None:
        async def look_then_send(message: Any) -> None:
            seen.append(await outside.fetchval("SELECT count(*) FROM things JOIN outbox ON aggregateid = things.id::text"))
            await send(message)

        await toy.app(scope, receive, look_then_send)

    from httpx import ASGITransport, AsyncClient

    async with AsyncClient(transport=ASGITransport(app=watching), base_url=toy.http.base_url) as http:
        assert (await http.post("/things", json={"name": "box"}, headers=maker)).status_code == 201
    await outside.close()
    assert seen[0] == 1


async def test_a_refusal_after_writing_leaves_neither_row_nor_event(toy: ServiceUnderTest, maker: Headers) -> None:
    assert (await toy.http.post("/things/broken", json={"name": "box"}, headers=maker)).status_code == 409
    assert await _count(toy, "things") == await _count(toy, "outbox") == 0


async def test_an_event_is_written_with_its_change_and_not_before(toy: ServiceUnderTest) -> None:
    async with toy.runtime.db.write() as tx:
        thing_id = tx.clock.new_id()
        await tx.execute(insert(things).values(id=thing_id, name="n", size=1, note={}, version=1))
        event_id = tx.emit(ThingMade(thing_id=thing_id, name="n"))
        assert await _count(toy, "outbox") == 0
    async with toy.runtime.db.read() as reading:
        row = await reading.one(text("SELECT id, aggregatetype, aggregateid, type, published_at FROM outbox"))
    assert dict(row) == {
        "id": event_id, "aggregatetype": "tongban.toy.thing", "aggregateid": str(thing_id), "type": ThingMade.type, "published_at": None,
    }  # fmt: skip


async def test_a_cancelled_request_changes_nothing(toy: ServiceUnderTest, make: Make) -> None:
    toy.runtime.parts["gate"] = asyncio.Event()
    assert (await make(headers={"X-Deadline-Ms": "60"})).status_code == 504
    assert await _count(toy, "things") == await _count(toy, "outbox") == 0


async def test_events_of_one_key_stand_in_the_order_of_their_commits(toy: ServiceUnderTest) -> None:
    """Twenty writers at once change one thing, each having locked its row: the outbox tells the versions as they came about."""
    thing_id = toy.clock.new_id()
    async with toy.runtime.db.write() as tx:
        await tx.execute(insert(things).values(id=thing_id, name="0", size=1, note={}, version=1))

    async def change() -> None:
        async with toy.runtime.db.write() as tx:
            found = await tx.connection.execute(
                update(things).where(things.c.id == thing_id).values(version=things.c.version + 1).returning(things.c.version)
            )
            tx.emit(ThingMade(thing_id=thing_id, name=str(found.scalar_one())))

    await asyncio.gather(*(change() for _ in range(20)))
    assert [event["name"] for event in await toy.emitted()] == [str(version) for version in range(2, 22)]


async def test_several_events_of_one_transaction_keep_their_order(toy: ServiceUnderTest) -> None:
    async with toy.runtime.db.write() as tx:
        for number in range(50):
            tx.emit(ThingMade(thing_id=UUID(int=7), name=str(number)))
    assert [event["name"] for event in await toy.emitted()] == [str(number) for number in range(50)]


async def test_an_event_too_large_for_the_bus_never_reaches_the_outbox(toy: ServiceUnderTest) -> None:
    with pytest.raises(RecordTooLarge):
        async with toy.runtime.db.write() as tx:
            tx.emit(ThingMade(thing_id=UUID(int=7), name="x" * 900_001))
    assert await _count(toy, "outbox") == 0


async def test_a_restart_of_the_database_costs_no_request(toy: ServiceUnderTest, make: Make, postgres_server: EmbeddedPostgres) -> None:
    """Connections that died in the pool are noticed before they are used."""
    held = [toy.runtime.db.write() for _ in range(4)]
    for each in held:
        await each.__aenter__()
    for each in held:
        await each.__aexit__(None, None, None)
    killer = await asyncpg.connect(postgres_server.dsn("postgres"))
    await killer.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'tongban-toy' AND datname = $1",
        toy.runtime.db.dsn.rpartition("/")[2],
    )
    await killer.close()
    answers = [(await make(headers={"Idempotency-Key": f"after-restart-{n}"})).status_code for n in range(6)]
    assert answers == [201] * 6


@pytest.mark.parametrize("is_carried_out", [True, False], ids=["carried out", "not sent"])
@pytest.mark.parametrize("cut", ["BEGIN", "COMMIT", "ROLLBACK"])
async def test_what_is_written_after_a_transaction_was_cut_off_is_committed(
    toy: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch, cut: str, is_carried_out: bool
) -> None:
    """A deadline cancels whatever is being waited for: also the answer to BEGIN or to the end, on the only connection there is."""
    execute, reached = asyncpg.Connection.execute, asyncio.Event()

    async def stuck(connection: asyncpg.Connection, query: str, *values: Any, **options: Any) -> Any:
        if not query.startswith(cut) or reached.is_set():
            return await execute(connection, query, *values, **options)
        if is_carried_out:
            await execute(connection, query, *values, **options)
        reached.set()
        return await asyncio.Event().wait()

    async def write(*, fails: bool) -> None:
        async with db.write() as tx:
            await (await tx.asyncpg()).execute("SELECT pg_advisory_xact_lock(7)")
            await tx.execute(insert(effects).values(key="k", number=1))
            if fails:
                raise ZeroDivisionError

    db = Database(toy.runtime.db.dsn, service="torn", clock=toy.clock, pool_size=1)
    assert await db.ping()  # the first connection's own transaction is not the one that is cut off
    monkeypatch.setattr(asyncpg.Connection, "execute", stuck)
    cancelled = asyncio.create_task(write(fails=cut == "ROLLBACK"))
    await reached.wait()
    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    before = await _count(toy, "effects")
    assert before == (1 if cut == "COMMIT" and is_carried_out else 0)
    async with asyncio.timeout(20):  # nobody holds the lock
        await write(fails=False)
    assert await _count(toy, "effects") == before + 1
    await db.close()


async def test_a_database_that_is_away_is_503_with_a_time_to_come_back(toy: ServiceUnderTest, make: Make) -> None:
    await toy.runtime.db.close()
    toy.runtime.db.__init__("postgresql://postgres@127.0.0.1:1/nothing", service="toy", clock=toy.clock)  # type: ignore[misc]
    answer = await make()
    assert (answer.status_code, answer.headers["retry-after"], answer.json()["type"]) == (503, "2", "urn:tongban:problem:unavailable")
    root = str(toy.http.base_url).split("/api/")[0]
    assert (await toy.http.get(f"{root}/readyz")).status_code == 503


async def test_a_pool_that_is_used_up_is_503_and_not_a_defect(toy: ServiceUnderTest, make: Make) -> None:
    toy.runtime.db.engine.pool._timeout = 0.05  # type: ignore[attr-defined]
    held = [toy.runtime.db.write() for _ in range(4)]
    for each in held:
        tx = await each.__aenter__()
        await tx.scalar(text("SELECT 1"))
    assert (await make()).status_code == 503
    for each in held:
        await each.__aexit__(None, None, None)
    assert (await make()).status_code == 201


async def test_wrong_use_of_the_driver_is_a_defect_and_not_an_outage(toy: ServiceUnderTest) -> None:
    """A consumer waits for an outage without end; it must not wait for a mistake."""
    async with toy.runtime.db.read() as tx:
        with pytest.raises(asyncpg.InterfaceError) as wrong:
            await (await tx.asyncpg()).fetchval("SELECT $1::int", 1, 2)
    with pytest.raises(asyncpg.DataError) as bad:
        async with toy.runtime.db.read() as tx:
            await (await tx.asyncpg()).fetchval("SELECT $1::int", 2**40)
    with pytest.raises(DBAPIError) as surrogate:
        async with toy.runtime.db.read() as tx:
            await tx.scalar(text("SELECT CAST(:t AS text)"), {"t": "\ud800"})
    assert not is_outage(wrong.value) and not is_bad_value(wrong.value)
    assert is_bad_value(bad.value) and not is_outage(bad.value)
    assert is_bad_value(surrogate.value) and not is_outage(surrogate.value)


async def test_an_error_of_the_database_does_not_tell_the_values_of_its_statement(toy: ServiceUnderTest) -> None:
    thing = {"id": UUID(int=1), "name": "张三 的秘密", "size": 1, "note": {}, "version": 1}
    with pytest.raises(DBAPIError) as duplicate:
        async with toy.runtime.db.write() as tx:
            await tx.execute(insert(things).values(**thing))
            await tx.execute(insert(things).values(**thing))
    assert "张三" not in str(duplicate.value)

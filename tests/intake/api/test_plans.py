"""Lists are read from their indexes, in order, without sorting what is not shown."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from sqlalchemy import event, text

from chassis.actor import Actor
from chassis.database import ReadTx
from services.intake import store
from services.intake.rules.lifecycle import State
from tests.intake.conftest import Hall


@asynccontextmanager
async def _plans(hall: Hall) -> AsyncIterator[tuple[ReadTx, list[str]]]:
    """A transaction in which sequential scans cost much, and the plans of the SELECTs made in it."""
    seen: list[tuple[str, object]] = []
    plans: list[str] = []
    async with hall.service.runtime.db.read() as tx:
        await tx.connection.execute(text("SET LOCAL enable_seqscan = off"))
        listener = lambda _c, _cursor, statement, parameters, _context, _many: seen.append((statement, parameters))  # noqa: E731
        event.listen(tx.connection.sync_connection, "before_cursor_execute", listener)
        yield tx, plans
        event.remove(tx.connection.sync_connection, "before_cursor_execute", listener)
        for statement, parameters in seen:
            rows = await tx.connection.exec_driver_sql("EXPLAIN " + statement, parameters)  # type: ignore[arg-type]
            plans.append("\n".join(row[0] for row in rows))


async def test_own_applications_are_read_from_their_index(hall: Hall) -> None:
    applicant = Actor(uuid4(), "person", "张三", "tests", frozenset())
    async with _plans(hall) as (tx, plans):
        await store.own_summaries(tx, store.owned_by(applicant), limit=21, after=uuid4())
    (plan,) = plans
    assert "ix_applications_applicant" in plan
    assert "Sort" not in plan


async def test_the_window_list_is_read_from_its_index(hall: Hall) -> None:
    async with _plans(hall) as (tx, plans):
        await store.window_summaries(tx, store.in_subtree("5116"), state=State.SUBMITTED, limit=21, after=None)
    (plan,) = plans
    assert "ix_applications_window" in plan
    assert "Sort" not in plan

"""Every SQL statement of approval.

What a desk may see is decided here: every read for a person at a desk takes their grants and answers only what these reach.
Whoever changes a case or its tasks holds the lock of the case's row first.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, and_, false, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.actor import Grant
from chassis.database import ReadTx, WriteTx
from services.approval.rules.process import Step, TaskState
from services.approval.tables import calendar_years, case_serial, cases, tasks
from standards.regions import lineage, subtree_prefix
from standards.working_days import WorkingCalendar, YearExceptions

LIVE: tuple[TaskState, ...] = ("open", "claimed")

_TASK = (
    tasks.c.id, tasks.c.case_id, tasks.c.step, tasks.c.round, tasks.c.key, tasks.c.name, tasks.c.kind, tasks.c.post, tasks.c.grade,
    tasks.c.state, tasks.c.version, tasks.c.opened_at, tasks.c.claimed_by, tasks.c.claimed_by_name, tasks.c.claimed_at,
    tasks.c.completed_at, tasks.c.outcome, tasks.c.opinion,
)  # fmt: skip
_CASE = (
    cases.c.id, cases.c.application_id, cases.c.application_number, cases.c.receipt_number, cases.c.case_number, cases.c.state,
    cases.c.version, cases.c.authority_code, cases.c.authority_name, cases.c.region_code, cases.c.item, cases.c.applicant,
    cases.c.handler, cases.c.form, cases.c.materials, cases.c.process, cases.c.result_type_code, cases.c.result_validity_months,
    cases.c.accepted_at, cases.c.due_on, cases.c.due_is_provisional, cases.c.statutory_due_on, cases.c.opened_at, cases.c.outcome,
    cases.c.reasons, cases.c.remedies, cases.c.decided_at, cases.c.decided_by, cases.c.decided_by_name, cases.c.terminated_at,
)  # fmt: skip


async def next_case_serial(tx: WriteTx) -> int:
    serial: int = await tx.scalar(select(case_serial.next_value()))
    return serial


async def insert_case(tx: WriteTx, row: Mapping[str, Any]) -> bool:
    """False, and nothing done, where the application has a case already."""
    statement = upsert(cases).values(**row).on_conflict_do_nothing(index_elements=[cases.c.application_id])
    return await tx.execute(statement) == 1


def is_reached(grant: Grant, case: RowMapping) -> bool:
    """Whether a case is one of those the grant is for: `_reached` for a case that is read already."""
    region = case["region_code"]
    if grant.delegation is None and region in lineage(grant.region):
        region = grant.region
    return grant.department == case["authority_code"] and grant.reaches(
        region=region, department=case["authority_code"], item=case["item"]["local_code"]
    )  # fmt: skip


def _reached(grant: Grant) -> ColumnElement[bool]:
    """The cases a grant is for: its department's, of its items, in its region.

    One's own post also reaches a case of a wider region, which came in at a window above: the department decides it all the same.
    Delegated authority does not.
    """
    is_inside: ColumnElement[bool] = cases.c.region_code.startswith(subtree_prefix(grant.region), autoescape=True)
    if grant.delegation is None:
        is_inside = or_(is_inside, cases.c.region_code.in_(lineage(grant.region)))
    found = [cases.c.authority_code == grant.department, is_inside]
    if grant.departments is not None:
        found.append(cases.c.authority_code.in_(sorted(grant.departments)))
    if grant.items is not None:
        found.append(cases.c.item["local_code"].astext.in_(sorted(grant.items)))
    return and_(*found)


def _seen_by(grants: Sequence[Grant]) -> ColumnElement[bool]:
    return or_(false(), *(_reached(grant) for grant in grants))


async def lock_case_of_task(tx: WriteTx, task_id: UUID, grants: Sequence[Grant]) -> RowMapping | None:
    """The case of a task, its row locked; None for one that no grant reaches."""
    statement = select(*_CASE).join(tasks, tasks.c.case_id == cases.c.id).where(tasks.c.id == task_id, _seen_by(grants))
    return await tx.one_or_none(statement.with_for_update(of=cases))


async def lock_case_of_application(tx: WriteTx, application_id: UUID) -> RowMapping | None:
    return await tx.one_or_none(select(*_CASE).where(cases.c.application_id == application_id).with_for_update())


async def case_of_department(tx: ReadTx, case_id: UUID, grants: Sequence[Grant]) -> RowMapping | None:
    return await tx.one_or_none(select(*_CASE).where(cases.c.id == case_id, _seen_by(grants)))


async def update_case(tx: WriteTx, case_id: UUID, **values: Any) -> None:
    await tx.execute(update(cases).where(cases.c.id == case_id).values(version=cases.c.version + 1, **values))


async def open_task(tx: WriteTx, task_id: UUID, *, case_id: UUID, authority: str, index: int, round_: int, step: Step) -> None:
    await tx.execute(
        insert(tasks).values(
            id=task_id,
            case_id=case_id,
            authority_code=authority,
            step=index,
            round=round_,
            key=step.key,
            name=step.name,
            kind=step.kind,
            post=step.post,
            grade=step.grade,
            state="open",
            version=1,
            opened_at=tx.now,
        )
    )


async def task(tx: ReadTx, task_id: UUID) -> RowMapping:
    return await tx.one(select(*_TASK).where(tasks.c.id == task_id))


async def tasks_of_case(tx: ReadTx, case_id: UUID) -> Sequence[RowMapping]:
    """In the order they were opened."""
    return await tx.all(select(*_TASK).where(tasks.c.case_id == case_id).order_by(tasks.c.id))


async def update_task(tx: WriteTx, task_id: UUID, **values: Any) -> None:
    await tx.execute(update(tasks).where(tasks.c.id == task_id).values(version=tasks.c.version + 1, **values))


async def cancel_live_task(tx: WriteTx, case_id: UUID) -> None:
    live = (tasks.c.case_id == case_id) & tasks.c.state.in_(LIVE)
    await tx.execute(update(tasks).where(live).values(state="cancelled", version=tasks.c.version + 1))


async def queue(tx: ReadTx, *, grants: Sequence[Grant], state: str, after: UUID | None, limit: int) -> Sequence[RowMapping]:
    """Tasks that the grants are for, in one state, oldest first, with the days of their case; at most `limit`."""
    found: list[ColumnElement[bool]] = [
        tasks.c.authority_code.in_(sorted({grant.department for grant in grants})),
        tasks.c.state == state,
        tasks.c.post.in_(sorted({grant.post for grant in grants})),
        or_(false(), *(and_(tasks.c.post == grant.post, _reached(grant)) for grant in grants)),
    ]
    if after is not None:
        found.append(tasks.c.id > after)
    case_columns = (
        cases.c.case_number, cases.c.application_number, cases.c.item, cases.c.accepted_at, cases.c.due_on, cases.c.due_is_provisional,
        cases.c.decided_at, cases.c.terminated_at,
    )  # fmt: skip
    statement = select(*_TASK, *case_columns).join(cases, cases.c.id == tasks.c.case_id).where(*found).order_by(tasks.c.id).limit(limit)
    return await tx.all(statement)


async def keep_year(tx: WriteTx, year: int, *, days_off: Sequence[date], workdays: Sequence[date], source: str, at: datetime) -> None:
    row = {
        "days_off": [day.isoformat() for day in sorted(days_off)],
        "workdays": [day.isoformat() for day in sorted(workdays)],
        "source": source,
        "loaded_at": at,
    }
    await tx.execute(upsert(calendar_years).values(year=year, **row).on_conflict_do_update(index_elements=["year"], set_=row))


async def working_calendar(tx: ReadTx) -> WorkingCalendar:
    """The years that have been loaded."""
    rows = await tx.all(select(calendar_years.c.year, calendar_years.c.days_off, calendar_years.c.workdays))

    def days(texts: Sequence[str]) -> frozenset[date]:
        return frozenset(date.fromisoformat(text) for text in texts)

    return WorkingCalendar({row["year"]: YearExceptions(days(row["days_off"]), days(row["workdays"])) for row in rows})

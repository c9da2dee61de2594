"""A case's file and its clock, for the department that decides it."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import RowMapping

from chassis.actor import Actor, Grant
from chassis.audit import record_read
from chassis.clock import local_day
from chassis.database import ReadTx, WriteTx
from services.approval import store
from services.approval.errors import CaseNotFound
from services.approval.rules.limits import CaseLimits, ClockReading, read_clock
from standards.working_days import WorkingCalendar


class CaseFile(NamedTuple):
    """A case and its tasks in the order they were opened."""

    case: RowMapping
    tasks: Sequence[RowMapping]


async def open_file(case_id: UUID, grants: Sequence[Grant], actor: Actor, tx: WriteTx) -> CaseFile:
    """The whole file. It shows the applicant and the form, so the reading is recorded. Raises CaseNotFound."""
    case = await _of_department(case_id, grants, tx)
    await record_read(
        tx, actor, subject=case["applicant"]["subject"], fields=["name", "form", "materials"], purpose=f"办件审批 {case['case_number']}"
    )
    return CaseFile(case, await store.tasks_of_case(tx, case_id))


async def case_clock(case_id: UUID, grants: Sequence[Grant], tx: ReadTx) -> tuple[RowMapping, ClockReading]:
    """The case and its clock now, by approval's own calendar. Raises CaseNotFound."""
    case = await _of_department(case_id, grants, tx)
    return case, reading(case, tx, await store.working_calendar(tx))


def reading(case: RowMapping, tx: ReadTx, calendar: WorkingCalendar) -> ClockReading:
    """`case` has the days of a case: accepted_at, due_on, due_is_provisional, decided_at, terminated_at."""
    stopped_at = case["decided_at"] or case["terminated_at"]
    limits = CaseLimits(
        accepted_on=local_day(case["accepted_at"]),
        due_on=case["due_on"],
        is_due_provisional=case["due_is_provisional"],
        stopped_on=local_day(stopped_at) if stopped_at else None,
    )
    return read_clock(limits, local_day(tx.now), calendar)


async def _of_department(case_id: UUID, grants: Sequence[Grant], tx: ReadTx) -> RowMapping:
    case = await store.case_of_department(tx, case_id, grants)
    if case is None:
        raise CaseNotFound()
    return case

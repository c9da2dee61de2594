"""Cases: the file, and the clock."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from fastapi import Response
from pydantic import Field

from chassis.app import service_router
from chassis.clock import local_day
from chassis.edge import Reads, Writes, etag
from chassis.schema import View
from services.approval.api.access import CanWorkCases
from services.approval.api.tasks import TaskView
from services.approval.commands.desk import grants_of
from services.approval.queries.cases import case_clock, open_file

router = service_router("cases")


class StepView(View):
    key: str
    name: str
    kind: Literal["review", "decide"]
    post: str
    grade: int


class CaseView(View):
    """The file of a case: what was accepted, the process, what has been done, the decision."""

    id: UUID
    case_number: str
    application_id: UUID
    application_number: str
    receipt_number: str
    state: Literal["open", "decided", "terminated"]
    version: int
    authority_code: str
    authority_name: str
    region_code: str
    item: dict[str, Any]
    applicant: dict[str, Any] = Field(description="Name and masked number; never a person's full number.")
    handler: dict[str, Any] | None
    form: dict[str, Any]
    materials: list[dict[str, Any]]
    process: list[StepView]
    tasks: list[TaskView]
    accepted_at: datetime
    opened_at: datetime
    due_on: date
    due_is_provisional: bool
    statutory_due_on: date | None
    outcome: Literal["granted", "refused"] | None
    reasons: str | None
    remedies: str | None
    decided_at: datetime | None
    decided_by_name: str | None
    terminated_at: datetime | None


class ClockView(View):
    """Days are working days of the place; negative `working_days_left`: overdue by so many."""

    accepted_on: date
    due_on: date
    statutory_due_on: date | None
    working_days_used: int
    working_days_left: int
    light: Literal["green", "yellow", "red"]
    is_provisional: bool = Field(description="A calendar that is not published yet may move the count.")
    is_stopped: bool


@router.get("/cases/{case_id}")
async def read_case(case_id: UUID, actor: CanWorkCases, tx: Writes, response: Response) -> CaseView:
    """The whole file of one of your department's cases. Reading it is recorded, and the applicant can see that."""
    case, tasks = await open_file(case_id, grants_of(actor), actor, tx)
    response.headers["ETag"] = etag(case["version"])
    return CaseView.model_validate({**case, "tasks": [dict(task) for task in tasks]})


@router.get("/cases/{case_id}/clock")
async def read_case_clock(case_id: UUID, actor: CanWorkCases, tx: Reads) -> ClockView:
    """How the case stands against its limits today; on the day it ended, once it has."""
    case, clock = await case_clock(case_id, grants_of(actor), tx)
    return ClockView(
        accepted_on=local_day(case["accepted_at"]),
        due_on=case["due_on"],
        statutory_due_on=case["statutory_due_on"],
        working_days_used=clock.working_days_used,
        working_days_left=clock.working_days_left,
        light=clock.light,
        is_provisional=clock.is_provisional,
        is_stopped=case["state"] != "open",
    )

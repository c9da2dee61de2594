"""What approval says happened, all on one topic, keyed by case."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from chassis.events import Event

TOPIC = "tongban.approval.case"


class Part(BaseModel):
    """A part of an event's body."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Authority(Part):
    """The deciding department; `code` is its USCC."""

    code: str
    name: str


class Item(Part):
    """The item in the version that was applied for."""

    local_code: str
    version_id: UUID
    name: str


class Applicant(Part):
    """Who the matter is for. `code` is an organisation's USCC; a person's number is never here."""

    subject: UUID
    kind: Literal["person", "organisation"]
    name: str
    holder_index: str
    code: str | None
    code_masked: str


class Person(Part):
    """Somebody who acted."""

    subject: UUID
    name: str


class CaseEvent(Event):
    """What every event of a case says."""

    topic: ClassVar[str] = TOPIC

    case_id: UUID
    application_id: UUID
    authority: Authority

    def key(self) -> str:
        return str(self.case_id)

    def attributes(self) -> Mapping[str, str]:
        return {"authority": self.authority.code, "application": str(self.application_id)}


class CaseOpened(CaseEvent):
    type: ClassVar[str] = "tongban.approval.case.opened.v1"

    case_number: str
    due_on: date
    opened_at: datetime


class TaskCompleted(CaseEvent):
    type: ClassVar[str] = "tongban.approval.case.task_completed.v1"

    task_id: UUID
    task_key: str
    outcome: Literal["pass", "return", "grant", "refuse"]
    by: Person
    completed_at: datetime


class CaseDecided(CaseEvent):
    """The decision, with all that issuing a certificate and telling the applicant need. `form` is as it was accepted."""

    type: ClassVar[str] = "tongban.approval.case.decided.v1"

    case_number: str
    application_number: str
    receipt_number: str
    outcome: Literal["granted", "refused"]
    reasons: str | None
    remedies: str | None
    decided_at: datetime
    decided_on: date
    decided_by: Person
    due_on: date
    is_on_time: bool
    item: Item
    region_code: str
    applicant: Applicant
    result_type_code: str | None
    result_validity_months: int | None
    form: dict[str, Any]


class CaseTerminated(CaseEvent):
    """The case ended without a decision, because the application was withdrawn."""

    type: ClassVar[str] = "tongban.approval.case.terminated.v1"

    terminated_at: datetime

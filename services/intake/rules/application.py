"""What an application is, as commands and queries hold it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.intake.rules.item import Item
from services.intake.rules.lifecycle import State

ApplicantKind = Literal["person", "organisation"]


class Named(BaseModel):
    """A person who acted: a handler, a clerk."""

    model_config = ConfigDict(frozen=True)

    subject: UUID
    name: str


class Applicant(BaseModel):
    """Whom the matter is for. `code` is an organisation's USCC; a person's number is kept nowhere here, only its mask."""

    model_config = ConfigDict(frozen=True)

    subject: UUID
    kind: ApplicantKind
    name: str
    holder_index: str
    code: str | None
    code_masked: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The decision as it came from approval; a refusal has reasons and remedies."""

    outcome: Literal["granted", "refused"]
    decided_on: date
    is_on_time: bool
    reasons: str | None
    remedies: str | None


@dataclass(frozen=True, slots=True)
class Certificate:
    """The certificate issued on the decision."""

    certificate_id: UUID
    identifier: str


@dataclass(frozen=True, slots=True)
class Times:
    """When each step was taken; None where it was not."""

    created_at: datetime
    submitted_at: datetime | None = None
    accepted_at: datetime | None = None
    refused_at: datetime | None = None
    withdrawn_at: datetime | None = None
    concluded_at: datetime | None = None
    delivered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an application was not accepted, and what the applicant can do."""

    reasons: str
    remedies: str


@dataclass(frozen=True, slots=True)
class Application:
    """One application. `form_sealed` is the form, encrypted (see `sealing`); `number` is given at submission."""

    id: UUID
    version: int
    state: State
    number: str | None
    item: Item
    region_code: str
    applicant: Applicant
    handler: Named | None
    form_sealed: str
    situation: dict[str, Any]
    times: Times
    refusal: Refusal | None = None
    outcome: Outcome | None = None
    certificate: Certificate | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """The receipt of an acceptance. `event_body` is the exact text of the acceptance's event, whose digest is in the evidence log."""

    number: str
    application_id: UUID
    tracking_code: str
    accepted_at: datetime
    accepted_by: Named
    due_on: date
    due_is_provisional: bool
    statutory_due_on: date | None
    event_id: UUID
    event_body: str

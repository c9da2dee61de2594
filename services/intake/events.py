"""What intake says happened, on `tongban.intake.application`, keyed by the application's id.

Every event carries the deciding department's USCC as the attribute `authority`. Forms go out with citizen ID numbers masked.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from chassis.events import Event
from services.intake.rules.application import Applicant, Named
from services.intake.rules.item import Authority, ProcessStep
from services.intake.rules.limits import Limit

TOPIC = "tongban.intake.application"


class ItemReference(BaseModel):
    """The item version the application was made for."""

    model_config = ConfigDict(frozen=True)

    local_code: str
    version_id: UUID
    name: str


class MaterialShown(BaseModel):
    """One material as it was accepted: drawn from the library, or a file; neither where the form or shared data answers it."""

    model_config = ConfigDict(frozen=True)

    key: str
    name: str
    source: str
    certificate_identifier: str | None
    file_id: UUID | None
    grade: str | None


class _ApplicationEvent(Event):
    topic: ClassVar[str] = TOPIC

    application_id: UUID
    authority: Authority

    def key(self) -> str:
        return str(self.application_id)

    def attributes(self) -> Mapping[str, str]:
        return {"authority": self.authority.code}


class _WholeApplication(_ApplicationEvent):
    application_number: str
    item: ItemReference
    region_code: str
    applicant: Applicant
    handler: Named | None
    submitted_at: datetime


class ApplicationSubmitted(_WholeApplication):
    """An applicant asked; the window may accept or refuse."""

    type: ClassVar[str] = "tongban.intake.application.submitted.v1"


class ApplicationAccepted(_WholeApplication):
    """The clock runs: whoever decides needs nothing beyond this event."""

    type: ClassVar[str] = "tongban.intake.application.accepted.v1"

    receipt_number: str
    tracking_code: str
    accepted_at: datetime
    accepted_by: Named
    due_on: date
    due_is_provisional: bool
    statutory_due_on: date | None
    kind: Literal["instant", "committed"]
    process: tuple[ProcessStep, ...]
    promised_limit: Limit
    statutory_limit: Limit | None
    result_type_code: str | None
    result_validity_months: int | None
    form: dict[str, Any]
    materials: tuple[MaterialShown, ...]


class ApplicationRefused(_ApplicationEvent):
    """The window did not accept, with reasons and what the applicant can do."""

    type: ClassVar[str] = "tongban.intake.application.refused.v1"

    reasons: str
    remedies: str
    refused_at: datetime
    refused_by: Named


class ApplicationWithdrawn(_ApplicationEvent):
    """The applicant withdrew after submitting."""

    type: ClassVar[str] = "tongban.intake.application.withdrawn.v1"

    withdrawn_at: datetime


class ApplicationConcluded(_ApplicationEvent):
    """The decision reached the application."""

    type: ClassVar[str] = "tongban.intake.application.concluded.v1"

    outcome: Literal["granted", "refused"]
    concluded_at: datetime


class ApplicationDelivered(_ApplicationEvent):
    """The certificate is in the applicant's wallet."""

    type: ClassVar[str] = "tongban.intake.application.delivered.v1"

    certificate_id: UUID
    delivered_at: datetime

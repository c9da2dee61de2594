"""Topic `tongban.intake.application`: an acceptance opens a case, a withdrawal terminates it."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from chassis.database import WriteTx
from chassis.events import Consumer, EventView, Handler, Incoming
from services.approval.commands.open_case import Acceptance, open_case
from services.approval.commands.terminate_case import terminate_case
from services.approval.events import Applicant, Authority, Item, Person
from services.approval.rules.process import Step


class AuthorityView(EventView):
    code: str
    name: str


class ItemView(EventView):
    local_code: str
    version_id: UUID
    name: str


class ApplicantView(EventView):
    subject: UUID
    kind: Literal["person", "organisation"]
    name: str
    holder_index: str
    code: str | None = None
    code_masked: str


class PersonView(EventView):
    subject: UUID
    name: str


class StepView(EventView):
    key: str
    name: str
    kind: Literal["review", "decide"]
    post: str
    grade: int = 1


class ApplicationAccepted(EventView):
    """What approval needs to know of an acceptance."""

    application_id: UUID
    application_number: str
    receipt_number: str
    authority: AuthorityView
    region_code: str
    item: ItemView
    applicant: ApplicantView
    handler: PersonView | None = None
    form: dict[str, Any]
    materials: list[dict[str, Any]]
    process: tuple[StepView, ...] = ()
    result_type_code: str | None = None
    result_validity_months: int | None = None
    accepted_at: datetime
    due_on: date
    due_is_provisional: bool
    statutory_due_on: date | None = None


class ApplicationWithdrawn(EventView):
    application_id: UUID


async def on_accepted(event: Incoming[ApplicationAccepted], tx: WriteTx, prepared: None) -> None:
    seen = event.body
    await open_case(
        Acceptance(
            application_id=seen.application_id,
            application_number=seen.application_number,
            receipt_number=seen.receipt_number,
            authority=Authority.model_validate(seen.authority.model_dump()),
            region_code=seen.region_code,
            item=Item.model_validate(seen.item.model_dump()),
            applicant=Applicant.model_validate(seen.applicant.model_dump()),
            handler=Person.model_validate(seen.handler.model_dump()) if seen.handler else None,
            form=seen.form,
            materials=seen.materials,
            steps=[Step(step.key, step.name, step.kind, step.post, step.grade) for step in seen.process],
            result_type_code=seen.result_type_code,
            result_validity_months=seen.result_validity_months,
            accepted_at=seen.accepted_at,
            due_on=seen.due_on,
            due_is_provisional=seen.due_is_provisional,
            statutory_due_on=seen.statutory_due_on,
        ),
        tx,
    )


async def on_withdrawn(event: Incoming[ApplicationWithdrawn], tx: WriteTx, prepared: None) -> None:
    await terminate_case(event.body.application_id, tx)


applications = Consumer(
    name="approval.applications",
    topics=("tongban.intake.application",),
    handlers=(
        Handler("tongban.intake.application.accepted.v1", ApplicationAccepted, on_accepted),
        Handler("tongban.intake.application.withdrawn.v1", ApplicationWithdrawn, on_withdrawn),
    ),
)

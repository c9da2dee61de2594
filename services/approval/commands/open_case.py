"""Open a case for an accepted application."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from chassis.clock import local_day
from chassis.database import WriteTx
from services.approval import store
from services.approval.events import Applicant, Authority, CaseOpened, Item, Person
from services.approval.rules.numbers import case_number
from services.approval.rules.process import Step, plan


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What acceptance hands over. `steps` is the item's process as its version says, empty for the two-stage default."""

    application_id: UUID
    application_number: str
    receipt_number: str
    authority: Authority
    region_code: str
    item: Item
    applicant: Applicant
    handler: Person | None
    form: Mapping[str, Any]
    materials: Sequence[Mapping[str, Any]]
    steps: Sequence[Step]
    result_type_code: str | None
    result_validity_months: int | None
    accepted_at: datetime
    due_on: date
    due_is_provisional: bool
    statutory_due_on: date | None


async def open_case(acceptance: Acceptance, tx: WriteTx) -> None:
    """One case an application: hearing of the same acceptance again does nothing. Raises ValueError for a process that cannot run."""
    process = plan(acceptance.steps)
    case_id = tx.clock.new_id()
    number = case_number(acceptance.region_code, local_day(tx.now), await store.next_case_serial(tx))
    is_new = await store.insert_case(
        tx,
        {
            "id": case_id,
            "case_number": number,
            "state": "open",
            "version": 1,
            "opened_at": tx.now,
            "authority_code": acceptance.authority.code,
            "authority_name": acceptance.authority.name,
            "process": [asdict(step) for step in process],
            **_as_accepted(acceptance),
        },
    )
    if not is_new:
        return
    await store.open_task(tx, tx.clock.new_id(), case_id=case_id, authority=acceptance.authority.code, index=0, round_=1, step=process[0])
    tx.emit(
        CaseOpened(
            case_id=case_id,
            application_id=acceptance.application_id,
            authority=acceptance.authority,
            case_number=number,
            due_on=acceptance.due_on,
            opened_at=tx.now,
        )
    )


def _as_accepted(acceptance: Acceptance) -> dict[str, Any]:
    """The columns that stay as they were accepted."""
    return {
        "application_id": acceptance.application_id,
        "application_number": acceptance.application_number,
        "receipt_number": acceptance.receipt_number,
        "region_code": acceptance.region_code,
        "item": acceptance.item.model_dump(mode="json"),
        "applicant": acceptance.applicant.model_dump(mode="json"),
        "handler": acceptance.handler.model_dump(mode="json") if acceptance.handler else None,
        "form": dict(acceptance.form),
        "materials": [dict(material) for material in acceptance.materials],
        "result_type_code": acceptance.result_type_code,
        "result_validity_months": acceptance.result_validity_months,
        "accepted_at": acceptance.accepted_at,
        "due_on": acceptance.due_on,
        "due_is_provisional": acceptance.due_is_provisional,
        "statutory_due_on": acceptance.statutory_due_on,
    }

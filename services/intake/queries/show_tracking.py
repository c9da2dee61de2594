"""The public tracking page: how far a matter is, and nothing about whose it is."""

from dataclasses import dataclass
from datetime import date, datetime

from chassis.clock import local_day
from chassis.database import ReadTx
from chassis.problems import NotFound
from services.intake import store
from services.intake.rules.application import Application, Receipt
from services.intake.rules.lifecycle import State
from services.intake.rules.limits import Light, light

_STEPS = (
    ("submitted", "submitted_at"),
    ("accepted", "accepted_at"),
    ("withdrawn", "withdrawn_at"),
    ("concluded", "concluded_at"),
    ("delivered", "delivered_at"),
)


@dataclass(frozen=True, slots=True)
class TrackedStep:
    step: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Tracking:
    """`light` and `working_days_left` (negative when late) are None once the application is withdrawn or concluded."""

    application_number: str
    receipt_number: str
    item_name: str
    item_name_en: str | None
    authority_name: str
    state: State
    steps: tuple[TrackedStep, ...]
    due_on: date
    due_is_provisional: bool
    light: Light | None
    working_days_left: int | None
    outcome: str | None
    decided_on: date | None
    is_on_time: bool | None
    certificate_identifier: str | None


async def show_tracking(tx: ReadTx, code: str) -> Tracking:
    """Raises NotFound."""
    receipt = await store.receipt_by_tracking_code(tx, code)
    application = await store.application(tx, receipt.application_id, store.anyones()) if receipt else None
    if receipt is None or application is None or application.number is None:
        raise NotFound()
    shown, left = await _clock(tx, application, receipt)
    taken = ((step, getattr(application.times, column)) for step, column in _STEPS)
    return Tracking(
        application_number=application.number,
        receipt_number=receipt.number,
        item_name=application.item.name,
        item_name_en=application.item.name_en,
        authority_name=application.item.authority.name,
        state=application.state,
        steps=tuple(TrackedStep(step, at) for step, at in taken if at is not None),
        due_on=receipt.due_on,
        due_is_provisional=receipt.due_is_provisional,
        light=shown,
        working_days_left=left,
        outcome=application.outcome.outcome if application.outcome else None,
        decided_on=application.outcome.decided_on if application.outcome else None,
        is_on_time=application.outcome.is_on_time if application.outcome else None,
        certificate_identifier=application.certificate.identifier if application.certificate else None,
    )


async def _clock(tx: ReadTx, application: Application, receipt: Receipt) -> tuple[Light | None, int | None]:
    if application.state is not State.ACCEPTED:
        return None, None
    calendar, today = await store.working_calendar(tx), local_day(tx.now)
    return light(calendar, due_on=receipt.due_on, reference=today), calendar.working_days_between(today, receipt.due_on)

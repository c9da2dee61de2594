"""Topic `tongban.approval.case`: a decision concludes the application."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from chassis.database import WriteTx
from chassis.events import Consumer, EventView, Handler, Incoming
from services.intake.commands.mirror_decision import conclude_application
from services.intake.rules.application import Outcome


class CaseDecided(EventView):
    application_id: UUID
    outcome: Literal["granted", "refused"]
    reasons: str | None = None
    remedies: str | None = None
    decided_at: datetime
    decided_on: date
    is_on_time: bool


async def on_decided(event: Incoming[CaseDecided], tx: WriteTx, prepared: None) -> None:
    seen = event.body
    outcome = Outcome(seen.outcome, seen.decided_on, seen.is_on_time, seen.reasons, seen.remedies)
    await conclude_application(tx, seen.application_id, outcome, decided_at=seen.decided_at)


cases = Consumer(
    name="intake.cases",
    topics=("tongban.approval.case",),
    handlers=(Handler("tongban.approval.case.decided.v1", CaseDecided, on_decided),),
)

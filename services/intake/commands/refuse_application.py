"""Refuse to accept an application."""

from dataclasses import replace
from uuid import UUID

from chassis.actor import Actor
from chassis.database import WriteTx
from services.intake import store
from services.intake.commands.take_step import acting, lock_for
from services.intake.events import ApplicationRefused
from services.intake.rules.application import Application, Refusal
from services.intake.rules.lifecycle import Step


async def refuse_application(
    tx: WriteTx, actor: Actor, application_id: UUID, visible: store.Visibility, refusal: Refusal, *, seen: int
) -> Application:
    """Not accepted, with reasons and what the applicant can do (Administrative Licensing Law, art. 32).

    Raises NotFound, StepNotAllowed, PreconditionFailed.
    """
    submitted, state = await lock_for(tx, application_id, Step.REFUSE, visible, seen=seen)
    refused = replace(submitted, state=state, refusal=refusal, times=replace(submitted.times, refused_at=tx.now))
    saved = await store.save_application(tx, refused)
    tx.emit(
        ApplicationRefused(
            application_id=saved.id,
            authority=saved.item.authority,
            reasons=refusal.reasons,
            remedies=refusal.remedies,
            refused_at=tx.now,
            refused_by=acting(actor),
        )
    )
    return saved

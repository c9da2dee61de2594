"""Withdraw an application."""

from dataclasses import replace
from uuid import UUID

from chassis.actor import Actor
from chassis.database import WriteTx
from services.intake import store
from services.intake.commands.take_step import lock_for
from services.intake.events import ApplicationWithdrawn
from services.intake.rules.application import Application
from services.intake.rules.lifecycle import State, Step


async def withdraw_application(tx: WriteTx, actor: Actor, application_id: UUID, *, seen: int) -> Application:
    """Until it is decided, the applicant may withdraw; nobody hears of a draft that was never submitted.

    Raises NotFound, StepNotAllowed, PreconditionFailed.
    """
    application, state = await lock_for(tx, application_id, Step.WITHDRAW, store.owned_by(actor), seen=seen)
    withdrawn = replace(application, state=state, times=replace(application.times, withdrawn_at=tx.now))
    saved = await store.save_application(tx, withdrawn)
    if application.state is not State.DRAFT:
        tx.emit(ApplicationWithdrawn(application_id=saved.id, authority=saved.item.authority, withdrawn_at=tx.now))
    return saved

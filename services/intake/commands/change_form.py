"""Replace a draft's form."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from chassis.actor import Actor
from chassis.crypto import KeyRing
from chassis.database import WriteTx
from services.intake import store
from services.intake.commands.take_step import lock_for
from services.intake.rules.application import Application
from services.intake.rules.lifecycle import Step
from services.intake.sealing import seal_form


async def change_form(tx: WriteTx, actor: Actor, application_id: UUID, form: dict[str, Any], *, seen: int, keys: KeyRing) -> Application:
    """A draft may be incomplete; the form is checked at submission. Raises NotFound, StepNotAllowed, PreconditionFailed."""
    draft, state = await lock_for(tx, application_id, Step.EDIT, store.owned_by(actor), seen=seen)
    return await store.save_application(tx, replace(draft, state=state, form_sealed=seal_form(keys, draft.id, form)))

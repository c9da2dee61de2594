"""Fill what the certificate library answered late."""

from uuid import UUID

from chassis.actor import Actor
from chassis.database import WriteTx
from services.intake import store
from services.intake.commands.take_step import lock_for
from services.intake.rules.application import Application
from services.intake.rules.lifecycle import Step
from services.intake.rules.materials import Match, filled


async def fill_materials(tx: WriteTx, actor: Actor, application_id: UUID, matches: tuple[Match, ...] | None) -> Application:
    """The draft with its pending materials filled, or asked where the library has none; unchanged without an answer (`None`).

    Raises NotFound, StepNotAllowed.
    """
    draft, _ = await lock_for(tx, application_id, Step.EDIT, store.owned_by(actor))
    changed = filled(draft.item, await store.materials_of(tx, draft.id), matches) if matches is not None else ()
    if not changed:
        return draft
    await store.save_materials(tx, draft.id, changed)
    return await store.save_application(tx, draft)

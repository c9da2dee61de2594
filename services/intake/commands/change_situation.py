"""Answer an item's questions otherwise, in a draft."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from chassis.actor import Actor
from chassis.crypto import KeyRing
from chassis.database import WriteTx
from services.intake import store
from services.intake.commands.take_step import lock_for
from services.intake.rules.application import Application
from services.intake.rules.form import filled_in, still_asked
from services.intake.rules.item import Item
from services.intake.rules.lifecycle import Step
from services.intake.rules.materials import Match, carried_over, filled
from services.intake.sealing import open_form, seal_form


@dataclass(frozen=True, slots=True)
class ChangeSituation:
    """The new answers, and the item in force with what they ask. `matches` is None while the certificate library has not answered."""

    item: Item
    situation: dict[str, Any]
    matches: tuple[Match, ...] | None


async def change_situation(
    tx: WriteTx, actor: Actor, application_id: UUID, change: ChangeSituation, *, seen: int, keys: KeyRing
) -> Application:
    """The draft asks for what the new situation needs. What was filled in or uploaded and is still asked stays; the rest is forgotten.

    Raises NotFound, StepNotAllowed, PreconditionFailed.
    """
    draft, _ = await lock_for(tx, application_id, Step.EDIT, store.owned_by(actor), seen=seen)
    listed = carried_over(draft.item, await store.materials_of(tx, draft.id), change.item)
    if change.matches is not None:
        found = {material.key: material for material in filled(change.item, listed, change.matches)}
        listed = tuple(found.get(material.key, material) for material in listed)
    await store.replace_materials(tx, draft.id, listed)
    answered = still_asked(change.item.form, open_form(keys, draft.id, draft.form_sealed))
    form = filled_in(change.item.form, answered, {match.type_code: match.elements for match in change.matches or ()})
    sealed = seal_form(keys, draft.id, form)
    return await store.save_situation(tx, replace(draft, item=change.item, situation=change.situation, form_sealed=sealed))

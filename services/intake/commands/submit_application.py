"""Submit a draft."""

from dataclasses import replace
from uuid import UUID

from chassis.actor import Actor
from chassis.clock import local_day
from chassis.crypto import KeyRing
from chassis.database import WriteTx
from chassis.problems import FieldError
from services.intake import store
from services.intake.commands.take_step import lock_for
from services.intake.errors import ApplicationIncomplete, LibraryUnanswered, form_errors, material_error
from services.intake.events import ApplicationSubmitted, ItemReference
from services.intake.rules.application import Application
from services.intake.rules.form import form_faults
from services.intake.rules.item import Item
from services.intake.rules.lifecycle import Step
from services.intake.rules.materials import Match, Material, Standing, filled, lacking
from services.intake.rules.numbers import application_number
from services.intake.sealing import open_form


async def submit_application(
    tx: WriteTx, actor: Actor, application_id: UUID, *, seen: int, matches: tuple[Match, ...] | None, keys: KeyRing
) -> Application:
    """The application, numbered and at the window. `matches` is what the library answered for materials still pending.

    Raises NotFound, StepNotAllowed, PreconditionFailed; ApplicationIncomplete with everything that is missing or wrong;
    LibraryUnanswered when nothing but the library's answer is missing.
    """
    draft, state = await lock_for(tx, application_id, Step.SUBMIT, store.owned_by(actor), seen=seen)
    materials = {material.key: material for material in await store.materials_of(tx, draft.id)}
    if matches is not None:
        changed = filled(draft.item, materials.values(), matches)
        materials |= {material.key: material for material in changed}
        await store.save_materials(tx, draft.id, changed)
    faults = form_errors(form_faults(draft.item.form, open_form(keys, draft.id, draft.form_sealed)))
    _require_complete(draft.item, tuple(materials.values()), faults)
    number = application_number(draft.region_code, local_day(tx.now), await store.next_number(tx))
    submitted = replace(draft, state=state, number=number, times=replace(draft.times, submitted_at=tx.now))
    saved = await store.save_application(tx, submitted)
    tx.emit(
        ApplicationSubmitted(
            application_id=draft.id,
            application_number=number,
            item=ItemReference(local_code=draft.item.local_code, version_id=draft.item.version_id, name=draft.item.name),
            authority=draft.item.authority,
            region_code=draft.region_code,
            applicant=draft.applicant,
            handler=draft.handler,
            submitted_at=tx.now,
        )
    )
    return saved


def _require_complete(item: Item, materials: tuple[Material, ...], faults: list[FieldError]) -> None:
    missing = lacking(item, materials)
    if not faults and missing and all(material.standing is Standing.PENDING_LIBRARY for material in missing):
        raise LibraryUnanswered()
    if faults or missing:
        asks = {ask.key: ask for ask in item.materials}
        named = [material_error(m.key, asks[m.key].name, asks[m.key].name_en) for m in missing]
        raise ApplicationIncomplete(errors=[*faults, *named])

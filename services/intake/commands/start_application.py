"""Begin an application."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.actor import Actor
from chassis.crypto import KeyRing
from chassis.database import WriteTx
from services.intake import store
from services.intake.clients.identity import Principal
from services.intake.commands.take_step import acting
from services.intake.errors import HolderUnknown, ItemNotCovered, RegionNotServed
from services.intake.rules.application import Applicant, Application, Times
from services.intake.rules.form import filled_in
from services.intake.rules.item import Item
from services.intake.rules.lifecycle import State
from services.intake.rules.materials import Match, Material, filled, first_standing
from services.intake.rules.regions import are_related
from services.intake.sealing import seal_form


@dataclass(frozen=True, slots=True)
class StartApplication:
    """What a draft begins with. `matches` is None while the certificate library has not answered."""

    application_id: UUID
    item: Item
    region_code: str
    form: dict[str, Any]
    situation: dict[str, Any]
    principal: Principal
    matches: tuple[Match, ...] | None


async def start_application(tx: WriteTx, actor: Actor, command: StartApplication, keys: KeyRing) -> Application:
    """A draft in the applicant's name, its materials and form filled first from what certificates say. Raises ItemNotCovered, RegionNotServed, HolderUnknown."""
    item = command.item
    if actor.limited_to and item.local_code not in actor.limited_to:
        raise ItemNotCovered(actor.limited_to)
    form = filled_in(item.form, command.form, {match.type_code: match.elements for match in command.matches or ()})
    if not are_related(command.region_code, item.region_code):
        raise RegionNotServed(command.region_code, item.region_code)
    application = Application(
        id=command.application_id,
        version=1,
        state=State.DRAFT,
        number=None,
        item=item,
        region_code=command.region_code,
        applicant=_applicant(actor, command.principal),
        handler=acting(actor) if actor.via else None,
        form_sealed=seal_form(keys, command.application_id, form),
        situation=command.situation,
        times=Times(created_at=tx.now),
    )
    materials = {ask.key: Material(key=ask.key, standing=first_standing(ask)) for ask in item.materials}
    if command.matches is not None:
        materials |= {material.key: material for material in filled(item, materials.values(), command.matches)}
    await store.insert_application(tx, application)
    await store.insert_materials(tx, application.id, list(materials.values()))
    return application


def _applicant(actor: Actor, principal: Principal) -> Applicant:
    if actor.holder_index is None:
        raise HolderUnknown()
    return Applicant(
        subject=actor.subject,
        kind="organisation" if actor.kind == "organisation" else "person",
        name=actor.name,
        holder_index=actor.holder_index,
        code=principal.uscc if actor.kind == "organisation" else None,
        code_masked=principal.code_masked,
    )

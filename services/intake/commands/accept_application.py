"""Accept an application at the window."""

from dataclasses import replace
import secrets
from uuid import UUID

from chassis.actor import Actor
from chassis.clock import local_day
from chassis.crypto import KeyRing
from chassis.database import WriteTx
from services.intake import store
from services.intake.commands.take_step import acting, lock_for
from services.intake.events import ApplicationAccepted, ItemReference, MaterialShown
from services.intake.rules.application import Application, Receipt
from services.intake.rules.item import Item
from services.intake.rules.lifecycle import Step
from services.intake.rules.limits import last_day
from services.intake.rules.materials import Material
from services.intake.rules.numbers import receipt_number, tracking_code
from services.intake.rules.privacy import without_citizen_ids
from services.intake.sealing import open_form


async def accept_application(
    tx: WriteTx, actor: Actor, application_id: UUID, visible: store.Visibility, *, seen: int, keys: KeyRing
) -> tuple[Application, Receipt]:
    """The accepted application and its receipt: the clock of the promised limit starts today.

    The receipt keeps the event's id and exact text, so that its holder can prove the acceptance from the evidence log.
    Raises NotFound, StepNotAllowed, PreconditionFailed.
    """
    submitted, state = await lock_for(tx, application_id, Step.ACCEPT, visible, seen=seen)
    accepted = replace(submitted, state=state, times=replace(submitted.times, accepted_at=tx.now))
    saved = await store.save_application(tx, accepted)
    event = await _accepted_event(tx, saved, actor, keys)
    receipt = Receipt(
        number=event.receipt_number,
        application_id=saved.id,
        tracking_code=event.tracking_code,
        accepted_at=tx.now,
        accepted_by=event.accepted_by,
        due_on=event.due_on,
        due_is_provisional=event.due_is_provisional,
        statutory_due_on=event.statutory_due_on,
        event_id=tx.emit(event),
        event_body=event.model_dump_json(),
    )
    await store.insert_receipt(tx, receipt)
    return saved, receipt


async def _accepted_event(tx: WriteTx, application: Application, actor: Actor, keys: KeyRing) -> ApplicationAccepted:
    item, today = application.item, local_day(tx.now)
    calendar = await store.working_calendar(tx)
    due = last_day(calendar, today, item.promised_limit)
    statutory = last_day(calendar, today, item.statutory_limit) if item.statutory_limit else None
    assert application.number is not None and application.times.submitted_at is not None
    return ApplicationAccepted(
        application_id=application.id,
        application_number=application.number,
        item=ItemReference(local_code=item.local_code, version_id=item.version_id, name=item.name),
        authority=item.authority,
        region_code=application.region_code,
        applicant=application.applicant,
        handler=application.handler,
        submitted_at=application.times.submitted_at,
        receipt_number=receipt_number(application.region_code, today, await store.next_number(tx)),
        tracking_code=tracking_code(secrets.choice),
        accepted_at=tx.now,
        accepted_by=acting(actor),
        due_on=due.date,
        due_is_provisional=due.is_provisional,
        statutory_due_on=statutory.date if statutory else None,
        kind=item.kind,
        process=item.process,
        promised_limit=item.promised_limit,
        statutory_limit=item.statutory_limit,
        result_type_code=item.result_type_code,
        result_validity_months=item.result_validity_months,
        form=without_citizen_ids(open_form(keys, application.id, application.form_sealed)),
        materials=tuple(_shown(item, material) for material in await store.materials_of(tx, application.id)),
    )


def _shown(item: Item, material: Material) -> MaterialShown:
    ask = item.ask(material.key)
    assert ask is not None
    return MaterialShown(
        key=material.key,
        name=ask.name,
        source=ask.source,
        certificate_identifier=material.match.identifier if material.match else None,
        file_id=material.file_id,
        grade=material.match.grade if material.match else None,
    )

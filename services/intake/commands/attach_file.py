"""Attach an uploaded file to a material."""

from dataclasses import dataclass
from uuid import UUID

from chassis.actor import Actor
from chassis.database import WriteTx
from services.intake import store
from services.intake.commands.take_step import lock_for
from services.intake.errors import MaterialNotAsked, MaterialUnknown
from services.intake.rules.application import Application
from services.intake.rules.lifecycle import Step
from services.intake.rules.materials import OPEN, Material, Standing


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that is in the store and of an accepted type."""

    sha256: bytes
    size_bytes: int
    content_type: str
    name: str


async def attach_file(tx: WriteTx, actor: Actor, application_id: UUID, key: str, upload: Upload) -> tuple[Application, Material]:
    """The draft and its material, now uploaded; an earlier upload is replaced.

    Raises NotFound, MaterialUnknown, MaterialNotAsked, StepNotAllowed.
    """
    draft, _ = await lock_for(tx, application_id, Step.EDIT, store.owned_by(actor))
    material = uploadable(await store.materials_of(tx, draft.id), key)
    file_id = tx.clock.new_id()
    await store.insert_file(
        tx,
        file_id=file_id,
        application_id=draft.id,
        sha256=upload.sha256,
        size_bytes=upload.size_bytes,
        content_type=upload.content_type,
        name=upload.name,
        uploaded_by=actor.person,
    )
    attached = Material(
        key=key,
        standing=Standing.UPLOADED,
        file_id=file_id,
        file_name=upload.name,
        content_type=upload.content_type,
        size_bytes=upload.size_bytes,
    )
    await store.save_materials(tx, draft.id, [attached])
    if material.file_id is not None:
        await store.delete_file(tx, material.file_id)
    return await store.save_application(tx, draft), attached


def uploadable(materials: tuple[Material, ...], key: str) -> Material:
    """The material under a key, if the applicant may upload it. Raises MaterialUnknown, MaterialNotAsked."""
    material = next((m for m in materials if m.key == key), None)
    if material is None:
        raise MaterialUnknown()
    if material.standing not in OPEN and material.standing is not Standing.UPLOADED:
        raise MaterialNotAsked()
    return material

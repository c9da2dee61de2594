"""A holder's identifying number, for the few services that must write it into a document."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field

from chassis.app import service_router
from chassis.audit import record_read
from chassis.problems import NotFound
from chassis.schema import View
from services.identity.api.access import CanReadPersonal
from services.identity.api.edge import PartsHere, SecretWrites
from services.identity.commands.register_person import citizen_id_context
from services.identity.store import subjects

router = service_router("holders")


class HolderIdentifierView(View):
    kind: Literal["person", "organisation"]
    code: str = Field(description="Citizen ID number or USCC, in full")
    name: str


@router.get("/holders/{subject_id}/identifier", responses={404: {"description": "No such person or organisation"}})
async def holder_identifier(
    actor: CanReadPersonal,
    subject_id: UUID,
    purpose: Annotated[str, Query(min_length=2, max_length=200, description="Why it is read; recorded")],
    tx: SecretWrites,
    parts: PartsHere,
) -> HolderIdentifierView:
    """The full number of a person or organisation. Every reading is recorded with who, whose and why."""
    person = await subjects.person(tx, subject_id)
    if person is not None:
        await record_read(tx, actor, subject=str(subject_id), fields=["citizen_id", "name"], purpose=purpose)
        code = parts.keys.decrypt(person["citizen_id"], context=citizen_id_context(subject_id))
        return HolderIdentifierView(kind="person", code=code, name=person["name"])
    organisation = await subjects.organisation(tx, subject_id)
    if organisation is None:
        raise NotFound()
    await record_read(tx, actor, subject=str(subject_id), fields=["uscc", "name"], purpose=purpose)
    return HolderIdentifierView(kind="organisation", code=organisation["uscc"], name=organisation["name"])

"""Binding an organisation to its legal representative."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends
from pydantic import Field

from chassis.app import service_router
from chassis.edge import Writes
from chassis.problems import NotFound
from chassis.schema import Body, View
from services.identity.api.access import CanBindOrganisation
from services.identity.api.edge import PartsHere
from services.identity.commands.bind_organisation import BindOrganisation, bind_organisation
from services.identity.commands.register_person import citizen_id_context
from services.identity.errors import LegalPersonBaseUnavailable, OrganisationNotConfirmed, UsccInvalid, number_fault
from services.identity.rules.people import normal_organisation_name
from services.identity.store import subjects
from standards.uscc import InvalidUscc, parse_uscc

router = service_router("organisations")


class OrganisationClaim(Body):
    name: str = Field(min_length=2, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")
    uscc: str = Field(max_length=36, description="18 characters, GB 32100")


class OrganisationView(View):
    id: UUID
    name: str
    uscc: str


async def _confirm(actor: CanBindOrganisation, body: OrganisationClaim, parts: PartsHere) -> BindOrganisation:
    """The claim, confirmed by the legal-person base before the transaction opens."""
    try:
        uscc = parse_uscc(body.uscc).value
    except InvalidUscc as error:
        raise UsccInvalid(errors=[number_fault("/uscc", error.reason)]) from error
    async with parts.db.read() as tx:
        person = await subjects.person(tx, actor.subject)
    if person is None:
        raise NotFound()
    name = normal_organisation_name(body.name)
    finding = await parts.verifiers.verify_organisation(
        name=name,
        uscc=uscc,
        representative_name=person["name"],
        representative_citizen_id=parts.keys.decrypt(person["citizen_id"], context=citizen_id_context(person["id"])),
    )
    if finding == "unreachable":
        raise LegalPersonBaseUnavailable()
    if finding != "match":
        raise OrganisationNotConfirmed()
    return BindOrganisation(name=name, uscc=uscc, representative=actor.subject)


@router.post("/organisations", status_code=201)
async def bind(command: Annotated[BindOrganisation, Depends(_confirm)], tx: Writes, parts: PartsHere) -> OrganisationView:
    """Bind an organisation you represent; the legal-person base has to confirm it. From then on you may act for it."""
    return OrganisationView(id=await bind_organisation(tx, command, parts.keys), name=command.name, uscc=command.uscc)

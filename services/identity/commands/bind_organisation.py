"""Bind an organisation to the person whom the legal-person base confirms as its legal representative.

The base is the authority: when it confirms somebody new, the one before stops representing the organisation.
"""

from dataclasses import dataclass
from uuid import UUID

from chassis.crypto import KeyRing
from chassis.database import WriteTx
from services.identity.errors import OrganisationAlreadyBound
from services.identity.events import OrganisationRegistered, RepresentativeChanged
from services.identity.store import subjects


@dataclass(frozen=True, slots=True)
class BindOrganisation:
    """Confirmed before by the legal-person base."""

    name: str
    uscc: str
    representative: UUID


async def bind_organisation(tx: WriteTx, command: BindOrganisation, keys: KeyRing) -> UUID:
    """The organisation's id. Raises OrganisationAlreadyBound to the one who represents it already."""
    organisation_id = tx.clock.new_id()
    row = {
        "id": organisation_id,
        "name": command.name,
        "uscc": command.uscc,
        "holder_index": keys.blind_index("uscc", command.uscc),
        "registered_at": tx.now,
    }
    event: type[OrganisationRegistered] | type[RepresentativeChanged] = OrganisationRegistered
    if not await subjects.insert_organisation(tx, row):
        event = RepresentativeChanged
        organisation_id = (await subjects.lock_organisation_by_uscc(tx, command.uscc))["id"]
        if await subjects.representative(tx, organisation_id) == command.representative:
            raise OrganisationAlreadyBound(organisation_id=str(organisation_id))
        await subjects.rename_organisation(tx, organisation_id, command.name)
        await subjects.end_representation(tx, organisation_id, tx.now)
    representation = {
        "id": tx.clock.new_id(),
        "organisation_id": organisation_id,
        "person_id": command.representative,
        "began_at": tx.now,
    }
    await subjects.insert_representation(tx, representation)
    tx.emit(
        event(
            organisation_id=organisation_id,
            name=command.name,
            uscc=command.uscc,
            legal_representative=command.representative,
            holder_index=row["holder_index"],
        )
    )
    return organisation_id

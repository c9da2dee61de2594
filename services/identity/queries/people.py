"""Finding somebody by what another person knows of them."""

from uuid import UUID

from chassis.crypto import KeyRing
from chassis.database import ReadTx
from services.identity.rules.people import normal_name
from services.identity.store import subjects


async def find_named(tx: ReadTx, keys: KeyRing, *, name: str, citizen_id: str) -> UUID | None:
    """The account of this number, if the name is right as well; a wrong name and no account look the same."""
    row = await subjects.person_by_citizen_id(tx, keys.blind_index("citizen-id", citizen_id))
    found: UUID | None = row["id"] if row is not None and row["name"] == normal_name(name) else None
    return found

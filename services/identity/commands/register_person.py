"""Register a person: one account per citizen ID number."""

from dataclasses import dataclass, field
from uuid import UUID

from chassis.crypto import KeyRing
from chassis.database import WriteTx
from services.identity.errors import AccountExists
from services.identity.events import PersonRegistered
from services.identity.rules.people import SELF_ASSERTED, mask_name
from services.identity.rules.verification import Check, level_after
from services.identity.store import subjects, verifications


@dataclass(frozen=True, slots=True)
class RegisterPerson:
    """Checked and verified before; `checks` is what the sources said."""

    name: str
    citizen_id: str = field(repr=False)
    phone: str = field(repr=False)
    password_hash: str = field(repr=False)
    checks: tuple[Check, ...]

    @property
    def assurance(self) -> int:
        """What the checks were worth."""
        return level_after(SELF_ASSERTED, self.checks)


async def register_person(tx: WriteTx, command: RegisterPerson, keys: KeyRing) -> UUID:
    """The person's id. Anyone may register. Raises AccountExists."""
    person_id = tx.clock.new_id()
    holder_index = keys.blind_index("citizen-id", command.citizen_id)
    row = {
        "id": person_id,
        "name": command.name,
        "citizen_id": keys.encrypt(command.citizen_id, context=citizen_id_context(person_id)),
        "citizen_id_index": holder_index,
        "phone": keys.encrypt(command.phone, context=phone_context(person_id)),
        "phone_index": keys.blind_index("phone", command.phone),
        "password_hash": command.password_hash,
        "assurance": command.assurance,
        "registered_at": tx.now,
    }
    if not await subjects.insert_person(tx, row):
        raise AccountExists()
    await verifications.insert_checks(tx, person_id, command.checks)
    tx.emit(
        PersonRegistered(
            person_id=person_id,
            name_masked=mask_name(command.name),
            assurance=command.assurance,
            holder_index=holder_index,
            registered_at=tx.now,
        )
    )
    return person_id


def citizen_id_context(person_id: UUID) -> str:
    """The place a citizen ID number's ciphertext is bound to."""
    return f"people:citizen_id:{person_id}"


def phone_context(person_id: UUID) -> str:
    return f"people:phone:{person_id}"

"""Register a person: one account per citizen ID number."""

from dataclasses import dataclass, field
from uuid import UUID

from chassis.crypto import KeyRing
from chassis.database import WriteTx
from services.identity.errors import AccountExists, OneTimeCodeRefused
from services.identity.events import PersonRegistered
from services.identity.rules.people import SELF_ASSERTED, mask_name
from services.identity.rules.verification import Check, level_after
from services.identity.store import phone_checks, subjects, verifications


@dataclass(frozen=True, slots=True)
class RegisterPerson:
    """Checked and verified before; `checks` is what the sources said."""

    name: str
    citizen_id: str = field(repr=False)
    phone: str = field(repr=False)
    password_hash: str = field(repr=False)
    checks: tuple[Check, ...]
    phone_check: UUID | None = None
    """The check that showed the number to be theirs; None: a number only typed."""

    @property
    def assurance(self) -> int:
        """What the checks were worth."""
        return level_after(SELF_ASSERTED, self.checks)

    @property
    def is_phone_confirmed(self) -> bool:
        """By its code, or by the bank, which compared it."""
        return self.phone_check is not None or any(check.source == "bank-channel" and check.finding == "match" for check in self.checks)


async def register_person(tx: WriteTx, command: RegisterPerson, keys: KeyRing) -> UUID:
    """The person's id. Anyone may register. Raises AccountExists; OneTimeCodeRefused for a check used before."""
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
        "phone_confirmed_at": tx.now if command.is_phone_confirmed else None,
    }
    if not await subjects.insert_person(tx, row):
        raise AccountExists()
    if command.phone_check is not None and not await phone_checks.use(tx, command.phone_check):
        raise OneTimeCodeRefused()
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

"""Record what sources said of a person, and raise their assurance level where it was a yes."""

from collections.abc import Sequence
from uuid import UUID

from chassis.database import WriteTx
from chassis.problems import NotFound
from services.identity.events import PersonVerified
from services.identity.rules.people import mask_name
from services.identity.rules.verification import Check, level_after
from services.identity.store import recoveries, verifications


async def record_verification(tx: WriteTx, person_id: UUID, checks: Sequence[Check]) -> int:
    """The person's level afterwards; it never sinks. Raises NotFound."""
    person = await verifications.lock_assurance(tx, person_id)
    if person is None:
        raise NotFound()
    await verifications.insert_checks(tx, person_id, checks)
    if any(check.source == "bank-channel" and check.finding == "match" for check in checks):
        await recoveries.confirm_phone(tx, person_id)
    level = level_after(person["assurance"], checks)
    if level > person["assurance"]:
        await verifications.set_assurance(tx, person_id, level)
        tx.emit(
            PersonVerified(
                person_id=person_id,
                name_masked=mask_name(person["name"]),
                assurance=level,
                holder_index=person["citizen_id_index"],
                source=next(check.source for check in checks if check.level == level),
                verified_at=tx.now,
            )
        )
    return level

"""What sources at the border said of people."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import RowMapping, insert, select, update

from chassis.database import ReadTx, WriteTx
from services.identity.rules.verification import Check
from services.identity.tables import people, verifications

_VERIFICATION = (verifications.c.id, verifications.c.source, verifications.c.finding, verifications.c.level, verifications.c.checked_at)


async def insert_checks(tx: WriteTx, person_id: UUID, checks: Iterable[Check]) -> None:
    rows = [
        {
            "id": tx.clock.new_id(),
            "person_id": person_id,
            "source": check.source,
            "finding": check.finding,
            "level": check.level,
            "checked_at": tx.now,
        }
        for check in checks
    ]
    if rows:
        await tx.execute(insert(verifications), rows)


async def verifications_of(tx: ReadTx, person_id: UUID, *, limit: int, before: UUID | None) -> Sequence[RowMapping]:
    """Newest first: UUIDv7 ids are in order of making."""
    statement = select(*_VERIFICATION).where(verifications.c.person_id == person_id).order_by(verifications.c.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(verifications.c.id < before)
    return await tx.all(statement)


async def lock_assurance(tx: WriteTx, person_id: UUID) -> RowMapping | None:
    """Name, blind index and level of a person, theirs alone until the transaction ends."""
    columns = (people.c.name, people.c.citizen_id_index, people.c.assurance)
    return await tx.one_or_none(select(*columns).where(people.c.id == person_id).with_for_update())


async def set_assurance(tx: WriteTx, person_id: UUID, level: int) -> None:
    await tx.execute(update(people).where(people.c.id == person_id).values(assurance=level))

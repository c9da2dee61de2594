"""Codes sent to numbers that are not on record yet."""

from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, delete, insert, update

from chassis.database import WriteTx
from services.identity.tables import people, phone_checks


async def insert_check(tx: WriteTx, row: dict[str, Any]) -> None:
    await tx.execute(insert(phone_checks).values(**row))


async def count_try(tx: WriteTx, check_id: UUID, *, most: int) -> RowMapping | None:
    """Digest and number's index, with this try counted; None for a check that is unknown, expired or tried too often."""
    statement = update(phone_checks).where(phone_checks.c.id == check_id, phone_checks.c.expires_at > tx.now, phone_checks.c.tries < most)
    return await tx.one_or_none(
        statement.values(tries=phone_checks.c.tries + 1).returning(phone_checks.c.digest, phone_checks.c.phone_index)
    )


async def use(tx: WriteTx, check_id: UUID) -> bool:
    """False when it was used before."""
    statement = update(phone_checks).where(phone_checks.c.id == check_id, phone_checks.c.used_at.is_(None))
    return await tx.execute(statement.values(used_at=tx.now)) == 1


async def change_phone(tx: WriteTx, person_id: UUID, *, phone: str, index: str) -> None:
    """`phone` is ciphertext. The number is confirmed as it comes."""
    statement = update(people).where(people.c.id == person_id)
    await tx.execute(statement.values(phone=phone, phone_index=index, phone_confirmed_at=tx.now))


async def delete_expired(tx: WriteTx) -> int:
    """Rows deleted."""
    return await tx.execute(delete(phone_checks).where(phone_checks.c.expires_at < tx.now))

"""One-time codes."""

from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, delete, insert, update

from chassis.database import WriteTx
from services.identity.tables import one_time_codes


async def insert_code(tx: WriteTx, row: dict[str, Any]) -> None:
    await tx.execute(insert(one_time_codes).values(**row))


async def count_try(tx: WriteTx, code_id: UUID, *, most: int) -> RowMapping | None:
    """The code's digest and subject, locked, with this try counted; None for one that is unknown, used, expired or tried too often."""
    statement = update(one_time_codes).where(
        one_time_codes.c.id == code_id,
        one_time_codes.c.used_at.is_(None),
        one_time_codes.c.expires_at > tx.now,
        one_time_codes.c.tries < most,
    )
    return await tx.one_or_none(
        statement.values(tries=one_time_codes.c.tries + 1).returning(one_time_codes.c.digest, one_time_codes.c.subject)
    )


async def mark_used(tx: WriteTx, code_id: UUID) -> None:
    await tx.execute(update(one_time_codes).where(one_time_codes.c.id == code_id).values(used_at=tx.now))


async def delete_expired(tx: WriteTx) -> int:
    """Rows deleted."""
    return await tx.execute(delete(one_time_codes).where(one_time_codes.c.expires_at < tx.now))

"""One-time codes."""

from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, delete, insert, update

from chassis.database import WriteTx
from services.identity.tables import sign_in_codes


async def insert_code(tx: WriteTx, row: dict[str, Any]) -> None:
    await tx.execute(insert(sign_in_codes).values(**row))


async def count_try(tx: WriteTx, code_id: UUID, *, most: int) -> RowMapping | None:
    """The code's digest and subject, locked, with this try counted; None for one that is unknown, used, expired or tried too often."""
    statement = update(sign_in_codes).where(
        sign_in_codes.c.id == code_id,
        sign_in_codes.c.used_at.is_(None),
        sign_in_codes.c.expires_at > tx.now,
        sign_in_codes.c.tries < most,
    )
    return await tx.one_or_none(
        statement.values(tries=sign_in_codes.c.tries + 1).returning(sign_in_codes.c.digest, sign_in_codes.c.subject)
    )


async def mark_used(tx: WriteTx, code_id: UUID) -> None:
    await tx.execute(update(sign_in_codes).where(sign_in_codes.c.id == code_id).values(used_at=tx.now))


async def delete_expired(tx: WriteTx) -> int:
    """Rows deleted."""
    return await tx.execute(delete(sign_in_codes).where(sign_in_codes.c.expires_at < tx.now))

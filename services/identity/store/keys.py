"""Signing keys. A key is published until `retired_at`, or until it is withdrawn."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, delete, func, insert, or_, select, update

from chassis.database import ReadTx, WriteTx
from services.identity.rules.signing_keys import KEPT_AFTERWARDS, KeyTimes
from services.identity.tables import signing_keys

CHANNEL = "tongban_signing_keys"
_SIGNING_KEYS_LOCK = 0x746F6E6762616E


async def lock_signing_keys(tx: WriteTx) -> None:
    """Held until the transaction ends: of processes that find a key due, one makes it."""
    await tx.execute(select(func.pg_advisory_xact_lock(_SIGNING_KEYS_LOCK)))


def _is_published(now: datetime) -> Any:
    return signing_keys.c.withdrawn_at.is_(None) & or_(signing_keys.c.retired_at.is_(None), signing_keys.c.retired_at > now)


async def key_times(tx: ReadTx) -> list[KeyTimes]:
    """Of the keys published now, oldest first."""
    statement = select(signing_keys.c.kid, signing_keys.c.signs_from).where(_is_published(tx.now)).order_by(signing_keys.c.signs_from)
    return [KeyTimes(row.kid, row.signs_from) for row in await tx.rows(statement)]


async def signing_rows(tx: ReadTx) -> Sequence[RowMapping]:
    """`kid`, `signs_from` and the encrypted `private_key` of the keys published now."""
    return await tx.all(select(signing_keys.c.kid, signing_keys.c.signs_from, signing_keys.c.private_key).where(_is_published(tx.now)))


async def public_keys(tx: ReadTx) -> Sequence[dict[str, str]]:
    """The public JWKs of every key that may have signed a token still good, and of the one that will sign next."""
    statement = select(signing_keys.c.public_key).where(_is_published(tx.now)).order_by(signing_keys.c.signs_from)
    return [row[0] for row in await tx.rows(statement)]


async def remembered_keys(tx: ReadTx) -> Sequence[dict[str, str]]:
    """The public JWKs of every key kept that was never withdrawn, published or not."""
    return [row[0] for row in await tx.rows(select(signing_keys.c.public_key).where(signing_keys.c.withdrawn_at.is_(None)))]


async def insert_key(tx: WriteTx, row: dict[str, Any]) -> None:
    """Wakes the signers of every process when the transaction commits."""
    await tx.execute(insert(signing_keys).values(**row))
    await (await tx.asyncpg()).execute(f"NOTIFY {CHANNEL}")


async def retire_keys(tx: WriteTx, at: datetime) -> None:
    """Keys without an end get one."""
    await tx.execute(update(signing_keys).where(signing_keys.c.retired_at.is_(None)).values(retired_at=at))


async def withdraw_keys(tx: WriteTx) -> None:
    """Every key: no longer published, and believed nowhere."""
    await tx.execute(update(signing_keys).where(signing_keys.c.withdrawn_at.is_(None)).values(withdrawn_at=tx.now))


async def delete_old_keys(tx: WriteTx) -> int:
    """Rows deleted."""
    gone = func.least(signing_keys.c.retired_at, signing_keys.c.withdrawn_at)
    return await tx.execute(delete(signing_keys).where(gone < tx.now - KEPT_AFTERWARDS))

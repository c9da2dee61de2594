"""One-time codes, confirmed phones, known places."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from chassis.database import ReadTx, WriteTx
from services.identity.tables import known_places, one_time_codes, people


async def insert_code(tx: WriteTx, row: dict[str, Any]) -> None:
    await tx.execute(insert(one_time_codes).values(**row))


async def lock_code(tx: WriteTx, code_id: UUID, purpose: str) -> RowMapping | None:
    statement = select(one_time_codes).where(one_time_codes.c.id == code_id, one_time_codes.c.purpose == purpose)
    return await tx.one_or_none(statement.with_for_update())


async def count_try(tx: WriteTx, code_id: UUID) -> None:
    await tx.execute(update(one_time_codes).where(one_time_codes.c.id == code_id).values(tries=one_time_codes.c.tries + 1))


async def mark_used(tx: WriteTx, code_id: UUID) -> None:
    await tx.execute(update(one_time_codes).where(one_time_codes.c.id == code_id).values(used_at=tx.now))


async def confirm_phone(tx: WriteTx, person_id: UUID) -> None:
    """The first confirmation counts."""
    confirmed = func.coalesce(people.c.phone_confirmed_at, tx.now)
    await tx.execute(update(people).where(people.c.id == person_id).values(phone_confirmed_at=confirmed))


async def has_confirmed_phone(tx: ReadTx, person_id: UUID) -> bool:
    return bool(await tx.scalar(select(people.c.phone_confirmed_at.is_not(None)).where(people.c.id == person_id)))


async def set_password(tx: WriteTx, person_id: UUID, password_hash: str) -> None:
    await tx.execute(update(people).where(people.c.id == person_id).values(password_hash=password_hash))


async def is_known_place(tx: ReadTx, key: str, *, since: datetime) -> bool:
    return await tx.scalar(select(known_places.c.key).where(known_places.c.key == key, known_places.c.seen_at > since)) is not None


async def remember_places(tx: WriteTx, keys: Collection[str]) -> None:
    statement = insert(known_places).values([{"key": key, "seen_at": tx.now} for key in sorted(keys)])
    await tx.execute(statement.on_conflict_do_update(index_elements=[known_places.c.key], set_={"seen_at": statement.excluded.seen_at}))


async def delete_expired(tx: WriteTx, *, places_before: datetime) -> int:
    codes = await tx.execute(delete(one_time_codes).where(one_time_codes.c.expires_at < tx.now))
    return codes + await tx.execute(delete(known_places).where(known_places.c.seen_at < places_before))

"""Passkeys and the challenges they answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import ReadTx, WriteTx
from services.identity.rules.passkeys import Passkey
from services.identity.tables import passkey_challenges, passkeys

_SHOWN = (passkeys.c.id, passkeys.c.name, passkeys.c.is_synced, passkeys.c.created_at, passkeys.c.last_used_at)


async def insert_challenge(tx: WriteTx, digest: bytes, *, subject: UUID | None, expires_at: datetime) -> None:
    await tx.execute(insert(passkey_challenges).values(digest=digest, subject=subject, expires_at=expires_at))


async def take_challenge(tx: WriteTx, digest: bytes, *, subject: UUID | None) -> bool:
    """Whether it was there for this subject (None: for signing in) and is good; gone it is in any case."""
    gone = await tx.one_or_none(
        delete(passkey_challenges)
        .where(passkey_challenges.c.digest == digest)
        .returning(passkey_challenges.c.subject, passkey_challenges.c.expires_at)
    )
    return gone is not None and gone["subject"] == subject and gone["expires_at"] > tx.now


async def insert_passkey(tx: WriteTx, row: dict[str, Any]) -> bool:
    """False when the credential is registered already."""
    return await tx.execute(upsert(passkeys).values(**row).on_conflict_do_nothing(index_elements=[passkeys.c.credential_id])) == 1


async def lock_passkey(tx: WriteTx, credential_id: bytes) -> Passkey | None:
    row = await tx.one_or_none(
        select(passkeys.c.id, passkeys.c.subject, passkeys.c.subject_kind, passkeys.c.public_key, passkeys.c.sign_count)
        .where(passkeys.c.credential_id == credential_id)
        .with_for_update()
    )
    return Passkey(*row.values()) if row is not None else None


async def record_use(tx: WriteTx, passkey_id: UUID, sign_count: int) -> None:
    await tx.execute(update(passkeys).where(passkeys.c.id == passkey_id).values(sign_count=sign_count, last_used_at=tx.now))


async def passkeys_of(tx: ReadTx, subject: UUID) -> Sequence[RowMapping]:
    """What is shown of them, the oldest first."""
    return await tx.all(select(*_SHOWN).where(passkeys.c.subject == subject).order_by(passkeys.c.created_at, passkeys.c.id))


async def credential_ids_of(tx: ReadTx, subject: UUID) -> list[bytes]:
    return [row[0] for row in await tx.rows(select(passkeys.c.credential_id).where(passkeys.c.subject == subject))]


async def delete_passkey(tx: WriteTx, passkey_id: UUID, *, subject: UUID) -> bool:
    """False where there is none of this person."""
    return await tx.execute(delete(passkeys).where(passkeys.c.id == passkey_id, passkeys.c.subject == subject)) == 1


async def delete_expired_challenges(tx: WriteTx) -> int:
    """Rows deleted."""
    return await tx.execute(delete(passkey_challenges).where(passkey_challenges.c.expires_at < tx.now))

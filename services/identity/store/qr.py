"""Sign-ins by QR code. The browser's secret and the code's handle are both digests; where the browser asks from is ciphertext."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from chassis.crypto import KeyRing
from chassis.database import ReadTx, WriteTx
from services.identity.rules.qr import QrSignIn
from services.identity.tables import qr_sign_ins

_SIGN_IN = (
    qr_sign_ins.c.id, qr_sign_ins.c.client_name, qr_sign_ins.c.device, qr_sign_ins.c.source, qr_sign_ins.c.subject,
    qr_sign_ins.c.subject_kind, qr_sign_ins.c.declined_at, qr_sign_ins.c.used_at, qr_sign_ins.c.expires_at,
)  # fmt: skip


def _source_context(sign_in_id: UUID) -> str:
    return f"qr_sign_ins.source:{sign_in_id}"


async def insert_sign_in(tx: WriteTx, row: dict[str, Any], *, source: str, keys: KeyRing) -> None:
    await tx.execute(insert(qr_sign_ins).values(**row, source=keys.encrypt(source, context=_source_context(row["id"]))))


async def by_browser(tx: ReadTx, digest: bytes, client_id: str, keys: KeyRing, *, lock: bool = False) -> QrSignIn | None:
    """The one that the browser with this secret shows on the way to this client."""
    return await _one(tx, (qr_sign_ins.c.browser_digest == digest) & (qr_sign_ins.c.client_id == client_id), keys, lock=lock)


async def by_handle(tx: ReadTx, digest: bytes, keys: KeyRing, *, lock: bool = False) -> QrSignIn | None:
    """The one whose code has this handle."""
    return await _one(tx, qr_sign_ins.c.handle_digest == digest, keys, lock=lock)


async def _one(tx: ReadTx, which: Any, keys: KeyRing, *, lock: bool) -> QrSignIn | None:
    statement = select(*_SIGN_IN).where(which)
    row = await tx.one_or_none(statement.with_for_update() if lock else statement)
    if row is None:
        return None
    return QrSignIn(
        row["id"], row["client_name"], row["device"], keys.decrypt(row["source"], context=_source_context(row["id"])), row["subject"],
        row["subject_kind"], row["declined_at"], row["used_at"], row["expires_at"],
    )  # fmt: skip


async def confirm(tx: WriteTx, sign_in_id: UUID, *, subject: UUID, kind: str) -> None:
    await tx.execute(update(qr_sign_ins).where(qr_sign_ins.c.id == sign_in_id).values(subject=subject, subject_kind=kind))


async def decline(tx: WriteTx, sign_in_id: UUID) -> None:
    await tx.execute(update(qr_sign_ins).where(qr_sign_ins.c.id == sign_in_id).values(declined_at=tx.now))


async def mark_used(tx: WriteTx, sign_in_id: UUID) -> None:
    await tx.execute(update(qr_sign_ins).where(qr_sign_ins.c.id == sign_in_id).values(used_at=tx.now))


async def delete_expired(tx: WriteTx) -> int:
    """Rows deleted."""
    return await tx.execute(delete(qr_sign_ins).where(qr_sign_ins.c.expires_at < tx.now))

"""The signed-on person's answer to a QR code they scanned: yes or no, once."""

from uuid import UUID

from chassis.crypto import KeyRing
from chassis.database import WriteTx
from services.identity.errors import QrOver
from services.identity.rules.clients import secret_digest
from services.identity.store import qr


async def answer_qr(tx: WriteTx, handle: str, *, agrees: bool, subject: UUID, kind: str, keys: KeyRing) -> None:
    """Raises QrOver for a code that is unknown, answered, used or expired."""
    found = await qr.by_handle(tx, secret_digest(handle), keys, lock=True)
    if found is None or found.state(tx.now) != "waiting":
        raise QrOver()
    if agrees:
        await qr.confirm(tx, found.id, subject=subject, kind=kind)
    else:
        await qr.decline(tx, found.id)

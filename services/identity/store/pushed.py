"""Authorization requests that clients sent ahead (RFC 9126)."""

from typing import Any

from sqlalchemy import delete, insert, select, update

from chassis.database import ReadTx, WriteTx
from services.identity.rules.authorization import PUSHED_OPEN_LIFETIME
from services.identity.tables import pushed_requests


async def keep(tx: WriteTx, row: dict[str, Any]) -> None:
    await tx.execute(insert(pushed_requests).values(**row))


async def parameters(tx: ReadTx, digest: bytes, client_id: str) -> dict[str, str] | None:
    """What this client pushed; None when it has expired or was used."""
    statement = select(pushed_requests.c.parameters).where(
        pushed_requests.c.digest == digest, pushed_requests.c.client_id == client_id, pushed_requests.c.expires_at > tx.now
    )
    found: dict[str, str] | None = await tx.scalar(statement)
    return found


async def open_page(tx: WriteTx, digest: bytes) -> None:
    """The person has arrived with it, and gets the time it takes to sign in; once, however often the page is loaded."""
    await tx.execute(
        update(pushed_requests)
        .where(pushed_requests.c.digest == digest, pushed_requests.c.opened_at.is_(None))
        .values(opened_at=tx.now, expires_at=tx.now + PUSHED_OPEN_LIFETIME)
    )


async def take(tx: WriteTx, digest: bytes) -> bool:
    """Use it up. False when somebody was faster."""
    return await tx.execute(delete(pushed_requests).where(pushed_requests.c.digest == digest)) == 1


async def delete_expired_requests(tx: WriteTx) -> int:
    """Rows deleted."""
    return await tx.execute(delete(pushed_requests).where(pushed_requests.c.expires_at < tx.now))

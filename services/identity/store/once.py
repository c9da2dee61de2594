"""What may be used once: ids of assertions and proofs, remembered until they have expired anyway."""

from datetime import datetime
import hashlib

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from chassis.database import WriteTx
from services.identity.tables import used_once


async def use(tx: WriteTx, kind: str, owner: str, name: str, expires_at: datetime) -> bool:
    """False when it was used before. Two at once: the second waits for the first's commit, and is then too late."""
    digest = hashlib.sha256(f"{kind}\0{owner}\0{name}".encode("utf-8", "surrogatepass")).digest()
    statement = insert(used_once).values(digest=digest, expires_at=expires_at).on_conflict_do_nothing()
    return await tx.execute(statement) == 1


async def delete_expired_uses(tx: WriteTx) -> int:
    """Rows deleted."""
    return await tx.execute(delete(used_once).where(used_once.c.expires_at < tx.now))

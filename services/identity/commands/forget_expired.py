"""Forget sign-ins that cannot be refreshed any more, attempts that no longer count, and keys retired long ago."""

from chassis.database import WriteTx
from services.identity.rules.throttling import LONGEST_WINDOW
from services.identity.store import grants, keys


async def forget_expired(tx: WriteTx) -> int:
    """The number of rows forgotten."""
    return await grants.delete_expired(tx, counters_before=tx.now - LONGEST_WINDOW) + await keys.delete_old_keys(tx)

"""Forget sign-ins that cannot be refreshed any more, and attempts that no longer count."""

from chassis.database import WriteTx
from services.identity.rules.throttling import LONGEST_WINDOW
from services.identity.store import grants


async def forget_expired(tx: WriteTx) -> int:
    """The number of rows forgotten."""
    return await grants.delete_expired(tx, counters_before=tx.now - LONGEST_WINDOW)

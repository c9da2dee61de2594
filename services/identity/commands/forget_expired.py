"""Forget sign-ins that cannot be refreshed any more, one codes long expired, and attempts that no longer count."""

from chassis.database import WriteTx
from services.identity.rules.one_code import KEPT_AFTERWARDS
from services.identity.rules.throttling import LONGEST_WINDOW, PLACE_KEPT
from services.identity.store import grants, recoveries, visits


async def forget_expired(tx: WriteTx) -> int:
    """The number of rows forgotten."""
    codes = await visits.delete_codes(tx, expired_before=tx.now - KEPT_AFTERWARDS)
    codes += await recoveries.delete_expired(tx, places_before=tx.now - PLACE_KEPT)
    return codes + await grants.delete_expired(tx, counters_before=tx.now - LONGEST_WINDOW)

"""Forget sign-ins and sessions that are over, codes long expired, attempts that no longer count, and keys retired long ago."""

from chassis.database import WriteTx
from services.identity.rules.logout import KEPT
from services.identity.rules.one_code import KEPT_AFTERWARDS
from services.identity.rules.throttling import LONGEST_WINDOW, PLACE_KEPT
from services.identity.store import (
    device_grants,
    grants,
    keys,
    logout,
    once,
    passkeys,
    phone_checks,
    pushed,
    qr,
    recoveries,
    sessions,
    sign_in_codes,
    visits,
)


async def forget_expired(tx: WriteTx) -> int:
    """The number of rows forgotten."""
    forgotten = await visits.delete_codes(tx, expired_before=tx.now - KEPT_AFTERWARDS)
    forgotten += await recoveries.delete_expired(tx, places_before=tx.now - PLACE_KEPT)
    forgotten += await grants.delete_expired(tx, counters_before=tx.now - LONGEST_WINDOW)
    forgotten += await logout.delete_notices_before(tx, tx.now - KEPT)
    forgotten += await once.delete_expired_uses(tx)
    forgotten += await pushed.delete_expired_requests(tx)
    forgotten += await sign_in_codes.delete_expired(tx) + await passkeys.delete_expired_challenges(tx) + await qr.delete_expired(tx)
    forgotten += await device_grants.delete_expired(tx) + await phone_checks.delete_expired(tx)
    return forgotten + await sessions.delete_expired_sessions(tx) + await keys.delete_old_keys(tx)

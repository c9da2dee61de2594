"""Forget sign-ins and sessions that are over, attempts that no longer count, and keys retired long ago."""

from chassis.database import WriteTx
from services.identity.rules.logout import KEPT
from services.identity.rules.throttling import LONGEST_WINDOW
from services.identity.store import grants, keys, logout, one_time_codes, passkeys, qr, sessions


async def forget_expired(tx: WriteTx) -> int:
    """The number of rows forgotten."""
    of_sign_ins = await grants.delete_expired(tx, counters_before=tx.now - LONGEST_WINDOW)
    of_sign_ins += await logout.delete_notices_before(tx, tx.now - KEPT)
    of_sign_ins += await one_time_codes.delete_expired(tx) + await passkeys.delete_expired_challenges(tx) + await qr.delete_expired(tx)
    return of_sign_ins + await sessions.delete_expired_sessions(tx) + await keys.delete_old_keys(tx)

"""Use a one-time code, once. Every try counts, the right one too."""

import hmac
from uuid import UUID

from chassis.crypto import KeyRing
from chassis.database import WriteTx
from services.identity.commands.begin_sign_in_code import code_digest
from services.identity.rules.sign_in_codes import MOST_TRIES
from services.identity.store import sign_in_codes


async def redeem_sign_in_code(tx: WriteTx, code_id: UUID, code: str, keys: KeyRing) -> UUID | None:
    """The person whose phone it was sent to; None for a wrong code, and for one that is used, expired or tried too often."""
    row = await sign_in_codes.count_try(tx, code_id, most=MOST_TRIES)
    if row is None or row["subject"] is None or not hmac.compare_digest(row["digest"], code_digest(keys, code_id, code)):
        return None
    await sign_in_codes.mark_used(tx, code_id)
    subject: UUID = row["subject"]
    return subject

"""Send a code to a number that somebody says is theirs, and judge what comes back. Only then is a number on record as confirmed."""

import hmac
from uuid import UUID, uuid4

from chassis.crypto import KeyRing
from chassis.database import WriteTx
from services.identity.rules.one_time_codes import LIFETIME, MOST_TRIES, new_code
from services.identity.store import phone_checks


async def begin_phone_check(tx: WriteTx, phone: str, keys: KeyRing) -> tuple[UUID, str]:
    """The check's id, which no one can guess, and the code to send. Says nothing of accounts: none is looked up."""
    check_id, code = uuid4(), new_code()
    row = {
        "id": check_id,
        "phone_index": keys.blind_index("phone", phone),
        "digest": _digest(keys, check_id, code),
        "tries": 0,
        "expires_at": tx.now + LIFETIME,
    }
    await phone_checks.insert_check(tx, row)
    return check_id, code


async def is_passed(tx: WriteTx, check_id: UUID, code: str, phone: str, keys: KeyRing) -> bool:
    """Whether it is the code sent to this number. Every try counts, the right one too; using the check up is another step."""
    row = await phone_checks.count_try(tx, check_id, most=MOST_TRIES)
    if row is None or row["phone_index"] != keys.blind_index("phone", phone):
        return False
    return hmac.compare_digest(row["digest"], _digest(keys, check_id, code))


def _digest(keys: KeyRing, check_id: UUID, code: str) -> str:
    return keys.blind_index("phone-check", f"{check_id}:{code}")

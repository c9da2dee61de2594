"""Make a one-time code for whoever has this phone on record. What is answered and kept looks the same when nobody has."""

import secrets
from uuid import UUID, uuid4

from chassis.crypto import KeyRing
from chassis.database import WriteTx
from services.identity.rules.one_time_codes import DIGITS, LIFETIME
from services.identity.store import one_time_codes, subjects


async def begin_code(tx: WriteTx, phone: str, keys: KeyRing) -> tuple[UUID, str | None]:
    """The code's id, which no one can guess, and the code to send; None where the number names no account, or more than one."""
    people = await subjects.people_by_phone(tx, keys.blind_index("phone", phone))
    subject = people[0]["id"] if len(people) == 1 else None
    code_id, code = uuid4(), f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    row = {
        "id": code_id,
        "digest": code_digest(keys, code_id, code),
        "subject": subject,
        "expires_at": tx.now + LIFETIME,
        "tries": 0,
    }
    await one_time_codes.insert_code(tx, row)
    return code_id, code if subject is not None else None


def code_digest(keys: KeyRing, code_id: UUID, code: str) -> str:
    """Keyed, because a million plain digests are tried in no time."""
    return keys.blind_index("one-time-code", f"{code_id}:{code}")

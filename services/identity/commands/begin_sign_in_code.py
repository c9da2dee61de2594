"""Make a one-time code for whoever has confirmed this phone as theirs. What is answered and kept looks the same when nobody has.

A number that was only typed in opens nothing: one wrong digit, and a stranger would be signed in.
"""

import secrets
from uuid import UUID, uuid4

from chassis.crypto import KeyRing
from chassis.database import WriteTx
from services.identity.rules.sign_in_codes import DIGITS, LIFETIME
from services.identity.store import sign_in_codes, subjects


async def begin_sign_in_code(tx: WriteTx, phone: str, keys: KeyRing) -> tuple[UUID, str | None]:
    """The code's id, which no one can guess, and the code to send; None where the number names no account, or more than one."""
    people = await subjects.people_who_confirmed_phone(tx, keys.blind_index("phone", phone))
    subject = people[0]["id"] if len(people) == 1 else None
    code_id, code = uuid4(), f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    row = {
        "id": code_id,
        "digest": code_digest(keys, code_id, code),
        "subject": subject,
        "expires_at": tx.now + LIFETIME,
        "tries": 0,
    }
    await sign_in_codes.insert_code(tx, row)
    return code_id, code if subject is not None else None


def code_digest(keys: KeyRing, code_id: UUID, code: str) -> str:
    """Keyed, because a million plain digests are tried in no time."""
    return keys.blind_index("sign-in-code", f"{code_id}:{code}")

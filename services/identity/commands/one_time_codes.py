"""Send a short code to a person's phone, and judge what comes back. Refusals are answers: the tries they use up must commit."""

from uuid import UUID

from chassis.crypto import KeyRing
from chassis.database import WriteTx
from services.identity.rules.one_time_codes import LIFETIME, Purpose, is_open, new_code
from services.identity.store import recoveries


async def make_code(tx: WriteTx, keys: KeyRing, code_id: UUID, person_id: UUID, purpose: Purpose) -> str:
    """The code to be sent once this has committed. Codes made before stay good: a stranger who asks takes nothing from the owner."""
    code = new_code()
    row = {
        "id": code_id,
        "person_id": person_id,
        "purpose": purpose,
        "digest": _digest(keys, code_id, code),
        "tries": 0,
        "expires_at": tx.now + LIFETIME,
    }
    await recoveries.insert_code(tx, row)
    return code


async def take_code(tx: WriteTx, keys: KeyRing, code_id: UUID, code: str, purpose: Purpose) -> UUID | None:
    """The person whose code it was, and it is used; None for anything else, and one try is."""
    row = await recoveries.lock_code(tx, code_id, purpose)
    if row is None or not is_open(tries=row["tries"], expires_at=row["expires_at"], used_at=row["used_at"], now=tx.now):
        return None
    if row["digest"] != _digest(keys, code_id, code):
        await recoveries.count_try(tx, code_id)
        return None
    await recoveries.mark_used(tx, code_id)
    person_id: UUID = row["person_id"]
    return person_id


def _digest(keys: KeyRing, code_id: UUID, code: str) -> str:
    return keys.blind_index("one-time-code", f"{code_id}:{code}")

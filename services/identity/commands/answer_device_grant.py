"""A person's answer to the kiosk that shows a code: yes or no, once."""

from uuid import UUID

from chassis.crypto import KeyRing
from chassis.database import WriteTx
from services.identity.commands.begin_device_grant import user_code_digest
from services.identity.errors import UserCodeOver
from services.identity.store import device_grants


async def answer_device_grant(tx: WriteTx, user_code: str, *, agrees: bool, subject: UUID, keys: KeyRing) -> None:
    """Raises UserCodeOver for a code that is unknown, answered, used or expired, and for that of a kiosk out of service."""
    found = await device_grants.by_user_code(tx, user_code_digest(keys, user_code), lock=True)
    if found is None or found.state(tx.now) != "waiting" or not (await device_grants.kiosk_of(tx, found.device_id))["is_active"]:
        raise UserCodeOver()
    if agrees:
        await device_grants.confirm(tx, found.id, subject)
    else:
        await device_grants.decline(tx, found.id)

"""Show one's one code: unguessable, good for a minute and one use, kept as a digest."""

from datetime import datetime
import secrets
from uuid import UUID

from chassis.database import WriteTx
from services.identity.rules.clients import secret_digest
from services.identity.rules.one_code import CODE_LIFETIME, written
from services.identity.store import visits


async def show_one_code(tx: WriteTx, person_id: UUID) -> tuple[str, datetime]:
    """The code's text and when it is good no more. The one shown before, unless used, is good no more at once."""
    secret = secrets.token_urlsafe(24)
    expires_at = tx.now + CODE_LIFETIME
    await visits.lock_person(tx, person_id)
    await visits.replace_code(tx, person_id, secret_digest(secret), expires_at)
    return written(secret), expires_at

"""Sign a browser on: somebody has just proven who they are in it.

The secret in the cookie is always a new one, so one that was planted before is worth nothing. The same person keeps the session (and
its `sid`); another one's ends first.
"""

from datetime import timedelta
import secrets
from uuid import UUID

from chassis.database import WriteTx
from services.identity.rules.clients import secret_digest
from services.identity.rules.sessions import BrowserSession
from services.identity.store import sessions


async def begin_session(
    tx: WriteTx, *, subject: UUID, kind: str, lifetime: timedelta, cookie: str | None, methods: tuple[str, ...], device: str
) -> tuple[BrowserSession, str]:
    """The session and the secret for its cookie. `cookie` is the one the browser sent, `device` what it says it is."""
    secret = secrets.token_urlsafe(32)
    present = await sessions.live_session(tx, secret_digest(cookie), lock=True) if cookie else None
    stays = present is not None and present.subject == subject
    session = BrowserSession(
        id=present.id if present is not None and stays else tx.clock.new_id(),
        subject=subject,
        kind=kind,
        signed_in_at=tx.now,
        expires_at=tx.now + lifetime,
        methods=methods,
        device=device,
    )
    if stays:
        await sessions.renew_session(tx, session, secret_digest(secret))
        return session, secret
    if present is not None:
        await sessions.end_sessions(tx, session_id=present.id)
    await sessions.insert_session(tx, session, secret_digest(secret))
    return session, secret

"""End one of somebody's own sessions, with all that was issued from it; its clients will hear of it."""

from uuid import UUID

from chassis.database import WriteTx
from chassis.problems import NotFound
from services.identity.store import sessions


async def end_session(tx: WriteTx, session_id: UUID, *, subject: UUID) -> None:
    """Raises NotFound for a session that is somebody else's, has ended or expired."""
    if session_id not in {session.id for session in await sessions.live_sessions(tx, subject)}:
        raise NotFound()
    await sessions.end_sessions(tx, session_id=session_id)

"""Notices of sign-off that clients are still to get. `next_attempt_at` is null once one is delivered or given up."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, delete, insert, select, update

from chassis.database import WriteTx
from services.identity.tables import clients, logout_notices, token_families

CHANNEL = "tongban_logout_notices"


async def queue_notices(tx: WriteTx, session_ids: Sequence[UUID]) -> None:
    """One for each client that was signed in to from a session and wants to hear; wakes the couriers when the transaction commits."""
    statement = (
        select(token_families.c.session_id, token_families.c.client_id, token_families.c.subject, clients.c.backchannel_logout_uri)
        .join(clients, clients.c.client_id == token_families.c.client_id)
        .where(token_families.c.session_id.in_(session_ids), clients.c.backchannel_logout_uri.is_not(None))
        .distinct()
    )
    rows = [
        {
            "id": tx.clock.new_id(),
            "client_id": row["client_id"],
            "uri": row["backchannel_logout_uri"],
            "session_id": row["session_id"],
            "subject": row["subject"],
            "queued_at": tx.now,
            "attempts": 0,
            "next_attempt_at": tx.now,
        }
        for row in await tx.all(statement)
    ]
    if rows:
        await tx.execute(insert(logout_notices), rows)
        await (await tx.asyncpg()).execute(f"NOTIFY {CHANNEL}")


async def claim_due(tx: WriteTx, *, until: datetime, limit: int) -> Sequence[RowMapping]:
    """Notices whose time has come, counted as tried; nobody else gets them before `until`."""
    due = (
        select(logout_notices.c.id)
        .where(logout_notices.c.next_attempt_at <= tx.now)
        .order_by(logout_notices.c.next_attempt_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    statement = (
        update(logout_notices)
        .where(logout_notices.c.id.in_(due))
        .values(attempts=logout_notices.c.attempts + 1, next_attempt_at=until)
        .returning(
            logout_notices.c.id, logout_notices.c.client_id, logout_notices.c.uri, logout_notices.c.session_id,
            logout_notices.c.subject, logout_notices.c.attempts,
        )
    )  # fmt: skip
    return await tx.all(statement)


async def record_attempt(tx: WriteTx, notice_id: UUID, attempts: int, **values: Any) -> None:
    """How it went, unless the claim ran out and somebody else tried since."""
    await tx.execute(update(logout_notices).where(logout_notices.c.id == notice_id, logout_notices.c.attempts == attempts).values(**values))


async def delete_notices_before(tx: WriteTx, instant: datetime) -> int:
    """Of those delivered or given up. Rows deleted."""
    return await tx.execute(delete(logout_notices).where(logout_notices.c.next_attempt_at.is_(None), logout_notices.c.queued_at < instant))

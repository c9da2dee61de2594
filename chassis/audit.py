"""Audit of personal-data reads: who read whose what, for whom and why, in the transaction (or just before the answer) of the read."""

from collections.abc import Sequence

from chassis import context
from chassis.actor import Actor
from chassis.database import WriteTx


async def record_read(tx: WriteTx, actor: Actor, *, subject: str, fields: Sequence[str], purpose: str) -> None:
    """Enter one read. `subject` is an id or blind index, never a number; `fields` the personal fields disclosed."""
    request = context.current()
    connection = await tx.asyncpg()
    await connection.execute(
        "INSERT INTO personal_data_reads (read_at, reader, reader_kind, on_behalf_of, client_id, subject, fields, purpose, request_id)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        tx.now,
        str(actor.person),
        actor.kind,
        str(actor.subject) if actor.via else None,
        actor.client_id,
        subject,
        list(fields),
        purpose,
        request.request_id if request else None,
    )

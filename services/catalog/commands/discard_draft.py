"""Give a draft up. What it said stays on record."""

from uuid import UUID

from chassis.actor import Actor
from chassis.database import WriteTx
from services.catalog.commands.drafting import keep_step, take_draft


async def discard_draft(draft_id: UUID, tx: WriteTx, *, writer: Actor, seen: int) -> None:
    """Raises DraftUnknown, DraftChanged, DraftClosed."""
    row = await take_draft(tx, draft_id, writer, seen=seen)
    await keep_step(tx, row, "discarded", writer, content=row["content"], state="discarded")

"""Change what a draft says. A review that it had is void."""

from uuid import UUID

from chassis.actor import Actor
from chassis.database import WriteTx
from services.catalog.commands.drafting import demand_item, keep_step, take_draft
from services.catalog.commands.hands import hand_of
from services.catalog.rules.content import ItemContent


async def change_draft(draft_id: UUID, item: ItemContent, tx: WriteTx, *, writer: Actor, seen: int, based_on: int | None) -> None:
    """`based_on` is the newest version, where what it changed has been merged into the content.

    Raises DraftUnknown, DraftChanged (with what changed, by whom), DraftClosed, NotYours, ItemEnded.
    """
    row = await take_draft(tx, draft_id, writer, seen=seen)
    newest = await demand_item(tx, writer, row["local_code"], item)
    is_merged = newest is not None and based_on == newest["number"]
    await keep_step(
        tx,
        row,
        "changed",
        writer,
        content=item.model_dump(mode="json"),
        state="draft",
        based_on=based_on if is_merged else row["based_on"],
        authority_code=item.authority.code,
        region_code=item.region_code,
        writers=sorted({*row["writers"], hand_of(writer)}),
        reviewed_by=None,
        reviewed_by_name=None,
        reviewed_at=None,
        opinion=None,
    )

"""Begin a draft of a new item, or of an item's next version."""

from uuid import UUID

from chassis.actor import Actor
from chassis.database import WriteTx
from services.catalog.commands.drafting import demand_item
from services.catalog.commands.hands import hand_of, name_of
from services.catalog.errors import ItemUnknown
from services.catalog.rules.content import ItemContent
from services.catalog.store import drafts, lives


async def start_draft(local_code: str, item: ItemContent | None, tx: WriteTx, *, writer: Actor) -> UUID:
    """Without content it begins with what the newest version says. Raises ItemUnknown, NotYours, ItemEnded."""
    if item is None:
        newest = await lives.newest_version(tx, local_code)
        if newest is None:
            raise ItemUnknown()
        item = ItemContent.model_validate(newest["content"])
    newest = await demand_item(tx, writer, local_code, item)
    draft_id, content = tx.clock.new_id(), item.model_dump(mode="json")
    await drafts.add_draft(
        tx,
        id=draft_id,
        local_code=local_code,
        based_on=newest["number"] if newest else 0,
        authority_code=item.authority.code,
        region_code=item.region_code,
        content=content,
        writers=[hand_of(writer)],
    )
    await drafts.add_change(tx, draft_id, 1, "started", content=content, done_by=hand_of(writer), done_by_name=name_of(writer))
    return draft_id

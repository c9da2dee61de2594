"""Bring what the index shows of an item to what is in force now: at a publication, and when an instant that was known ahead has come."""

from typing import Any

from chassis.database import WriteTx
from services.catalog import store
from services.catalog.commands.index_item import filtered_by, index_item
from services.catalog.commands.tell_item import state_of_row
from services.catalog.events import ItemPublished
from services.catalog.rules.content import ItemContent
from services.catalog.rules.life import Life
from services.catalog.store import finding, lives

_SHOWN = {"name", "name_en", "authority", "item_type", "kind", "promised_limit"}


async def settle_item(local_code: str, tx: WriteTx) -> Life:
    """Tells `ItemPublished` where another version has come into force. Done again it changes nothing."""
    shown = await store.lock_item(tx, local_code)
    life = await lives.life_at(tx, local_code, tx.now)
    assert shown is not None and life is not None
    if life.version_id is None or life.state == "withdrawn":
        if shown["is_listed"]:
            await finding.remove_index_entry(tx, local_code)
    elif not shown["is_listed"] or shown["version_id"] != life.version_id:
        await _show(local_code, life, tx)
    await lives.save_standing(tx, local_code, standing=life.state, next_at=life.next_at)
    return life


async def _show(local_code: str, life: Life, tx: WriteTx) -> None:
    assert life.version_id is not None and life.version_number is not None
    row = await lives.version_with_content(tx, life.version_id)
    item = ItemContent.model_validate(row["content"])
    await store.show_version(tx, local_code, version_id=life.version_id, version_number=life.version_number, summary=summary_of(item))
    await index_item(local_code, item, tx)
    tx.emit(ItemPublished(**await state_of_row(tx, row)))


def summary_of(item: ItemContent) -> dict[str, Any]:
    """What lists show of an item."""
    return item.model_dump(mode="json", include=_SHOWN)


def shown_of(item: ItemContent) -> dict[str, Any]:
    """What the row of an item keeps of its content: what lists show, and what narrows them."""
    return {"summary": summary_of(item), "filtered": filtered_by(item)}

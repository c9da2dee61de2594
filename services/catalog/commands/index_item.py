"""Write what finding knows of an item: at its publication, and again when the service indexes otherwise than it did."""

from typing import Any

import anyio.to_thread

from chassis.database import WriteTx
from services.catalog.rules.content import ItemContent
from services.catalog.rules.finding import INDEX_VERSION, index_entry
from services.catalog.store import finding as store_finding


async def index_item(local_code: str, item: ItemContent, tx: WriteTx) -> None:
    """The caller holds the item's lock."""
    # In a thread: reading a whole item's words takes milliseconds, and the first item ever loads the dictionaries.
    entry = await anyio.to_thread.run_sync(index_entry, local_code, item)
    await store_finding.save_index_entry(tx, local_code, entry, filtered_by(item))


async def index_next_item(tx: WriteTx) -> bool:
    """Index one item that was indexed by older rules; False when there is none left."""
    row = await store_finding.lock_item_indexed_before(tx, INDEX_VERSION)
    if row is None:
        return False
    await index_item(row["local_code"], ItemContent.model_validate(row["content"]), tx)
    return True


def filtered_by(item: ItemContent) -> dict[str, Any]:
    """What an item is filtered by, as columns."""
    return {
        "region_code": item.region_code,
        "authority_code": item.authority.code,
        "service_objects": list(item.service_objects),
        "channels": list(item.channels),
        "reach": item.reach,
    }

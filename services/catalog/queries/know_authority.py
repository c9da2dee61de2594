"""Whether the department that an item names as deciding is one that identity knows.

Asked only where departments of the item's region are known at all: a catalog that has not heard of any cannot tell, and an
authority of a higher place that decides for a region without a directory of its own is none of ours to refuse.
"""

from chassis.database import ReadTx
from services.catalog.rules.content import ItemContent
from services.catalog.store import places as store_places


async def is_authority_known(item: ItemContent, tx: ReadTx) -> bool:
    """Also where nobody can tell."""
    if await store_places.department(tx, item.authority.code) is not None:
        return True
    return not await store_places.has_departments(tx, item.region_code)

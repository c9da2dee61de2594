"""Whether the department that an item names as deciding is one that identity knows.

Asked only where departments of the item's region are known at all: a catalog that has not heard of any cannot tell, and an
authority of a higher place that decides for a region without a directory of its own is none of ours to refuse.
"""

from chassis.database import ReadTx
from services.catalog.rules.content import ItemContent
from services.catalog.rules.publication import Finding
from services.catalog.store import places as store_places


async def check_authority(item: ItemContent, tx: ReadTx) -> list[Finding]:
    """Findings as those of `rules.publication`."""
    if await store_places.department(tx, item.authority.code) is not None:
        return []
    if not await store_places.has_departments(tx, item.region_code):
        return []
    zh = f"没有统一社会信用代码为 {item.authority.code} 的部门；请核对，或先在身份服务中登记（刚登记的稍等片刻再试）"
    en = f"No department has the code {item.authority.code}; check it, or enter the department first (if just entered, try again shortly)."
    return [Finding("/authority/code", "authority-unknown", zh, en)]

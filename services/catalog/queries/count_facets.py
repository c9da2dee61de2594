"""How the items that a question finds divide: by place, department, whom they serve, channel and reach."""

from collections.abc import Sequence

from sqlalchemy import RowMapping

from chassis.database import ReadTx
from services.catalog.queries.find_items import find
from services.catalog.store import finding as store_finding
from services.catalog.store.finding import Filters

MOST_COUNTED = 2000


async def count_facets(tx: ReadTx, *, text: str | None, filters: Filters) -> Sequence[RowMapping]:
    """Rows of facet, value, name, items. Of more than `MOST_COUNTED` items found, the best are counted."""
    if text is None or not text.strip():
        return await store_finding.count_facets(tx, None, filters)
    hits = await find(tx, text, filters, most=MOST_COUNTED)
    return await store_finding.count_facets(tx, [hit.item_no for hit in hits], filters)

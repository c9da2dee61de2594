"""Find items by what people type, where they are."""

from collections.abc import Sequence

import anyio.to_thread
from sqlalchemy import RowMapping

from chassis.database import ReadTx
from services.catalog import store
from services.catalog.rules.finding import understand
from services.catalog.rules.regions import lineage


async def find_items(
    tx: ReadTx, *, text: str | None, region: str | None, after: tuple[int, str] | None, limit: int
) -> Sequence[RowMapping]:
    """Rows best first, each with a `score`; by local code when nothing is typed. A place sees its own items and those above it."""
    region_codes = lineage(region) if region else None
    if text is None or not text.strip():
        return await store.list_items(tx, region_codes=region_codes, after=after[1] if after else None, limit=limit)
    # In a thread: the first query of a process loads the dictionary.
    query = await anyio.to_thread.run_sync(understand, text)
    if not query.terms:
        return []
    return await store.search_items(tx, query, region_codes=region_codes, after=after, limit=limit)

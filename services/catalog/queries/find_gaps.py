"""Where a list and the items in force do not meet."""

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import RowMapping

from chassis.database import ReadTx
from services.catalog.rules.list_entry import ListKind
from services.catalog.rules.regions import lineage, subtree_bounds
from services.catalog.store import lists as store_lists

Gap = Literal["entry_without_item", "item_without_entry"]


async def find_gaps(
    tx: ReadTx, kind: ListKind, region: str, *, gap: Gap | None, department: str | None, after: tuple[str, str] | None, limit: int
) -> Sequence[RowMapping]:
    """By gap and code. An entry of the region or above stands behind an item; a place below with a list of its own answers for itself."""
    first, last = subtree_bounds(region)
    own = [subtree_bounds(one) for one in await store_lists.regions_with_lists(tx, kind, first, last) if one != region]
    after_gap, after_code = after or (None, None)
    return await store_lists.gaps(
        tx,
        kind=kind,
        region=region,
        first=first,
        last=last,
        own_first=[bounds[0] for bounds in own],
        own_last=[bounds[1] for bounds in own],
        above=list(lineage(region)),
        gap=gap,
        department=department,
        after_gap=after_gap,
        after_code=after_code,
        limit=limit,
    )

"""What the typed text may become: names and everyday phrases of items, while it is typed."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.database import ReadTx
from services.catalog.queries.find_items import find
from services.catalog.store import finding as store_finding
from services.catalog.store.finding import Filters

_LOOKED_AT = 60


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`text` is what the person may mean, `name` the item it leads to; they differ where an everyday phrase matched."""

    text: str
    local_code: str
    name: str


async def suggest(tx: ReadTx, text: str, filters: Filters, *, limit: int) -> Sequence[Suggestion]:
    """Best first, each text once: the same name in several places is one suggestion, of the best."""
    hits = await find(tx, text, filters, most=_LOOKED_AT)
    rows = await store_finding.summaries(tx, [hit.item_no for hit in hits])
    found: dict[str, Suggestion] = {}
    for hit in hits:
        called = rows[hit.item_no]["called"]
        shown = called[hit.phrase] if hit.phrase < len(called) else called[0]
        found.setdefault(shown, Suggestion(shown, hit.local_code, called[0]))
    return list(found.values())[:limit]

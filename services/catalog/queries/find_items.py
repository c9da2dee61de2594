"""Find items by what people type, where they are, and what else narrows it."""

from collections.abc import Sequence
from dataclasses import dataclass

import anyio.to_thread
from sqlalchemy import RowMapping

from chassis.database import ReadTx
from services.catalog.rules.finding import Alternative, understand
from services.catalog.rules.popularity import count_at
from services.catalog.rules.ranking import Candidate, Hit, rank
from services.catalog.store import finding as store_finding
from services.catalog.store.finding import Filters

MOST_FOUND = 200
"""Nobody reads further; who gets so many narrows the question."""

_FEW = 5
_LAST = -10_000


@dataclass(frozen=True, slots=True)
class Found:
    """An item with its place in the order."""

    row: RowMapping
    score: int


async def find_items(tx: ReadTx, *, text: str | None, filters: Filters, after: tuple[int, str] | None, limit: int) -> list[Found]:
    """Best first, at most `MOST_FOUND` in all pages; by local code when nothing is typed."""
    if text is None or not text.strip():
        rows = await store_finding.list_items(tx, filters, after=after[1] if after else None, limit=limit)
        return [Found(row, 0) for row in rows]
    hits = await find(tx, text, filters, most=MOST_FOUND)
    shown = [hit for hit in hits if after is None or (-hit.score, hit.local_code) > (-after[0], after[1])][:limit]
    rows_of = await store_finding.summaries(tx, [hit.item_no for hit in shown])
    return [Found(rows_of[hit.item_no], hit.score) for hit in shown]


async def find(tx: ReadTx, text: str, filters: Filters, *, most: int) -> list[Hit]:
    """What the text finds, best first. Where few items are called so, those follow that have a part of it, then whose guides say it."""
    # In a thread: the first question of a process loads the dictionaries.
    question = await anyio.to_thread.run_sync(understand, text)
    if not question.readings:
        return []
    rows = await store_finding.candidates(tx, question, filters, limit=most)
    hits = rank(question, [_candidate(row, tx) for row in rows], _commonness(question.alternatives, rows))
    if sum(1 for hit in hits if not hit.is_partial) >= _FEW:
        hits = [hit for hit in hits if not hit.is_partial]
    elif question.document:
        known = {hit.item_no for hit in hits}
        saying = await store_finding.items_saying(tx, question.document, filters, limit=most)
        hits += [Hit(row["item_no"], row["local_code"], _LAST - at, 0) for at, row in enumerate(saying) if row["item_no"] not in known]
    return hits[:most]


def _candidate(row: RowMapping, tx: ReadTx) -> Candidate:
    return Candidate(row["item_no"], row["local_code"], row["lines"], count_at(row["heat"], tx.now))


def _commonness(slots: Sequence[tuple[Alternative, ...]], rows: Sequence[RowMapping]) -> dict[tuple[Alternative, ...], int]:
    return dict(zip(slots, rows[0]["commonness"], strict=True)) if rows else {}

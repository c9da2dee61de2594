"""A review as people see it: differences with their last decision and the items here that they touch."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping

from chassis.database import ReadTx
from services.catalog.store import drift as drift_store


@dataclass(frozen=True, slots=True)
class Shown:
    """A difference, its last decision, and how many items carry its entry out."""

    row: RowMapping
    latest: RowMapping | None
    implementation_count: int


async def show_differences(tx: ReadTx, catalog: str, rows: Sequence[RowMapping]) -> list[Shown]:
    """In the order given."""
    latest = await drift_store.latest_decisions(tx, rows)
    codes_of = await implementing_codes(tx, catalog, rows)
    counts = await drift_store.implementation_counts(tx, sorted({code for codes in codes_of for code in codes}))
    return [
        Shown(row, latest.get(row["id"]), sum(counts.get(code, 0) for code in codes)) for row, codes in zip(rows, codes_of, strict=True)
    ]


async def implementing_codes(tx: ReadTx, catalog: str, rows: Iterable[RowMapping]) -> list[list[str]]:
    """Under which codes items may carry out each difference's entry: its code, the one it gets, and all that it had before."""
    own = [[side["code"] for side in (row["before"], row["after"]) if side is not None] for row in rows]
    former = await drift_store.codes_leading_to(tx, catalog, sorted({code for codes in own for code in codes}))
    return [sorted({*codes, *(old for code in codes for old in former[code])}) for codes in own]

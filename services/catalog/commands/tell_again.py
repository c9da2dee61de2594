"""Tell again how everything of a kind stands, for services that came late.

What the bus still has is replayed with `tongban events replay`. A bus forgets after a while, and what was told once years ago (a
region, a year's notice) is gone then; this tells it anew, as new events with full state, page by page. Each page waits for whoever
changes these records, so that no older state is told after a newer one.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import RowMapping

from chassis.database import WriteTx
from services.catalog import store
from services.catalog.commands.decide_differences import base_entry_changed
from services.catalog.commands.publish_bundle import bundle_changed
from services.catalog.commands.tell_item import life_told_anew
from services.catalog.commands.tell_list_entry import list_entry_changed
from services.catalog.events import CalendarLoaded
from services.catalog.queries.tell_region import region_events
from services.catalog.rules.base_entry import BaseEntry
from services.catalog.rules.bundle import BundleContent, BundleGuide
from services.catalog.store import bundles as store_bundles
from services.catalog.store import drift as store_drift
from services.catalog.store import lists as store_lists
from services.catalog.store import lives
from services.catalog.store import places as store_places

Retold = Literal["items", "bundles", "lists", "base-entries", "regions", "calendar"]


@dataclass(frozen=True, slots=True)
class Page:
    """How many were told, and the key of the last where there are more."""

    count: int
    last: str | None


async def tell_again(kind: Retold, tx: WriteTx, *, after: str | None, limit: int) -> Page:
    """The next records of a kind after a key, by key."""
    keys = await _TELLERS[kind](tx, after, limit)
    return Page(len(keys), keys[-1] if len(keys) == limit else None)


async def _items(tx: WriteTx, after: str | None, limit: int) -> Sequence[str]:
    """Withdrawn ones too: that they are no more, and what takes their place, is how they stand."""
    codes = await lives.item_codes(tx, after=after, limit=limit)
    for code in codes:
        await store.lock_item(tx, code)
        for event in await life_told_anew(tx, code):
            tx.emit(event)
    return codes


async def _locked(
    read: Callable[[], Awaitable[Sequence[RowMapping]]],
    owner_of: Callable[[RowMapping], tuple[str, ...]],
    lock: Callable[[tuple[str, ...]], Awaitable[object]],
) -> Sequence[RowMapping]:
    """A page of rows as they are once everything they belong to is locked; read again until nothing unlocked is among them."""
    locked: set[tuple[str, ...]] = set()
    while True:
        rows = await read()
        waiting = {owner_of(row) for row in rows} - locked
        if not waiting:
            return rows
        for owner in sorted(waiting):
            await lock(owner)
        locked |= waiting


async def _lists(tx: WriteTx, after: str | None, limit: int) -> Sequence[str]:
    """Entries removed too, as what they last were."""
    kind, region, code = after.split(":", 2) if after else ("", "", "")
    rows = await _locked(
        lambda: store_lists.last_known(tx, after=(kind, region, code), limit=limit),
        lambda row: (row["kind"], row["region_code"]),
        lambda owner: store_lists.lock_list(tx, *owner),
    )
    for row in rows:
        tx.emit(list_entry_changed(row["entry"], dict(row), is_removed=row["is_removed"]))
    return [f"{row['kind']}:{row['region_code']}:{row['code']}" for row in rows]


async def _base_entries(tx: WriteTx, after: str | None, limit: int) -> Sequence[str]:
    """Each with an event for every old code that leads to it."""
    catalog, _, code = after.rpartition(":") if after else ("", "", "")
    rows = await _locked(
        lambda: store_drift.known_entries(tx, after=(catalog, code), limit=limit),
        lambda row: (row["catalog"],),
        lambda owner: store_drift.lock_catalog(tx, *owner),
    )
    for one in sorted({row["catalog"] for row in rows}):
        await _tell_base_entries(tx, one, [row for row in rows if row["catalog"] == one])
    return [f"{row['catalog']}:{row['code']}" for row in rows]


async def _tell_base_entries(tx: WriteTx, catalog: str, rows: Sequence[RowMapping]) -> None:
    codes = [row["code"] for row in rows]
    old_codes = await store_drift.codes_leading_to(tx, catalog, codes)
    changes = await store_drift.last_changes(tx, catalog, codes)
    for row in rows:
        entry, leading = BaseEntry.from_json(row["entry"]), old_codes[row["code"]]
        told = {name: row[name] for name in ("catalog", "edition", "issued_on", "changed_at")} | {"change": changes[row["code"]]}
        state = "deleted" if row["is_deleted"] else "current"
        tx.emit(base_entry_changed(entry, row["code"], told, state=state, moved_to=None, old_codes=leading))
        for old in leading:
            tx.emit(base_entry_changed(entry, old, {**told, "change": "recoded"}, state="recoded", moved_to=row["code"], old_codes=[]))


async def _regions(tx: WriteTx, after: str | None, limit: int) -> Sequence[str]:
    """Those that ended as well: what they became is part of how things stand."""
    await store_places.lock_regions(tx)
    rows = await store_places.list_subtree(tx, under=None, level=None, with_ended=True, after=after, limit=limit)
    for event in await region_events(tx, rows, tx.now):
        tx.emit(event)
    return [row["code"] for row in rows]


async def _calendar(tx: WriteTx, after: str | None, limit: int) -> Sequence[str]:
    listed = await store.list_calendar_years(tx, after=int(after) if after else None, limit=limit)
    for one in listed:
        row = await store.lock_calendar_year(tx, one["year"])
        assert row is not None
        tx.emit(CalendarLoaded(**{name: row[name] for name in ("year", "holidays", "workdays", "source")}))
    return [str(one["year"]) for one in listed]


async def _bundles(tx: WriteTx, after: str | None, limit: int) -> Sequence[str]:
    codes = await store_bundles.bundle_codes(tx, after=after, limit=limit)
    for code in codes:
        row = await store_bundles.lock_bundle(tx, code)
        version = await store_bundles.bundle_version(tx, row["version_id"]) if row is not None else None
        assert row is not None and version is not None
        said, guide = BundleContent.model_validate(version["content"]), BundleGuide.model_validate(version["guide"])
        known = {"version_id": row["version_id"], "version_number": row["version_number"], "withdrawn": row["withdrawn_because"]}
        tx.emit(bundle_changed(code, said, guide, **known, tx=tx))
    return codes


_TELLERS: Mapping[Retold, Callable[[WriteTx, str | None, int], Awaitable[Sequence[str]]]] = {
    "items": _items,
    "bundles": _bundles,
    "lists": _lists,
    "base-entries": _base_entries,
    "regions": _regions,
    "calendar": _calendar,
}

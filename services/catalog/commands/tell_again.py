"""Tell again how everything of a kind stands, for services that came late.

What the bus still has is replayed with `tongban events replay`. A bus forgets after a while, and what was told once years ago (a
region, a year's notice) is gone then; this tells it anew, as new events with full state, page by page. Each page waits for whoever
changes these records, so that no older state is told after a newer one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from chassis.database import WriteTx
from services.catalog import store
from services.catalog.commands.publish_bundle import bundle_changed
from services.catalog.events import CalendarLoaded
from services.catalog.queries.tell_region import region_events
from services.catalog.rules.bundle import BundleContent, BundleGuide
from services.catalog.store import bundles as store_bundles
from services.catalog.store import places as store_places

Retold = Literal["regions", "calendar", "bundles"]


@dataclass(frozen=True, slots=True)
class Page:
    """How many were told, and the key of the last where there are more."""

    count: int
    last: str | None


async def tell_again(kind: Retold, tx: WriteTx, *, after: str | None, limit: int) -> Page:
    """The next records of a kind after a key, by key."""
    tellers = {"regions": _regions, "calendar": _calendar, "bundles": _bundles}
    keys = await tellers[kind](tx, after, limit)
    return Page(len(keys), keys[-1] if len(keys) == limit else None)


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

"""Load regions in bulk: new ones are added, known ones renamed; none is ever removed, since items and records name them.

One that had ended and is loaded again goes on. What is as it was is not told again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping

from chassis.database import WriteTx
from chassis.problems import FieldError, Text
from services.catalog import store
from services.catalog.errors import RegionsInvalid
from services.catalog.queries.tell_region import region_events
from services.catalog.rules.regions import ancestors, level_of
from services.catalog.store import places as store_places


@dataclass(frozen=True, slots=True)
class Region:
    code: str
    name: str
    level: int
    parent_code: str | None


_LEVEL_DIFFERS = Text("区划代码的级别不是 {level}", "The code's level is not {level}.")
_PARENT_IS_NOT_ABOVE = Text("上级区划代码与本代码不相属", "The parent's code is not above this code.")
_PARENT_UNKNOWN = Text("没有这个上级区划", "There is no such parent region.")
_CODE_TWICE = Text("区划代码重复", "The code appears twice.")


async def load_regions(regions: Sequence[Region], tx: WriteTx) -> int:
    """Answers how many there were. Raises RegionsInvalid with every fault; then nothing is loaded."""
    codes = {region.code for region in regions}
    elsewhere = sorted({region.parent_code for region in regions if region.parent_code} - codes)
    known = codes | (await store.known_regions(tx, elsewhere) if elsewhere else set())
    faults = _faults(regions, known)
    if faults:
        raise RegionsInvalid(errors=faults)
    await store_places.lock_regions(tx)
    before = await store_places.regions_of(tx, codes)
    changed = sorted((one for one in regions if not _is_as_before(one, before.get(one.code))), key=lambda one: one.code)
    if changed:
        await store_places.save_regions(tx, [(one.code, one.name, one.level, one.parent_code) for one in changed])
        rows = await store_places.regions_of(tx, [one.code for one in changed])
        for event in await region_events(tx, [rows[one.code] for one in changed], tx.now):
            tx.emit(event)
    return len(regions)


def _is_as_before(region: Region, row: RowMapping | None) -> bool:
    return row is not None and row["ended_on"] is None and (row["name"], row["parent_code"]) == (region.name, region.parent_code)


def _faults(regions: Sequence[Region], known: set[str]) -> list[FieldError]:
    faults, seen = [], set[str]()
    for at, region in enumerate(regions):
        place = f"/regions/{at}"
        if region.code in seen:
            faults.append(FieldError(f"{place}/code", "code-twice", _CODE_TWICE))
        seen.add(region.code)
        if region.level != level_of(region.code):
            text = Text(*(sentence.format(level=region.level) for sentence in _LEVEL_DIFFERS))
            faults.append(FieldError(f"{place}/level", "level-differs", text))
        if region.parent_code is None:
            continue
        if region.parent_code not in ancestors(region.code):
            faults.append(FieldError(f"{place}/parent_code", "parent-is-not-above", _PARENT_IS_NOT_ABOVE))
        elif region.parent_code not in known:
            faults.append(FieldError(f"{place}/parent_code", "parent-unknown", _PARENT_UNKNOWN))
    return faults

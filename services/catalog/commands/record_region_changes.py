"""Record what became of regions: kept for ever, and told for every region that it touches; the same again changes nothing."""

from collections.abc import Sequence

from chassis.database import WriteTx
from chassis.problems import FieldError, Text
from services.catalog.errors import RegionsInvalid
from services.catalog.queries.tell_region import region_events
from services.catalog.rules.region_history import RegionChange, ended_on
from services.catalog.rules.regions import level_of
from services.catalog.store import places as store_places

_NO_CODE = Text("应写明变更前或变更后的代码", "Say the code before, the code after, or both.")
_LEVELS_DIFFER = Text("变更前后的代码不是同一级别", "The codes before and after are of different levels.")
_SAME_CODE = Text("代码没有变化；更名请用 renamed", "The code is the same before and after; a change of name is `renamed`.")
_MOVING = frozenset({"recoded", "merged"})
_ACROSS_LEVELS = frozenset({"restructured", "merged", "adjusted", "abolished"})


async def record_region_changes(changes: Sequence[RegionChange], tx: WriteTx) -> int:
    """How many were new. A region whose code means nothing any more has ended from then on. Raises RegionsInvalid."""
    faults = [fault for at, one in enumerate(changes) for fault in _faults(at, one)]
    if faults:
        raise RegionsInvalid(errors=faults)
    await store_places.lock_regions(tx)
    added = await store_places.add_changes(tx, changes)
    if added:
        await _tell(tx, sorted({code for one in changes for code in (one.old_code, one.new_code) if code}))
    return added


async def _tell(tx: WriteTx, codes: Sequence[str]) -> None:
    touched = await store_places.regions_of(tx, codes)
    history = await store_places.changes_of(tx, touched)
    ends = {code: ended_on(code, [one for one in history if code in (one.old_code, one.new_code)]) for code in touched}
    today = tx.now.date()
    await store_places.end_regions(tx, [(code, day) for code, day in ends.items() if day is not None and day <= today])
    rows = await store_places.regions_of(tx, touched)
    for event in await region_events(tx, [rows[code] for code in sorted(rows)], tx.now):
        tx.emit(event)


def _faults(at: int, change: RegionChange) -> list[FieldError]:
    place = f"/changes/{at}"
    old, new = change.old_code, change.new_code
    if old is None and new is None:
        return [FieldError(place, "no-code", _NO_CODE)]
    if old is None or new is None:
        return []
    if change.kind in _MOVING and old == new:
        return [FieldError(f"{place}/new_code", "code-unchanged", _SAME_CODE)]
    if level_of(old) != level_of(new) and change.kind not in _ACROSS_LEVELS:
        return [FieldError(f"{place}/new_code", "levels-differ", _LEVELS_DIFFER)]
    return []

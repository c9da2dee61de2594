"""What is told of regions: their names in full, and what became of those that are no more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import RowMapping

from chassis.database import ReadTx
from services.catalog.events import RegionChanged
from services.catalog.rules.region_history import Followed, RegionChange, follow, name_on
from services.catalog.rules.regions import ancestors, level_of
from services.catalog.store import places as store_places


@dataclass(frozen=True, slots=True)
class Placed:
    """A region with the regions above it, the highest first."""

    code: str
    name: str
    above: Sequence[tuple[str, str]]

    @property
    def full_name(self) -> str:
        return "".join(name for _, name in self.above) + self.name


@dataclass(frozen=True, slots=True)
class Told:
    """A code as it was written down on a day, and what it is on another. `row` is missing for a code that only history knows."""

    placed: Placed
    level: int
    row: RowMapping | None
    name_then: str | None
    followed: Followed
    now: Sequence[Placed]
    changes: Sequence[RegionChange]


async def tell_region(tx: ReadTx, code: str, *, written_on: date | None, as_of: date) -> Told | None:
    """None where neither today's regions nor their history know the code."""
    changes = await store_places.changes_of(tx, [code])
    row = (await store_places.regions_of(tx, [code])).get(code)
    if row is None and not changes:
        return None
    reachable = await store_places.reachable_changes(tx, [code])
    in_use = await codes_in_use(tx, reachable, [code], as_of=as_of)
    followed = follow(code, reachable, written_on=written_on, as_of=as_of, is_current=in_use.__contains__)
    name_now = row["name"] if row is not None else None
    name_then = name_on(code, changes, written_on or as_of, name_now=name_now)
    name = name_now or name_then or code
    known = await _placed(tx, {code: name, **{one: in_use[one] for one in followed.codes}})
    return Told(known[code], level_of(code), row, name_then, followed, [known[one] for one in followed.codes], changes)


async def codes_in_use(tx: ReadTx, changes: Sequence[RegionChange], codes: Sequence[str], *, as_of: date) -> dict[str, str]:
    """The codes among these, and those they may lead to, that mean a place on a day, each with its name then.

    On a day in the past that is: in use now and not only since, or left by a later change.
    """
    reached = {*codes, *(one.new_code for one in changes if one.new_code)}
    rows = await store_places.regions_of(tx, reached)
    touching = await store_places.changes_of(tx, reached)
    found: dict[str, str] = {}
    for code in reached:
        row = rows.get(code)
        is_now = row is not None and (row["ended_on"] is None or row["ended_on"] > as_of)
        began = [one.effective_on for one in touching if one.new_code == code and one.old_code != code]
        left = [one.effective_on for one in touching if one.old_code == code and one.effective_on > as_of]
        came_later = (
            bool(began) and min(began) > as_of and not any(one.old_code == code and one.effective_on < min(began) for one in touching)
        )
        if (is_now or left) and not came_later:
            name = name_on(code, touching, as_of, name_now=row["name"] if row is not None else None)
            found[code] = name or code
    return found


async def region_events(tx: ReadTx, rows: Sequence[RowMapping], now: datetime) -> list[RegionChanged]:
    """The full state of each of these regions."""
    codes = [row["code"] for row in rows]
    ended = [row["code"] for row in rows if row["ended_on"] is not None]
    touching = await store_places.changes_of(tx, codes)
    former: dict[str, list[str]] = {code: [] for code in codes}
    for one in touching:
        if one.moves and one.new_code in former and one.old_code is not None and one.old_code not in former[one.new_code]:
            former[one.new_code].append(one.old_code)
    became = await _became(tx, ended, now.date())
    return [
        RegionChanged(
            **{name: row[name] for name in ("code", "name", "level", "parent_code", "ended_on")},
            became=became.get(row["code"], []),
            former_codes=former[row["code"]],
            changed_at=now,
        )
        for row in rows
    ]


async def names_above(tx: ReadTx, codes: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """For each code the regions above it that have a row, the highest first."""
    rows = await store_places.regions_of(tx, {one for code in codes for one in ancestors(code)})
    return {code: [(one, rows[one]["name"]) for one in ancestors(code) if one in rows] for code in codes}


async def _became(tx: ReadTx, ended: Sequence[str], today: date) -> dict[str, list[str]]:
    if not ended:
        return {}
    reachable = await store_places.reachable_changes(tx, ended)
    in_use = await codes_in_use(tx, reachable, [], as_of=today)
    return {code: list(follow(code, reachable, written_on=None, as_of=today, is_current=lambda one: one in in_use).codes) for code in ended}


async def _placed(tx: ReadTx, names: Mapping[str, str]) -> dict[str, Placed]:
    above = await names_above(tx, list(names))
    return {code: Placed(code, name, above[code]) for code, name in names.items()}

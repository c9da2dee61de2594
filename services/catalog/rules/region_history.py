"""What became of region codes: renamed, recoded, merged, divided, raised to a city or a district, abolished.

A code may mean one place until a day and another place after it (`reassigned`), so a code is followed from the day it was written
down: only later changes count. A place that moved to another code moved there whole, unless the change is `adjusted`: then a part
did, and the old code goes on. `restructured` is a county that became a city or a district (撤县设市, 撤县设区).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

ChangeKind = Literal[
    "renamed", "recoded", "restructured", "merged", "split", "established", "abolished", "reassigned", "adjusted", "seat_moved"
]


@dataclass(frozen=True, slots=True)
class RegionChange:
    """From `effective_on` on. The old side is missing where something is new, the new side where nobody says what came after."""

    effective_on: date
    kind: ChangeKind
    old_code: str | None
    old_name: str | None
    new_code: str | None
    new_name: str | None

    @property
    def moves(self) -> bool:
        """Whether what was under the old code is under the new one from then on."""
        return self.old_code is not None and self.new_code is not None and self.old_code != self.new_code and self.kind != "reassigned"


@dataclass(frozen=True, slots=True)
class Followed:
    """The codes a code leads to, and the changes on the way, the earliest first. It may lead nowhere."""

    codes: tuple[str, ...]
    way: tuple[RegionChange, ...]


def follow(
    code: str, changes: Iterable[RegionChange], *, written_on: date | None, as_of: date, is_current: Callable[[str], bool]
) -> Followed:
    """What a code written down on a day is on another. Without a day, a code in use means what it means now."""
    if written_on is None and is_current(code):
        return Followed((code,), ())
    moves = _by_old_code(changes, as_of)
    ends: dict[str, None] = {}
    way: dict[RegionChange, None] = {}
    waiting: list[tuple[str, date]] = [(code, written_on or date.min)]
    seen: set[tuple[str, date]] = set()
    while waiting:
        at, since = waiting.pop(0)
        if (at, since) in seen:
            continue
        seen.add((at, since))
        steps = _steps(at, since, moves.get(at, ()), is_current=is_current(at), passed=way)
        if not steps and is_current(at):
            ends.setdefault(at)
        for step in steps:
            way.setdefault(step)
            assert step.new_code is not None
            waiting.append((step.new_code, step.effective_on))
    return Followed(tuple(ends), tuple(sorted(way, key=lambda step: step.effective_on)))


def name_on(code: str, changes: Iterable[RegionChange], day: date, *, name_now: str | None) -> str | None:
    """What the place under a code was called on a day; None where nobody knows."""
    touching = sorted((one for one in changes if code in (one.old_code, one.new_code)), key=lambda one: one.effective_on)
    for one in touching:
        if one.old_code == code and one.effective_on > day and one.old_name:
            return one.old_name
    if name_now is not None:
        return name_now
    return next((one.new_name for one in reversed(touching) if one.new_code == code and one.new_name), None) or next(
        (one.old_name for one in reversed(touching) if one.old_code == code and one.old_name), None
    )


def ended_on(code: str, changes: Iterable[RegionChange]) -> date | None:
    """The day from which a code means nothing any more; None where it goes on, or came back."""
    gone = max((one.effective_on for one in changes if one.old_code == code and _ends(one)), default=None)
    back = max((one.effective_on for one in changes if one.new_code == code), default=None)
    return None if gone is None or (back is not None and back >= gone) else gone


def _ends(change: RegionChange) -> bool:
    if change.kind == "abolished":
        return change.new_code != change.old_code
    return change.moves and change.kind not in ("adjusted", "established", "seat_moved")


def _by_old_code(changes: Iterable[RegionChange], as_of: date) -> Mapping[str, Sequence[RegionChange]]:
    found: dict[str, list[RegionChange]] = {}
    for one in changes:
        if one.moves and one.old_code is not None and one.effective_on <= as_of:
            found.setdefault(one.old_code, []).append(one)
    return found


def _steps(
    code: str, since: date, moves: Sequence[RegionChange], *, is_current: bool, passed: Mapping[RegionChange, None]
) -> list[RegionChange]:
    """The earliest moves after a day. Where only years are known, a code that is no more may have moved twice in one."""
    whole = [one for one in moves if one.kind != "adjusted"] or ([] if is_current else list(moves))
    later = [one for one in whole if one.effective_on > since]
    if not later and not is_current:
        later = [one for one in whole if one.effective_on == since and one not in passed]
    first = min((one.effective_on for one in later), default=None)
    return [one for one in later if one.effective_on == first]

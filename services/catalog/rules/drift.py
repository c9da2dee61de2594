"""What a new edition of a base catalog changes: entries added, deleted, renamed, recoded, and with changed elements.

Entries are matched by code, then by a code that leads to the entry already, then by name, department and legal basis that read
the same as no other's, then by likeness; every entry of either side takes part in at most one difference, and what is the same in
none. The same input always gives the same list.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from services.catalog.rules.base_entry import BaseEntry
from services.catalog.rules.likeness import Features, features, likeness
from services.catalog.rules.words import normal_form

DifferenceKind = Literal["added", "deleted", "renamed", "recoded", "changed"]
KINDS: tuple[DifferenceKind, ...] = ("recoded", "renamed", "changed", "deleted", "added")

LEAST_LIKENESS = 0.8
CLEAR_LEAD = 0.1
_CANDIDATES = 20
_MOST_LOOKED_AT = 2_000


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs; None where one side does not have it."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One entry that differs. `kind` is the weightiest change (a recoded entry may be renamed too), `changes` are all of them.

    `confidence` that both sides are the same entry: 1 where codes say so or nothing else reads the same; for likeness, less the
    closer the next candidate comes.
    """

    kind: DifferenceKind
    before: BaseEntry | None
    after: BaseEntry | None
    confidence: float = 1.0

    @property
    def code(self) -> str:
        """The code that the entry has now; of an added one, the code it comes with."""
        return (self.before or self.entry).code

    @property
    def entry(self) -> BaseEntry:
        """The entry as the edition has it; of a deleted one, as it was."""
        entry = self.after or self.before
        assert entry is not None
        return entry

    @property
    def changes(self) -> tuple[Change, ...]:
        return tuple(changes_between(self.before, self.after)) if self.before and self.after else ()


def differences(current: Sequence[BaseEntry], edition: Sequence[BaseEntry], redirects: Mapping[str, str]) -> list[Difference]:
    """`redirects` lead from codes that entries had before to those they have. Codes are unique in each sequence."""
    old = {entry.code: entry for entry in current}
    new = {entry.code: entry for entry in edition}
    found = [_of_one_code(old[code], new[code]) for code in old.keys() & new.keys() if old[code] != new[code]]
    gone = {code: entry for code, entry in old.items() if code not in new}
    come = {code: entry for code, entry in new.items() if code not in old}
    for code in sorted(come):
        before = gone.pop(redirects.get(code, ""), None)
        if before is not None:
            found.append(Difference("recoded", before, come.pop(code)))
    for before, after in _reading_the_same(gone.values(), come.values()):
        found.append(Difference("recoded", gone.pop(before.code), come.pop(after.code)))
    for before, after, confidence in _alike(list(gone.values()), list(come.values())):
        found.append(Difference("recoded", gone.pop(before.code), come.pop(after.code), confidence))
    found += [Difference("deleted", entry, None) for entry in gone.values()]
    found += [Difference("added", None, entry) for entry in come.values()]
    return sorted(found, key=lambda one: (KINDS.index(one.kind), one.code))


def changes_between(before: BaseEntry, after: BaseEntry) -> Iterable[Change]:
    """Code, name, department, then elements by name."""
    for name in ("code", "name", "department"):
        if getattr(before, name) != getattr(after, name):
            yield Change(name, getattr(before, name), getattr(after, name))
    for name in sorted(before.elements.keys() | after.elements.keys()):
        if before.elements.get(name) != after.elements.get(name):
            yield Change(name, before.elements.get(name), after.elements.get(name))


def _of_one_code(before: BaseEntry, after: BaseEntry) -> Difference:
    return Difference("renamed" if before.name != after.name else "changed", before, after)


def _reading_the_same(gone: Iterable[BaseEntry], come: Iterable[BaseEntry]) -> list[tuple[BaseEntry, BaseEntry]]:
    """Pairs whose name, department and legal basis are the same, and those of no other entry on either side."""
    left, right = _by_reading(gone), _by_reading(come)
    shared = sorted(left.keys() & right.keys())
    return [(left[key][0], right[key][0]) for key in shared if len(left[key]) == len(right[key]) == 1]


def _by_reading(entries: Iterable[BaseEntry]) -> dict[tuple[str, ...], list[BaseEntry]]:
    found: dict[tuple[str, ...], list[BaseEntry]] = defaultdict(list)
    for entry in entries:
        found[tuple(normal_form(text) for text in (entry.name, entry.department, entry.elements.get("legal_basis", "")))].append(entry)
    return found


def _alike(gone: Sequence[BaseEntry], come: Sequence[BaseEntry]) -> list[tuple[BaseEntry, BaseEntry, float]]:
    """Pairs of what went and what came, most alike first, each entry once."""
    likes = _likenesses([features(entry) for entry in gone], [features(entry) for entry in come])
    by_gone, by_come = defaultdict[int, list[float]](list), defaultdict[int, list[float]](list)
    for score, left, right in likes:
        by_gone[left].append(score)
        by_come[right].append(score)
    taken_gone, taken_come = set[int](), set[int]()
    pairs: list[tuple[BaseEntry, BaseEntry, float]] = []
    for score, left, right in sorted(likes, key=lambda one: (-one[0], gone[one[1]].code, come[one[2]].code)):
        if score < LEAST_LIKENESS or left in taken_gone or right in taken_come:
            continue
        taken_gone.add(left)
        taken_come.add(right)
        lead = score - max(_runner_up(by_gone[left], score), _runner_up(by_come[right], score))
        pairs.append((gone[left], come[right], _confidence(score, lead)))
    return pairs


def _likenesses(gone: Sequence[Features], come: Sequence[Features]) -> list[tuple[float, int, int]]:
    """How alike each gone entry is to those that share most of its name's character pairs.

    Comparing all with all would be millions, so what is looked at begins with the rarest pairs and is bounded.
    """
    having: dict[str, list[int]] = defaultdict(list)
    for at, one in enumerate(come):
        for pair in one.name:
            having[pair].append(at)
    found = []
    for at, one in enumerate(gone):
        shared: Counter[int] = Counter()
        for pair in sorted(one.name, key=lambda pair: (len(having.get(pair, ())), pair)):
            shared.update(having.get(pair, ()))
            if shared.total() > _MOST_LOOKED_AT:
                break
        near = sorted(shared, key=lambda other: (-shared[other] / (len(one.name) + len(come[other].name)), other))[:_CANDIDATES]
        found += [(likeness(one, come[other]), at, other) for other in near]
    return found


def _runner_up(scores: list[float], score: float) -> float:
    others = list(scores)
    others.remove(score)
    return max(others, default=0.0)


def _confidence(score: float, lead: float) -> float:
    """The likeness itself with a clear lead; half of it where another candidate is just as alike."""
    return round(score * (0.5 + 0.5 * max(0.0, min(1.0, lead / CLEAR_LEAD))), 4)

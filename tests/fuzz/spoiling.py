"""Right bodies made wrong: one or two values replaced or left out, or bytes that are no JSON."""

from collections.abc import Iterator
import copy
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
import orjson

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Long:
    """Stands for a text of so many characters, which would be long to report."""

    characters: int


class LeftOut:
    """Stands for a member or entry that is taken away."""

    def __repr__(self) -> str:
        return "left out"


_STRANGE: tuple[Any, ...] = (
    None, True, 0, -1, 2**31, 2**53, 2**63, 1e308, 0.1, "", " ", "0", Long(300), Long(70_000), "\u0000", "\u202e", "\ud7ff", "😀" * 20,
    "9999-12-31", "0001-01-01", "2026-02-30", "2026-09-28T09:00:00", "00000000-0000-0000-0000-000000000000", "%s", "{0}", "../..", "'; --",
    [], [[]], [None], {}, {"": ""}, {"$ref": "#"}, {"type": "object"}, ["*"] * 60, [{}] * 3,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spoiling:
    """What is done to a body, in this order."""

    changes: tuple[tuple[Place, Any], ...]

    def of(self, body: Any) -> bytes:
        """The spoiled body as JSON."""
        whole = {"body": copy.deepcopy(body)}
        for place, value in self.changes:
            _change(whole, ("body", *place), value)
        return orjson.dumps(whole["body"])


@dataclass(frozen=True, slots=True)
class Breaking:
    """Cut short, struck by a byte that is no UTF-8, nested without end, or sent twice in one."""

    how: str
    at: int

    def of(self, body: Any) -> bytes:
        """What is left of the body."""
        raw = orjson.dumps(body)
        at = self.at % len(raw)
        return {
            "cut": raw[:at],
            "struck": raw[:at] + b"\xff" + raw[at:],
            "nested": b"[" * 5000,
            "deep": b'{"a":' * 200 + b"1" + b"}" * 200,
            "twice": raw + raw,
        }[self.how]


def spoilings(body: Any) -> st.SearchStrategy[Spoiling | Breaking]:
    """Ways to spoil a body; one in ten is no JSON any more."""
    value = st.one_of(st.sampled_from(_STRANGE), st.text(max_size=20), st.just(LeftOut()))
    change = st.tuples(st.sampled_from(list(_places(body))), value)
    changed = st.lists(change, min_size=1, max_size=2).map(lambda changes: Spoiling(tuple(changes)))
    broken = st.builds(Breaking, st.sampled_from(["cut", "struck", "nested", "deep", "twice"]), st.integers(0, 10_000))
    return st.integers(0, 9).flatmap(lambda lot: broken if lot == 9 else changed)


def _places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Where every value of a body is, the body itself included."""
    yield at
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield from _places(inner, (*at, step))


def _change(whole: dict[str, Any], place: Place, value: Any) -> None:
    """Nothing happens where an earlier change took the place away."""
    holder: Any = whole
    *path, last = place
    for step in path:
        if not _has(holder, step):
            return
        holder = holder[step]
    if not _has(holder, last):
        return
    if not isinstance(value, LeftOut):
        holder[last] = "x" * value.characters if isinstance(value, Long) else copy.deepcopy(value)
    elif path:
        del holder[last]


def _has(holder: Any, step: str | int) -> bool:
    if isinstance(holder, dict):
        return step in holder
    return isinstance(holder, list) and isinstance(step, int) and step < len(holder)

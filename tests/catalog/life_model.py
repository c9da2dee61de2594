"""The life of one item as slowly and plainly as it can be told: every instant painted with what is in force at it.

Time is ticks. A version paints everything from its tick on; one that was taken back paints nothing. Standings paint likewise. What the
service computes in one statement is looked up here in a list.
"""

from dataclasses import dataclass, field
from typing import Any

HORIZON = 400


@dataclass
class DraftModel:
    """Who wrote it, at which version it is, who approved just this content."""

    id: str
    content: dict[str, Any]
    writers: set[str]
    version: int = 1
    approved_by: str | None = None
    is_open: bool = True


@dataclass
class LifeModel:
    """What was accepted. `versions` are (id, number, tick from which it is in force, content)."""

    now: int = 0
    versions: list[tuple[str, int, int, dict[str, Any]]] = field(default_factory=list)
    recalled: set[str] = field(default_factory=set)
    standings: list[tuple[str, int]] = field(default_factory=list)
    drafts: list[DraftModel] = field(default_factory=list)
    requests: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    applications: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def painted(self) -> list[int | None]:
        """The number of the version in force at every tick."""
        canvas: list[int | None] = [None] * HORIZON
        for identifier, number, begins, _ in self.versions:
            if identifier not in self.recalled:
                for tick in range(begins, HORIZON):
                    canvas[tick] = number
        return canvas

    def stood(self) -> list[str]:
        """How the item stands at every tick."""
        canvas = ["active"] * HORIZON
        for state, since in sorted(self.standings, key=lambda one: one[1]):
            for tick in range(since, HORIZON):
                canvas[tick] = state
        return canvas

    def at(self, tick: int) -> int | str | None:
        """What a guide shows: a version's number, `withdrawn`, or nothing."""
        return "withdrawn" if self.stood()[tick] == "withdrawn" else self.painted()[tick]

    def next_change(self, tick: int) -> int | None:
        """The next tick at which a version begins or the standing is another."""
        edges = {begins for identifier, _, begins, _ in self.versions if identifier not in self.recalled}
        edges |= {since for _, since in self.standings}
        return min((edge for edge in edges if edge > tick), default=None)

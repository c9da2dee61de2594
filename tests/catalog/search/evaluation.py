"""The evaluation set: what citizens type, and the item that is right; how often it comes, and how high."""

from collections.abc import Awaitable, Callable, Sequence
import csv
from dataclasses import dataclass
import os
from pathlib import Path

HERE = Path(__file__).parent
_DEEP = 5

Search = Callable[[str], Awaitable[Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One query, every item that is right, and the kind of typing it is (everyday, pinyin, homophone …)."""

    query: str
    right: frozenset[str]
    kind: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where the first right item stands, from 1; 0 where it is not among the answers."""

    asked: Asked
    place: int


@dataclass(frozen=True, slots=True)
class Quality:
    outcomes: Sequence[Outcome]

    @property
    def recall(self) -> float:
        """Recall@5: the share of queries with a right item among the first five."""
        return sum(1 for one in self.outcomes if 0 < one.place <= _DEEP) / len(self.outcomes)

    @property
    def mean_reciprocal_rank(self) -> float:
        return sum(1 / one.place for one in self.outcomes if one.place) / len(self.outcomes)

    @property
    def missed(self) -> list[str]:
        """What was not found among the first five, for people to read."""
        return [f"{one.asked.query} ({one.asked.kind})" for one in self.outcomes if not 0 < one.place <= _DEEP]


def queries(name: str) -> list[Asked]:
    """`queries.csv` asks the sample city by the item's code, `queries_real.csv` the real district by its name."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return [Asked(row["query"], frozenset(row["right"].split("|")), row["kind"]) for row in csv.DictReader(file)]


async def evaluate(asked: Sequence[Asked], search: Search) -> Quality:
    """`search` answers codes or names, best first."""
    outcomes = []
    for one in asked:
        answers = await search(one.query)
        outcomes.append(Outcome(one, next((at for at, answer in enumerate(answers, 1) if answer in one.right), 0)))
    return Quality(outcomes)


def real_data() -> Path | None:
    """The folder of large real data, where there is one."""
    named = os.environ.get("TONGBAN_REAL_DATA")
    return Path(named) if named else None

"""Every way through a table's questions, asked as a person is asked them: one after the other, and only while the answer matters.

Choices that leave the same rows standing are tried once, and what was decided once is not decided again, so that twenty
questions with few rows are walked in no time. A table that branches beyond `MOST_CASES` is refused, not half-checked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.catalog.rules.content import SituationQuestion, SituationRow, SituationTable
from services.catalog.rules.narrowing.answers import Answers, answered_ways, is_met, is_possible

MOST_CASES = 1_000


class TooManySituations(Exception):
    """The table branches beyond what is checked."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Where answers lead: the rows that count, in the table's order. `answers` are an example of how one gets there."""

    answers: tuple[tuple[str, tuple[str, ...]], ...]
    rows: tuple[SituationRow, ...]


def standing(table: SituationTable, answers: Answers) -> list[SituationRow]:
    """The rows that may still count. Where the first counts, nothing stands behind a row that is met."""
    possible = [row for row in table.rows if is_possible(row, answers)]
    if table.rule != "first":
        return possible
    met = next((at for at, row in enumerate(possible) if is_met(row, answers)), len(possible))
    return possible[: met + 1]


def open_questions(table: SituationTable, answers: Answers) -> list[SituationQuestion]:
    """The questions whose answers still matter, in the table's order."""
    return _asked_by(standing(table, answers), table, answers)


def _asked_by(rows: Sequence[SituationRow], table: SituationTable, answers: Answers) -> list[SituationQuestion]:
    named = {key for row in rows for key in row.when}
    return [question for question in table.questions if question.key in named and question.key not in answers]


def situations(table: SituationTable, answers: Answers | None = None) -> list[Situation]:
    """Every situation that the answers given leave open, once for each set of rows. Raises TooManySituations."""
    given = {key: tuple(chosen) for key, chosen in (answers or {}).items()}
    seen: set[tuple[str, tuple[str, ...]]] = set()
    found: dict[tuple[str, ...], Situation] = {}
    for situation in _walk(table, given, seen):
        found.setdefault(tuple(row.key for row in situation.rows), situation)
    return list(found.values())


def asked_questions(table: SituationTable) -> set[str]:
    """The questions that somebody may be asked. Raises TooManySituations."""
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for _ in _walk(table, {}, seen):
        pass
    return {question for question, _ in seen}


def _walk(table: SituationTable, answers: dict[str, tuple[str, ...]], seen: set[tuple[str, tuple[str, ...]]]) -> Iterator[Situation]:
    rows = standing(table, answers)
    waiting = _asked_by(rows, table, answers)
    if not waiting:
        yield Situation(tuple(answers.items()), tuple(row for row in rows if is_met(row, answers)))
        return
    question = waiting[0]
    # Rows that stand decide all that follows, with which of their conditions are already met.
    unmet = tuple(f"{row.key}:{','.join(key for key in row.when if key not in answers)}" for row in rows)
    if (question.key, unmet) in seen:
        return
    seen.add((question.key, unmet))
    if len(seen) > MOST_CASES:
        raise TooManySituations()
    for way in answered_ways(question, rows):
        yield from _walk(table, {**answers, question.key: way}, seen)

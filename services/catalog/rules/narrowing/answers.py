"""Answers to a table's questions: which are in order, and which rows they leave standing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.catalog.rules.content import SituationQuestion, SituationRow, SituationTable

Answers = Mapping[str, Sequence[str]]
"""The choices made, by question; a single choice is a sequence of one."""


@dataclass(frozen=True, slots=True)
class AnswerFault:
    """An answer that is none. `pointer` is a JSON pointer into the answers."""

    pointer: str
    code: str
    zh: str
    en: str


def answer_faults(table: SituationTable, answers: Answers) -> list[AnswerFault]:
    """What is wrong with answers; empty when each question is known and each choice is one of its own."""
    found = []
    questions = {question.key: question for question in table.questions}
    for key, chosen in answers.items():
        question, place = questions.get(key), f"/{key.replace('~', '~0').replace('/', '~1')}"
        if question is None:
            asked = "、".join(questions)
            found.append(
                AnswerFault(place, "question-unknown", f"没有这个问题；问题有：{asked}", f"There is no such question; there are: {asked}.")
            )
            continue
        known = [choice.key for choice in question.choices]
        if not chosen:
            found.append(AnswerFault(place, "answer-empty", "请至少选一项，或不回答", "Choose at least one, or do not answer."))
        elif question.kind == "single" and len(chosen) > 1:
            found.append(AnswerFault(place, "answer-not-single", "只能选一项", "Only one may be chosen."))
        found += [
            AnswerFault(
                f"{place}/{at}",
                "choice-unknown",
                f"没有这个选项；选项有：{'、'.join(known)}",
                f"There is no such choice; there are: {', '.join(known)}.",
            )
            for at, choice in enumerate(chosen)
            if choice not in known
        ]
    return found


def is_possible(row: SituationRow, answers: Answers) -> bool:
    """Whether no answer given speaks against the row."""
    return all(key not in answers or not set(chosen).isdisjoint(answers[key]) for key, chosen in row.when.items())


def is_met(row: SituationRow, answers: Answers) -> bool:
    """Whether the answers given make the row hold, whatever is answered to the rest."""
    return is_possible(row, answers) and all(key in answers for key in row.when)


def answered_ways(question: SituationQuestion, rows: Sequence[SituationRow]) -> list[tuple[str, ...]]:
    """Answers to a question of which each leaves other rows standing: enough to try, few where many choices mean the same."""
    met = {
        choice.key: frozenset(row.key for row in rows if choice.key in row.when.get(question.key, [choice.key]))
        for choice in question.choices
    }
    ways: dict[frozenset[str], tuple[str, ...]] = {}
    for choice in question.choices:
        ways.setdefault(met[choice.key], (choice.key,))
    if question.kind == "multiple":
        for choice in question.choices:
            for reached, chosen in list(ways.items()):
                ways.setdefault(reached | met[choice.key], (*chosen, choice.key))
    return list(ways.values())

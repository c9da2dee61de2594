"""Situations as a decision table: questions in plain language, and rows that say what an answer asks for.

What a row names (a material, a step, a field) is asked only where a matching row names it; what no row names is asked of everybody.
`rules.narrowing` evaluates the table and finds what is wrong with it.
"""

from typing import Literal

from pydantic import Field

from services.catalog.rules.content.parts import Bilingual, Content, FieldName, Key, LocalCode, PromisedLimit


class Choice(Content):
    """An answer that may be chosen."""

    key: Key
    label: Bilingual
    hint: Bilingual | None = None


class SituationQuestion(Content):
    """A question a citizen can answer without knowing the law. Of `multiple`, one or more choices are chosen."""

    key: Key
    text: Bilingual
    hint: Bilingual | None = None
    kind: Literal["single", "multiple"] = "single"
    choices: list[Choice] = Field(min_length=2, max_length=40)


class Instead(Content):
    """A situation that this item does not cover: what to do, and the item that does cover it."""

    text: Bilingual
    item: LocalCode | None = None


class SituationRow(Content):
    """`when`: for each question named, the answers it holds for; of a multiple choice, any of them. Nothing named: it always holds."""

    key: Key
    name: Bilingual
    when: dict[Key, list[Key]] = Field(default_factory=dict, max_length=20)
    materials: list[Key] = Field(default_factory=list, max_length=100)
    steps: list[Key] = Field(default_factory=list, max_length=100)
    fields: list[FieldName] = Field(default_factory=list, max_length=100)
    promised_limit: PromisedLimit | None = None
    instead: Instead | None = None


class SituationTable(Content):
    """`rule`: which rows count for given answers: `only` (exactly one may match), `first` (the first that matches), `every`."""

    rule: Literal["only", "first", "every"] = "only"
    questions: list[SituationQuestion] = Field(min_length=1, max_length=20)
    rows: list[SituationRow] = Field(min_length=1, max_length=200)

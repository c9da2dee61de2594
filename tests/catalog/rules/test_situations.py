"""A table of situations against a slow reference that gives every answer there is to every question."""

from collections.abc import Iterator
from itertools import chain, combinations, product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
import pytest

from services.catalog.rules.content import Bilingual, Choice, ItemContent, SituationQuestion, SituationRow, SituationTable
from services.catalog.rules.narrowing import TooManySituations, answer_faults, narrow, open_questions, situations
from services.catalog.rules.narrowing.answers import is_met
from services.catalog.rules.narrowing.walk import asked_questions
from tests.catalog.sample import item

TEXT = {"zh": "说明"}
MATERIALS = ["hygiene", "kitchen", "delegation"]


def question(key: str, *choices: str, kind: str = "single") -> dict[str, Any]:
    return {"key": key, "text": TEXT, "kind": kind, "choices": [{"key": choice, "label": TEXT} for choice in choices]}


def row(key: str, when: dict[str, list[str]], **more: Any) -> dict[str, Any]:
    return {"key": key, "name": TEXT, "when": when, **more}


TABLE = {
    "rule": "first",
    "questions": [question("kind", "shop", "restaurant", "prepackaged"), question("food", "hot", "cold", "raw", kind="multiple")],
    "rows": [
        row("prepackaged", {"kind": ["prepackaged"]}, instead={"text": TEXT, "item": "prepackaged-food-filing"}),
        row("kitchen", {"kind": ["restaurant"], "food": ["cold", "raw"]}, materials=["kitchen", "hygiene"], fields=["seats"]),
        row("restaurant", {"kind": ["restaurant"]}, materials=["hygiene"], fields=["seats"], promised_limit={"days": 5}),
        row("shop", {}),
    ],
}


def food(table: dict[str, Any] = TABLE, **changes: Any) -> ItemContent:
    conditional = [
        {"key": key, "name": key, "source": "applicant", "necessity": "conditional", "needed_when": "见情形"} for key in MATERIALS
    ]
    form = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "seats": {"type": "integer"}},
        "required": ["name", "seats"],
        "additionalProperties": False,
    }
    layout = [{"title": TEXT, "fields": ["name"]}, {"title": TEXT, "fields": ["seats"]}]
    return ItemContent.model_validate(
        item(materials=[*item()["materials"], *conditional], form=form, form_layout=layout, situation_table=table, **changes)
    )


def test_answers_narrow_an_item_to_exactly_what_its_situation_asks() -> None:
    narrowed = narrow(food(), {"kind": ["restaurant"], "food": ["hot"]})
    assert narrowed.is_complete and [one.key for one in narrowed.rows] == ["restaurant"]
    asked = [(one.key, one.necessity, one.needed_when) for one in narrowed.item.materials]
    assert asked == [
        ("application-form", "required", None),
        ("business-licence", "required", None),
        ("hygiene", "required", None),
        ("delegation", "conditional", "见情形"),
    ]
    assert (narrowed.item.form["required"], narrowed.item.promised_limit.days) == (["name", "seats"], 5)


def test_a_shop_is_not_asked_for_its_seats() -> None:
    narrowed = narrow(food(), {"kind": ["shop"]})
    assert narrowed.is_complete
    assert (list(narrowed.item.form["properties"]), narrowed.item.form["required"]) == (["name"], ["name"])
    assert len(narrowed.item.form_layout) == 1
    assert narrowed.fields.certain == ("name",)


def test_who_needs_another_item_is_told_which() -> None:
    instead = narrow(food(), {"kind": ["prepackaged"]}).instead
    assert instead is not None and instead.item == "prepackaged-food-filing"


def test_only_questions_that_still_matter_are_open() -> None:
    table = SituationTable.model_validate(TABLE)
    assert [one.key for one in open_questions(table, {})] == ["kind", "food"]
    assert [one.key for one in open_questions(table, {"kind": ["restaurant"]})] == ["food"]
    assert open_questions(table, {"kind": ["shop"]}) == []
    half = narrow(food(), {"kind": ["restaurant"]})
    assert (half.materials.certain, half.materials.possible) == (
        ("application-form", "business-licence", "hygiene", "delegation"),
        ("kitchen",),
    )
    assert half.fields.certain == ("name", "seats")


def test_without_answers_what_depends_on_them_is_conditional_and_its_field_not_required() -> None:
    narrowed = narrow(food(), {})
    assert {one.key for one in narrowed.item.materials if one.necessity == "conditional"} == set(MATERIALS)
    assert narrowed.item.form["required"] == ["name"]


def test_an_item_without_a_table_asks_everything_of_everybody() -> None:
    plain = ItemContent.model_validate(item())
    narrowed = narrow(plain, {})
    assert (narrowed.item, narrowed.is_complete, narrowed.materials.possible) == (plain, True, ())


@pytest.mark.parametrize(
    ("answers", "fault"),
    [
        ({"age": ["old"]}, ("/age", "question-unknown")),
        ({"a/b~": ["old"]}, ("/a~1b~0", "question-unknown")),
        ({"kind": ["bar"]}, ("/kind/0", "choice-unknown")),
        ({"kind": []}, ("/kind", "answer-empty")),
        ({"kind": ["shop", "restaurant"]}, ("/kind", "answer-not-single")),
        ({"food": ["hot", "warm"]}, ("/food/1", "choice-unknown")),
    ],
)
def test_an_answer_that_is_none_is_pointed_at(answers: dict[str, list[str]], fault: tuple[str, str]) -> None:
    found = answer_faults(SituationTable.model_validate(TABLE), answers)
    assert [(one.pointer, one.code) for one in found] == [fault]


def test_twenty_independent_questions_are_refused_and_not_walked_to_the_end() -> None:
    questions = [question(f"q{at}", "yes", "no") for at in range(20)]
    rows = [row(f"r{at}", {f"q{at}": ["yes"]}) for at in range(20)]
    table = SituationTable.model_validate({"rule": "every", "questions": questions, "rows": rows})
    with pytest.raises(TooManySituations):
        situations(table)


def test_many_choices_that_mean_the_same_are_one_case() -> None:
    many = [f"c{at}" for at in range(40)]
    questions = [question(f"q{at}", *many, kind="multiple") for at in range(10)]
    rows = [row("any", {f"q{at}": many[:20] for at in range(10)}), row("rest", {})]
    assert len(situations(SituationTable.model_validate({"rule": "first", "questions": questions, "rows": rows}))) == 2


CHOICES = ["a", "b", "c"]


@st.composite
def tables(draw: st.DrawFn) -> SituationTable:
    asked = [
        SituationQuestion(
            key=f"q{at}",
            text=Bilingual(zh="问"),
            kind=draw(st.sampled_from(["single", "multiple"])),
            choices=[Choice(key=key, label=Bilingual(zh=key)) for key in CHOICES[: draw(st.integers(2, 3))]],
        )
        for at in range(draw(st.integers(1, 3)))
    ]
    rows = []
    for at in range(draw(st.integers(1, 5))):
        when = {
            one.key: draw(st.lists(st.sampled_from([choice.key for choice in one.choices]), max_size=3, unique=True))
            for one in asked
            if draw(st.booleans())
        }
        materials = draw(st.lists(st.sampled_from(MATERIALS), max_size=2, unique=True))
        rows.append(SituationRow(key=f"r{at}", name=Bilingual(zh="行"), when=when, materials=materials))
    return SituationTable(rule=draw(st.sampled_from(["only", "first", "every"])), questions=asked, rows=rows)


def full_answers(table: SituationTable) -> Iterator[dict[str, tuple[str, ...]]]:
    """Every full set of answers."""
    ways = []
    for one in table.questions:
        keys = [choice.key for choice in one.choices]
        sizes = range(1, 2 if one.kind == "single" else len(keys) + 1)
        ways.append(list(chain.from_iterable(combinations(keys, size) for size in sizes)))
    for chosen in product(*ways):
        yield {one.key: way for one, way in zip(table.questions, chosen, strict=True)}


def counting(table: SituationTable, answers: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    met = [one.key for one in table.rows if is_met(one, answers)]
    return tuple(met[:1] if table.rule == "first" else met)


@given(tables())
@settings(max_examples=120, deadline=None)
def test_the_walk_finds_the_situations_that_every_answer_leads_to(table: SituationTable) -> None:
    expected = {counting(table, answers) for answers in full_answers(table)}
    found = situations(table)
    assert {tuple(one.key for one in situation.rows) for situation in found} == expected
    for situation in found:
        completed = [full for full in full_answers(table) if all({*full[key]} == {*way} for key, way in situation.answers)]
        assert {counting(table, full) for full in completed} == {tuple(one.key for one in situation.rows)}, "its example leads there"


@given(tables(), st.data())
@settings(max_examples=120, deadline=None)
def test_what_is_certain_is_asked_whatever_is_answered_and_what_is_possible_may_be(table: SituationTable, data: st.DataObject) -> None:
    full = data.draw(st.sampled_from(list(full_answers(table))))
    given_keys = data.draw(st.sets(st.sampled_from(list(full))))
    answers = {key: full[key] for key in given_keys}
    named = {key for one in table.rows for key in one.materials}
    outcomes = []
    for complete in full_answers(table):
        if all(complete[key] == way for key, way in answers.items()):
            rows = counting(table, complete)
            outcomes.append({key for one in table.rows if one.key in rows for key in one.materials})
    always, ever = set.intersection(*outcomes), set.union(*outcomes)
    narrowed = narrow(food(table.model_dump()), answers)
    assert set(narrowed.materials.certain) & set(MATERIALS) == (set(MATERIALS) - named) | always
    assert set(narrowed.materials.possible) == ever - always
    if narrowed.is_complete:
        assert narrowed.materials.possible == ()


@given(tables())
@settings(max_examples=80, deadline=None)
def test_a_question_is_asked_only_where_its_answer_can_matter(table: SituationTable) -> None:
    """Whoever answers what is asked, in order, needs no other answer."""
    for full in full_answers(table):
        answers: dict[str, tuple[str, ...]] = {}
        while waiting := open_questions(table, answers):
            assert waiting[0].key in asked_questions(table)
            answers[waiting[0].key] = full[waiting[0].key]
        [situation] = situations(table, answers)
        assert tuple(one.key for one in situation.rows) == counting(table, full)

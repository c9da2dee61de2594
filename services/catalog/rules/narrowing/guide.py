"""An item narrowed by answers: the materials, steps, fields and limit that are left."""

from dataclasses import dataclass
from typing import Any

from services.catalog.rules.content import FormSection, Instead, ItemContent, Material, PromisedLimit, SituationQuestion, SituationRow
from services.catalog.rules.narrowing.answers import Answers
from services.catalog.rules.narrowing.walk import open_questions, situations


@dataclass(frozen=True, slots=True)
class Asked:
    """Keys of one kind, in the item's order."""

    certain: tuple[str, ...]
    possible: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What answers ask for. `certain` is asked whatever is answered to the questions still open, `possible` depends on those.

    `item` asks for what is certain and offers what is possible as conditional; with no question open it is exact.
    """

    open_questions: tuple[SituationQuestion, ...]
    rows: tuple[SituationRow, ...]
    item: ItemContent
    materials: Asked
    steps: Asked
    fields: Asked

    @property
    def is_complete(self) -> bool:
        return not self.open_questions

    @property
    def instead(self) -> Instead | None:
        """Where to turn, when the answers say that this item is not for them."""
        return next((row.instead for row in self.rows if row.instead is not None), None)


def narrow(item: ItemContent, answers: Answers) -> Narrowed:
    """What the item asks of somebody with these answers, which are in order (`answer_faults`). Raises TooManySituations.

    `rows` are those that count for certain. An item without a table asks everything of everybody.
    """
    table = item.situation_table
    if table is None:
        return Narrowed((), (), item, *(Asked(names, ()) for names in (_materials(item), step_keys(item), _fields(item))))
    ahead = [situation.rows for situation in situations(table, answers)]
    named = table.rows
    materials = _asked(_materials(item), [row.materials for row in named], [[r.materials for r in rows] for rows in ahead])
    steps = _asked(step_keys(item), [row.steps for row in named], [[r.steps for r in rows] for rows in ahead])
    fields = _asked(_fields(item), [row.fields for row in named], [[r.fields for r in rows] for rows in ahead])
    counting = tuple(row for row in named if all(row in rows for rows in ahead))
    left = _narrowed(item, materials, fields, counting)
    return Narrowed(tuple(open_questions(table, answers)), counting, left, materials, steps, fields)


def step_keys(item: ItemContent) -> tuple[str, ...]:
    """The keys of the item's steps: of its plan, and of its list where there is none."""
    return tuple(step.key for step in (item.process_plan.steps if item.process_plan else item.process))


def _materials(item: ItemContent) -> tuple[str, ...]:
    return tuple(material.key for material in item.materials)


def _fields(item: ItemContent) -> tuple[str, ...]:
    properties = item.form.get("properties")
    return tuple(properties) if isinstance(properties, dict) else ()


def _asked(known: tuple[str, ...], named: list[list[str]], ahead: list[list[list[str]]]) -> Asked:
    """`named` are what the rows name, `ahead` what the rows of each situation name that may still come."""
    conditional = {key for keys in named for key in keys}
    outcomes = [{key for keys in rows for key in keys} for rows in ahead]
    always = set.intersection(*outcomes) if outcomes else set()
    ever: set[str] = set().union(*outcomes)
    certain = tuple(key for key in known if key not in conditional or key in always)
    return Asked(certain, tuple(key for key in known if key in ever and key not in always))


def _narrowed(item: ItemContent, materials: Asked, fields: Asked, rows: tuple[SituationRow, ...]) -> ItemContent:
    hidden = set(_fields(item)) - {*fields.certain, *fields.possible}
    layout = []
    for section in item.form_layout:
        kept = [field for field in section.fields if field not in hidden]
        if kept:
            layout.append(FormSection(title=section.title, fields=kept))
    return item.model_copy(
        update={
            "materials": _left(item, materials),
            "form": narrowed_form(item.form, hidden, set(fields.possible)),
            "form_layout": layout,
            "promised_limit": _limit(item, rows),
        }
    )


def _left(item: ItemContent, materials: Asked) -> list[Material]:
    """A material that the answers make certain is required; its condition is met, and said no more."""
    named = {key for row in item.situation_table.rows for key in row.materials} if item.situation_table else set()
    left = []
    for material in item.materials:
        if material.key in materials.certain and material.key in named:
            left.append(material.model_copy(update={"necessity": "required", "needed_when": None}))
        elif material.key in materials.certain or material.key in materials.possible:
            left.append(material)
    return left


def _limit(item: ItemContent, rows: tuple[SituationRow, ...]) -> PromisedLimit:
    """The longest limit that a counting row names; the item's own where none does."""
    named = [row.promised_limit for row in rows if row.promised_limit is not None]
    return max(named, key=lambda limit: limit.days) if named else item.promised_limit


def narrowed_form(form: dict[str, Any], hidden: set[str], optional: set[str]) -> dict[str, Any]:
    """The form without hidden fields; fields that may yet be asked are not required."""
    if not hidden and not optional:
        return form
    properties = {name: field for name, field in form["properties"].items() if name not in hidden}
    required = [name for name in form.get("required", []) if name not in hidden and name not in optional]
    return {**form, "properties": properties, **({"required": required} if "required" in form else {})}

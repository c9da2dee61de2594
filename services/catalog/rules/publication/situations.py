"""Situations: every answer leads to exactly one outcome, and to nothing that does not exist."""

from collections.abc import Callable, Iterator, Mapping

from services.catalog.rules.content import SituationRow, SituationTable
from services.catalog.rules.form_schema import form_fields
from services.catalog.rules.narrowing import Situation, TooManySituations, situations
from services.catalog.rules.narrowing.guide import step_keys
from services.catalog.rules.narrowing.walk import asked_questions
from services.catalog.rules.process import forward, plan_of
from services.catalog.rules.publication import sources
from services.catalog.rules.publication.registry import Fault, Said, Subject, rule


def _table(subject: Subject) -> SituationTable | None:
    return subject.item.situation_table


def _situations(subject: Subject) -> list[Situation]:
    """None where there are too many: that is a finding of its own."""
    table = _table(subject)
    try:
        return situations(table) if table is not None else []
    except TooManySituations:
        return []


def _named(subject: Subject, kind: str, known: set[str], says: Callable[[str], Said]) -> Iterator[Fault]:
    table = _table(subject)
    for at, row in enumerate(table.rows if table else ()):
        for number, key in enumerate(getattr(row, kind)):
            if key not in known:
                yield f"/situation_table/rows/{at}/{kind}/{number}", says(key)


@rule(
    "material-undefined",
    title=("情形要求的材料在材料清单中", "A situation asks for materials that are listed"),
    source=sources.LICENSING_30,
    remedy=("在材料清单中加上该材料，或改正标识", "Add the material to the list, or correct the key"),
)
def material_undefined(subject: Subject) -> Iterator[Fault]:
    known = {material.key for material in subject.item.materials}
    return _named(
        subject, "materials", known, lambda key: Said(f"材料清单中没有“{key}”，没有人知道它是什么", f"No material “{key}” is listed.")
    )


@rule(
    "step-undefined",
    title=("情形要求的环节在流程中", "A situation takes steps that the process has"),
    source=sources.SITUATIONS,
    remedy=("在流程中加上该环节，或改正标识", "Add the step to the process, or correct the key"),
)
def step_undefined(subject: Subject) -> Iterator[Fault]:
    known = set(step_keys(subject.item))
    return _named(subject, "steps", known, lambda key: Said(f"流程中没有环节“{key}”", f"The process has no step “{key}”."))


@rule(
    "field-undefined",
    title=("情形要求的字段在表单中", "A situation asks for fields that the form has"),
    source=sources.SITUATIONS,
    remedy=("在表单中加上该字段，或改正名称", "Add the field to the form, or correct the name"),
)
def field_undefined(subject: Subject) -> Iterator[Fault]:
    known = form_fields(subject.item.form)
    return _named(subject, "fields", known, lambda key: Said(f"表单中没有字段“{key}”", f"The form has no field “{key}”."))


@rule(
    "answer-undefined",
    title=("情形依据的问题和选项存在", "A situation rests on questions and choices that exist"),
    source=sources.SITUATIONS,
    remedy=("加上问题或选项，或改正标识", "Add the question or choice, or correct the key"),
)
def answer_undefined(subject: Subject) -> Iterator[Fault]:
    table = _table(subject)
    choices: Mapping[str, set[str]] = {one.key: {choice.key for choice in one.choices} for one in table.questions} if table else {}
    for at, row in enumerate(table.rows if table else ()):
        for key, chosen in row.when.items():
            place = f"/situation_table/rows/{at}/when/{key}"
            if key not in choices:
                yield place, Said(f"没有问题“{key}”", f"There is no question “{key}”.")
                continue
            if not chosen:
                yield place, Said("没有写明哪些选项", "It does not say which choices.")
            for number, choice in enumerate(chosen):
                if choice not in choices[key]:
                    yield f"{place}/{number}", Said(f"问题“{key}”没有选项“{choice}”", f"The question “{key}” has no choice “{choice}”.")


@rule(
    "situation-material-not-conditional",
    title=("按情形要求的材料标为按情形提交", "What situations ask for is conditional"),
    source=sources.SITUATIONS,
    remedy=("把该材料的必要性改为按情形提交，并写明何种情形", "Make the material conditional and say when it is needed"),
)
def situation_material_not_conditional(subject: Subject) -> Iterator[Fault]:
    table = _table(subject)
    named = {key for row in table.rows for key in row.materials} if table else set()
    for at, material in enumerate(subject.item.materials):
        if material.key in named and material.necessity == "required":
            yield (
                f"/materials/{at}/necessity",
                Said(
                    f"“{material.name}”只在部分情形要求，不能标为必要",
                    f"“{material.name}” is asked in some situations only: it is not required of everybody.",
                ),
            )


@rule(
    "conditional-step-fixed",
    title=("按情形省去的环节可以省去", "A step that depends on a situation can be left out"),
    source=sources.PROCESS,
    remedy=("决定环节和有多条去向的环节不放入情形", "Leave out of the rows steps that decide, or lead several ways"),
)
def conditional_step_fixed(subject: Subject) -> Iterator[Fault]:
    table, plan = _table(subject), plan_of(subject.item)
    steps = {step.key: step for step in plan.steps}
    for at, row in enumerate(table.rows if table else ()):
        for number, key in enumerate(row.steps):
            if key in steps and (steps[key].kind == "decide" or len(forward(steps[key], steps)) != 1):
                yield (
                    f"/situation_table/rows/{at}/steps/{number}",
                    Said(
                        f"环节“{steps[key].name}”不能因情形省去：它作出决定，或有多条去向",
                        f"The step “{steps[key].name}” cannot depend on a situation: it decides, or does not lead on by one way.",
                    ),
                )


@rule(
    "situations-too-many",
    title=("情形可以穷尽检查", "Situations can be checked to the end"),
    source=sources.SITUATIONS,
    remedy=("减少互不相关的问题，或拆分为几个事项", "Ask fewer independent questions, or make several items of it"),
)
def situations_too_many(subject: Subject) -> Iterator[Fault]:
    table = _table(subject)
    try:
        if table is not None:
            situations(table)
    except TooManySituations:
        yield (
            "/situation_table/questions",
            Said("问题的组合太多，既无法检查，办事人也答不完", "The questions combine into too many cases to check, or to answer."),
        )


@rule(
    "situation-without-outcome",
    title=("每种回答都有结果", "Every answer has an outcome"),
    source=sources.SITUATIONS,
    remedy=("为这种回答加一行；不属于本事项的，写明应当办理什么", "Add a row for these answers; where another item is due, say which"),
)
def situation_without_outcome(subject: Subject) -> Iterator[Fault]:
    table = _table(subject)
    for situation in _situations(subject) if table and table.rule != "every" else ():
        if not situation.rows:
            zh, en = _told(table, situation)
            yield "/situation_table/rows", Said(f"这样回答没有结果：{zh}", f"These answers have no outcome: {en}.")


@rule(
    "situations-contradict",
    title=("情形不相互矛盾", "Situations do not contradict each other"),
    source=sources.SITUATIONS,
    remedy=("让条件互斥，或使它们的结果一致", "Make the conditions exclude each other, or the outcomes agree"),
)
def situations_contradict(subject: Subject) -> Iterator[Fault]:
    """Two rows that count for the same answers where one may, or that promise different limits, or of which one sends elsewhere."""
    table = _table(subject)
    told: set[tuple[str, str]] = set()
    for situation in _situations(subject):
        for first, second in ((one, other) for at, one in enumerate(situation.rows) for other in situation.rows[at + 1 :]):
            if (first.key, second.key) in told or (table and table.rule != "only" and _agree(first, second)):
                continue
            told.add((first.key, second.key))
            zh, en = _told(table, situation)
            at = [row.key for row in table.rows].index(second.key) if table else 0
            yield (
                f"/situation_table/rows/{at}",
                Said(f"与“{first.name.zh}”矛盾，回答同为：{zh}", f"It contradicts “{first.key}” for the answers: {en}."),
            )


def _agree(first: SituationRow, second: SituationRow) -> bool:
    limits = {row.promised_limit for row in (first, second) if row.promised_limit is not None}
    return len(limits) < 2 and (first.instead is None) == (second.instead is None)


@rule(
    "situation-unreachable",
    title=("每个情形都有人处于其中", "Every situation can be reached"),
    source=sources.SITUATIONS,
    remedy=(
        "删去这一行，或移到遮住它的行之前，或改正条件",
        "Remove the row, move it before the one that hides it, or correct its condition",
    ),
)
def situation_unreachable(subject: Subject) -> Iterator[Fault]:
    table, found = _table(subject), _situations(subject)
    reached = {row.key for situation in found for row in situation.rows}
    for at, row in enumerate(table.rows if table and found else ()):
        if row.key not in reached:
            yield f"/situation_table/rows/{at}", Said(f"没有任何回答会到“{row.name.zh}”", f"No answers lead to the row “{row.key}”.")


@rule(
    "question-never-asked",
    title=("每个问题都影响结果", "Every question matters"),
    source=sources.SITUATIONS,
    remedy=("删去问题，或在情形的条件中用到它", "Remove the question, or let a row depend on it"),
)
def question_never_asked(subject: Subject) -> Iterator[Fault]:
    table = _table(subject)
    try:
        asked = asked_questions(table) if table else set()
    except TooManySituations:
        return
    for at, question in enumerate(table.questions if table else ()):
        if question.key not in asked:
            yield (
                f"/situation_table/questions/{at}",
                Said(f"问题“{question.text.zh}”的回答不影响任何结果", f"No outcome depends on the question “{question.key}”."),
            )


def _told(table: SituationTable | None, situation: Situation) -> tuple[str, str]:
    """The answers in words."""
    questions = {question.key: question for question in table.questions} if table else {}
    zh, en = [], []
    for key, chosen in situation.answers:
        labels = {choice.key: choice.label for choice in questions[key].choices}
        zh.append(f"{questions[key].text.zh}——{'、'.join(labels[one].zh for one in chosen)}")
        en.append(f"{key}: {', '.join(chosen)}")
    return "；".join(zh), "; ".join(en)

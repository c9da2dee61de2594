"""Situations: what the item asks of somebody who answers its questions so."""

from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import RowMapping

from chassis.app import service_router
from chassis.edge import Reads
from chassis.problems import FieldError, Text
from chassis.schema import Body, View
from services.catalog import store
from services.catalog.api.access import Anyone
from services.catalog.api.item_schemas import Guide, guide
from services.catalog.api.items import ItemPath
from services.catalog.errors import AnswersInvalid, ItemUnknown
from services.catalog.queries.life_in_force import life_in_force
from services.catalog.rules.content import Bilingual, Instead, Key, SituationQuestion
from services.catalog.rules.narrowing import Asked, answer_faults, narrow

router = service_router("situations")


class GivenAnswers(Body):
    """The choices made, by question; questions may be left out."""

    answers: dict[Key, Annotated[list[Key], Field(max_length=40)]] = Field(default_factory=dict, max_length=20)


class NamedSituation(View):
    key: str
    name: Bilingual


class AskedKeys(View):
    """Keys in the item's order. `certain` are asked in any case, `possible` depend on questions still open."""

    certain: list[str]
    possible: list[str]


class NarrowedGuide(View):
    """The guide for these answers. With no question open it is exact: its materials, fields and limit are those of the situation.

    `instead` says where to turn when the item is not for who answers so.
    """

    local_code: str
    version_id: UUID
    version_number: int
    is_complete: bool
    open_questions: list[SituationQuestion]
    situations: list[NamedSituation]
    instead: Instead | None
    materials: AskedKeys
    steps: AskedKeys
    fields: AskedKeys
    guide: Guide


@router.post("/items/{local_code}/narrow")
async def narrow_item(local_code: ItemPath, given: GivenAnswers, access: Anyone, tx: Reads) -> NarrowedGuide:
    """What the item in force asks for with these answers, and which questions still matter. Nothing is kept."""
    life = await life_in_force(tx, local_code, tx.now)
    assert life.version_id is not None
    row = await store.guide_of_version(tx, life.version_id)
    assert row is not None
    return _narrowed(row, given)


@router.post("/item-versions/{version_id}/narrow")
async def narrow_version(version_id: UUID, given: GivenAnswers, access: Anyone, tx: Reads) -> NarrowedGuide:
    """What a version asks for with these answers: for whoever began with it."""
    row = await store.guide_of_version(tx, version_id)
    if row is None:
        raise ItemUnknown()
    return _narrowed(row, given)


def _narrowed(row: RowMapping, given: GivenAnswers) -> NarrowedGuide:
    """Raises AnswersInvalid."""
    whole = guide(row)
    _refuse_wrong(whole, given)
    narrowed = narrow(whole, given.answers)
    assert isinstance(narrowed.item, Guide)
    return NarrowedGuide(
        local_code=whole.local_code,
        version_id=whole.version_id,
        version_number=whole.version_number,
        is_complete=narrowed.is_complete,
        open_questions=list(narrowed.open_questions),
        situations=[NamedSituation(key=row.key, name=row.name) for row in narrowed.rows],
        instead=narrowed.instead,
        materials=_keys(narrowed.materials),
        steps=_keys(narrowed.steps),
        fields=_keys(narrowed.fields),
        guide=narrowed.item,
    )


def _refuse_wrong(whole: Guide, given: GivenAnswers) -> None:
    if whole.situation_table is None:
        none = Text("这个事项没有问题要回答", "This item asks no questions")
        faults = [FieldError(f"/answers/{key}", "question-unknown", none) for key in given.answers]
    else:
        found = answer_faults(whole.situation_table, given.answers)
        faults = [FieldError(f"/answers{one.pointer}", one.code, Text(one.zh, one.en)) for one in found]
    if faults:
        raise AnswersInvalid(errors=faults)


def _keys(asked: Asked) -> AskedKeys:
    return AskedKeys(certain=list(asked.certain), possible=list(asked.possible))

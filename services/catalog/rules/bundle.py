"""A bundle (一件事): what its editor says, and the one guide that is made of its items.

The editor names the items, their order, and how conflicts between them are settled; materials and fields are never typed anew, they
come from the items. What two items ask alike is asked once; what they ask differently under one name is a conflict, and a bundle
with a conflict that the editor has not settled is not published.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from services.catalog.rules.content import (
    Authority,
    Bilingual,
    Content,
    ItemContent,
    Key,
    LocalCode,
    MaterialSource,
    Name,
    PromisedLimit,
    Sample,
    Sentence,
)
from services.catalog.rules.regions import RegionCode

FieldName = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Settling = Literal["as_here", "apart"]


class BundleItem(Content):
    """One of the bundle's items. `after` are those that must be done before it; one with `needed_when` is not for everybody."""

    local_code: LocalCode
    after: list[LocalCode] = Field(default_factory=list, max_length=20)
    needed_when: Sentence | None = None


class MaterialRef(Content):
    """A material as one of the items has it."""

    item: LocalCode
    material: Key


class MaterialChoice(MaterialRef):
    """How a conflict is settled. `as_here`: all take it as this item has it; `apart`: this item's is asked for by itself."""

    decision: Settling


class FieldChoice(Content):
    """How a conflict of a form's field is settled, in the same ways."""

    item: LocalCode
    field: FieldName
    decision: Settling


class BundleContent(Content):
    """What the editor says. `same_materials` are materials that are the same under different names."""

    name: Name
    name_en: Name | None = None
    about: Bilingual | None = None
    authority: Authority = Field(description="The department that leads; each item keeps its own.")
    region_code: RegionCode
    items: list[BundleItem] = Field(min_length=2, max_length=20)
    same_materials: list[Annotated[list[MaterialRef], Field(min_length=2, max_length=20)]] = Field(default_factory=list, max_length=50)
    material_choices: list[MaterialChoice] = Field(default_factory=list, max_length=200)
    field_choices: list[FieldChoice] = Field(default_factory=list, max_length=200)
    synonyms: list[Annotated[str, StringConstraints(min_length=1, max_length=60)]] = Field(default_factory=list, max_length=100)


@dataclass(frozen=True, slots=True)
class Member:
    """An item of the bundle with the version of it that is in force."""

    said: BundleItem
    version_id: UUID
    version_number: int
    content: ItemContent

    @property
    def code(self) -> str:
        return self.said.local_code

    @property
    def is_for_all(self) -> bool:
        return self.said.needed_when is None


class MaterialUse(Content):
    """Which item a material is for, and under which key there."""

    item: LocalCode
    material: Key
    necessity: Literal["required", "conditional"]
    needed_when: Sentence | None


class BundleMaterial(Content):
    """A material asked once for all its `uses`: core if it is for one of them, of the best trust grade that one of them asks.

    One that `comes_from` an item before it is that item's result: nobody is asked for it.
    """

    key: str
    name: Name
    name_en: Name | None
    source: MaterialSource
    certificate_type: str | None
    shared_resource: str | None
    necessity: Literal["required", "conditional"]
    is_core: bool = False
    is_tolerant: bool
    tolerant_days: int | None
    form: Literal["filled_form", "electronic", "original", "copy"]
    copies: int
    trust_grade: Literal["A", "B", "C", "D"] | None = None
    issued_by: Bilingual | None = None
    note: Bilingual | None = None
    samples: list[Sample] = Field(default_factory=list, max_length=10)
    comes_from: LocalCode | None
    uses: list[MaterialUse]


class FieldUse(Content):
    item: LocalCode
    field: FieldName


class BundleField(Content):
    """A field of the one form, and the field of each item's form that it fills."""

    name: str
    uses: list[FieldUse]


class BundleSection(Content):
    """A group of the form's fields as people see it."""

    title: Bilingual
    fields: list[str]


class GuideItem(Content):
    """An item in the guide. Items of one `stage` (1 is first) may run beside each other, each once those in `after` are done."""

    local_code: LocalCode
    version_id: UUID
    version_number: int
    name: Name
    name_en: Name | None
    authority: Authority
    promised_limit: PromisedLimit
    result_type_code: str | None
    needed_when: Sentence | None
    after: list[LocalCode]
    stage: int


class OverallLimit(Content):
    """How long all of it takes at most, in working days, and the chain of items that makes it so long.

    `is_bound`: an item of the chain counts calendar days, of which each is taken for a working day; it may be sooner.
    """

    days: int
    unit: Literal["working_day"] = "working_day"
    is_bound: bool
    path: list[LocalCode]


class BundleGuide(Content):
    """One guide of everything: each item may be asked for through it. `form` is for all; each application is checked by its own item's form."""

    items: list[GuideItem]
    materials: list[BundleMaterial]
    form: dict[str, Any]
    form_layout: list[BundleSection]
    fields: list[BundleField]
    overall_limit: OverallLimit
    visits: int
    materials_before: int = Field(description="How many materials the items ask for one by one.")
    fields_before: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """What items ask differently and the editor has not settled.

    `differing`: the same material (or field) with these properties differing; `perhaps_same`: the same certificate or shared data
    under different names, which may be about different people. `values` are by item: what differs, or the names.
    """

    about: Literal["material", "field"]
    kind: Literal["differing", "perhaps_same"]
    refs: tuple[tuple[str, str], ...]
    differing: tuple[str, ...]
    values: Mapping[str, Any]

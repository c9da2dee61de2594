"""What an item says: the content that its department publishes and a version keeps for ever.

The models check what one field can know; what must hold between fields, and what the law refuses, is `rules.publication`,
which names every failure at once. Codes of kinds are those of GB/T 39046 (`standards.item_codes`).
"""

from datetime import date
import math
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from services.catalog.rules.regions import RegionCode

LimitUnit = Literal["working_day", "calendar_day"]
MaterialSource = Literal["applicant", "certificate", "shared", "commitment"]

LocalCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$")]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*([-_][a-z0-9]+)*$", max_length=64)]
Code = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,40}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Passage = Annotated[str, StringConstraints(min_length=1, max_length=8000)]

_DEEPEST = 24
_LARGEST_INTEGER = 2**53 - 1


def _storable(document: dict[str, Any]) -> dict[str, Any]:
    """Refuse what JSON can say and other readers of JSON cannot hold. Raises ValueError."""
    level: list[Any] = [document]
    for _ in range(_DEEPEST):
        level = [child for value in level for child in _children(value)]
    if level:
        raise ValueError(f"嵌套不超过 {_DEEPEST} 层|must be nested at most {_DEEPEST} deep")
    return document


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, list):
        return value
    if (isinstance(value, float) and not math.isfinite(value)) or (isinstance(value, int) and abs(value) > _LARGEST_INTEGER):
        raise ValueError("数字超出可保存的范围|has a number that is too large to keep")
    return []


JsonDocument = Annotated[dict[str, Any], AfterValidator(_storable)]


class Content(BaseModel):
    """A part of what an item says."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Bilingual(Content):
    """A text for people, in Chinese and in English."""

    zh: Sentence
    en: Sentence | None = None


class Authority(Content):
    """The department that decides; `code` is its USCC."""

    code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{18}$")]
    name: Name
    name_en: Name | None = None


class PromisedLimit(Content):
    """How long the authority gives itself; 0 is at once."""

    days: int = Field(ge=0, le=3650)
    unit: LimitUnit = "working_day"


class StatutoryLimit(Content):
    """How long the law gives at most; `basis` names the article."""

    days: int = Field(ge=1, le=3650)
    unit: LimitUnit = "working_day"
    basis: Sentence | None = None


class LegalBasis(Content):
    """An article an item stands on. `text` is quoted only where it was read word for word."""

    law: Name
    version: date | None = None
    article: Annotated[str, StringConstraints(max_length=200)]
    text: Passage | None = None


class Material(Content):
    """Something an application shows: drawn from the network where it can be, asked of the applicant only otherwise.

    `certificate_type` and `shared_resource` say where the network has it; `tolerant_days` within how many working days it may follow.
    """

    key: Key
    name: Name
    name_en: Name | None = None
    source: MaterialSource
    certificate_type: Code | None = None
    shared_resource: Key | None = None
    necessity: Literal["required", "conditional"] = "required"
    needed_when: Sentence | None = None
    is_tolerant: bool = False
    tolerant_days: int | None = Field(default=None, ge=1, le=365)
    form: Literal["filled_form", "electronic", "original", "copy"] = "electronic"
    copies: int = Field(default=1, ge=1, le=50)


class ProcessStep(Content):
    """One step of deciding: what is done, by which post, at which authority grade (1 to 3 pairs of hands)."""

    key: Key
    name: Name
    name_en: Name | None = None
    kind: Literal["review", "decide"]
    post: Key
    grade: int = Field(ge=1, le=3)


class Fee(Content):
    """What it costs; `basis` names the rule that allows the charge."""

    is_charged: bool
    text: Bilingual
    basis: Sentence | None = None


class FormSection(Content):
    """A group of the form's fields as people see it; `fields` are property names of the form's schema."""

    title: Bilingual
    fields: list[Annotated[str, StringConstraints(min_length=1, max_length=64)]] = Field(min_length=1, max_length=100)


class Question(Content):
    """A question people ask, answered."""

    question: Sentence
    answer: Passage


class ItemContent(Content):
    """Everything a version of an item says. `form` is a JSON Schema 2020-12 of the application form, `form_layout` its order."""

    name: Name
    name_en: Name | None = None
    authority: Authority
    region_code: RegionCode
    item_type: Annotated[str, StringConstraints(pattern=r"^(0[1-9]|10|20)$")]
    exercise_level: Literal["1", "2", "3", "4", "5", "6"]
    base_code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{12}$")] | None = None
    implementation_code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{31}$")] | None = None
    service_objects: list[Literal["1", "2", "3", "4", "5", "6"]] = Field(min_length=1, max_length=6)
    channels: list[Literal["1", "2", "3", "4"]] = Field(min_length=1, max_length=4)
    reach: Literal["county", "city", "province", "nation"] = Field(
        default="county", description="Where else in the land it can be asked for."
    )
    kind: Literal["instant", "committed"]
    statutory_limit: StatutoryLimit | None = None
    promised_limit: PromisedLimit
    visits: int = Field(ge=0, le=9)
    conditions: list[Sentence] = Field(default_factory=list, max_length=100)
    legal_basis: list[LegalBasis] = Field(min_length=1, max_length=50)
    materials: list[Material] = Field(max_length=100)
    form: JsonDocument
    form_layout: list[FormSection] = Field(default_factory=list, max_length=50)
    situations: list[Bilingual] = Field(default_factory=list, max_length=100)
    process: list[ProcessStep] = Field(min_length=1, max_length=20)
    special_procedures: list[Literal["hearing", "inspection", "testing", "expert_review"]] = Field(default_factory=list, max_length=4)
    sensitivities: list[Literal["public_safety", "ecology", "health", "life"]] = Field(default_factory=list, max_length=4)
    fee: Fee
    result_type_code: Code | None = None
    result_validity_months: int | None = Field(default=None, ge=1, le=1200)
    synonyms: list[Annotated[str, StringConstraints(min_length=1, max_length=60)]] = Field(default_factory=list, max_length=100)
    faq: list[Question] = Field(default_factory=list, max_length=50)

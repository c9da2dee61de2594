"""What the parts of an item's content are made of: texts for people, codes, and JSON that every reader can keep."""

from datetime import date
import math
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

LimitUnit = Literal["working_day", "calendar_day"]

LocalCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$")]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*([-_][a-z0-9]+)*$", max_length=64)]
Code = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,40}$")]
Uscc = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{18}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Passage = Annotated[str, StringConstraints(min_length=1, max_length=8000)]
FieldName = Annotated[str, StringConstraints(min_length=1, max_length=64)]
WebAddress = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"]+$", max_length=500)]
PhoneNumber = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 -]{1,24}(转[0-9]{1,6})?$")]

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

    code: Uscc
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

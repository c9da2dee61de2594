"""Codes of government-service items (政务服务事项编码).

    base code 12          region 2 (`00` national) + item type 2 + department 2 + main item 3 + sub item 3
    implementation 31     implementing authority's USCC 18 + exercise level 1 + base code 12
    handling item 33      implementation code 31 + handling number 2

A sub item is `000`, digits, or `00Y` where there is none. Places keep codes of their own beside these: free text.
"""

from dataclasses import dataclass
import re
from typing import Literal
import unicodedata

from standards.errors import StandardViolation
from standards.uscc import InvalidUscc, parse_uscc

ItemCodeFault = Literal["length", "characters", "item_type", "authority", "exercise_level"]

ITEM_TYPES: dict[str, str] = {
    "01": "行政许可",
    "02": "行政处罚",
    "03": "行政强制",
    "04": "行政征收",
    "05": "行政给付",
    "06": "行政检查",
    "07": "行政确认",
    "08": "行政奖励",
    "09": "行政裁决",
    "10": "其他行政权力",
    "20": "公共服务",
}
EXERCISE_LEVELS: dict[str, str] = {"1": "国家级", "2": "省级", "3": "市级", "4": "县级", "5": "乡镇级", "6": "村级"}

_SHAPES: dict[int, re.Pattern[str]] = {
    12: re.compile(r"[0-9]{4}[0-9A-Z]{2}[0-9]{3}[0-9]{2}[0-9A-Z]"),
    31: re.compile(r"[0-9A-Z]{18}[0-9][0-9]{4}[0-9A-Z]{2}[0-9]{3}[0-9]{2}[0-9A-Z]"),
    33: re.compile(r"[0-9A-Z]{18}[0-9][0-9]{4}[0-9A-Z]{2}[0-9]{3}[0-9]{2}[0-9A-Z][0-9]{2}"),
}


class InvalidItemCode(StandardViolation):
    """Not an item code; `reason` is an `ItemCodeFault`."""

    def __init__(self, reason: ItemCodeFault, explanation: str) -> None:
        super().__init__(reason, explanation)


@dataclass(frozen=True, slots=True)
class ItemBaseCode:
    """What the state or a province defines. `region` `00` is national."""

    value: str
    region: str
    item_type: str
    department: str
    main_item: str
    sub_item: str

    @property
    def is_national(self) -> bool:
        return self.region == "00"


@dataclass(frozen=True, slots=True)
class ImplementationCode:
    """How one authority carries a base item out. `authority` is its USCC."""

    value: str
    authority: str
    exercise_level: str
    base: ItemBaseCode


@dataclass(frozen=True, slots=True)
class HandlingItemCode:
    """One handling of an implementation, such as establishing, changing or cancelling."""

    value: str
    implementation: ImplementationCode
    handling_number: str


def parse_base_code(text: str) -> ItemBaseCode:
    """Read a base code of 12 characters. Raises `InvalidItemCode`."""
    value = _shaped(text, 12)
    if value[2:4] not in ITEM_TYPES:
        raise InvalidItemCode("item_type", "the third and fourth characters are not a known item type (01 to 10, or 20)")
    return ItemBaseCode(value, value[:2], value[2:4], value[4:6], value[6:9], value[9:])


def parse_implementation_code(text: str) -> ImplementationCode:
    """Read an implementation code of 31 characters. Raises `InvalidItemCode`."""
    value = _shaped(text, 31)
    try:
        authority = parse_uscc(value[:18])
    except InvalidUscc as fault:
        raise InvalidItemCode("authority", f"the first 18 characters are not the authority's credit code: {fault.explanation}") from None
    if value[18] not in EXERCISE_LEVELS:
        raise InvalidItemCode("exercise_level", "the 19th character is not an exercise level (1 national to 6 village)")
    return ImplementationCode(value, authority.value, value[18], parse_base_code(value[19:]))


def parse_handling_item_code(text: str) -> HandlingItemCode:
    """Read a handling-item code of 33 characters. Raises `InvalidItemCode`."""
    value = _shaped(text, 33)
    return HandlingItemCode(value, parse_implementation_code(value[:31]), value[31:])


def compose_implementation_code(authority: str, exercise_level: str, base_code: str) -> str:
    """Join an authority's USCC, an exercise level and a base code. Raises `InvalidItemCode` if a part is wrong."""
    return parse_implementation_code(f"{authority}{exercise_level}{base_code}").value


def compose_handling_item_code(implementation_code: str, handling_number: int) -> str:
    """Number a handling of an implementation, 1 to 99. Raises `InvalidItemCode` if a part is wrong."""
    return parse_handling_item_code(f"{implementation_code}{handling_number:02d}").value


def _shaped(text: str, length: int) -> str:
    value = unicodedata.normalize("NFKC", text).strip().upper()
    if len(value) != length:
        raise InvalidItemCode("length", f"expected {length} characters, found {len(value)}")
    if not _SHAPES[length].fullmatch(value):
        raise InvalidItemCode("characters", "a character stands where its segment does not allow it")
    return value

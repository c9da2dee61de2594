"""Unified social credit codes (统一社会信用代码), GB 32100.

18 characters: registering department 1, organisation category 1, region 6, organisation number 9
(GB 11714, its last a check character of its own), check character (MOD 31). The letters I, O, Z, S, V are not used.
The organisation number's own check is not demanded: codes in use break it, and the 18th character covers it.
"""

from dataclasses import dataclass
import re
from typing import Literal
import unicodedata

from stdnum.cn import uscc as stdnum_uscc

from standards.errors import StandardViolation
from standards.masking import mask_middle

UsccFault = Literal["length", "characters", "check_character"]

_LENGTH = 18
_LETTERS = "0-9A-HJ-NP-RTUW-Y"
_SHAPE = re.compile(rf"[{_LETTERS}]{{2}}[0-9]{{6}}[{_LETTERS}]{{10}}")
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)

_EXPLANATIONS: dict[UsccFault, str] = {
    "length": "a unified social credit code has 18 characters",
    "characters": "digits and capitals except I, O, Z, S, V; the third to eighth characters are digits",
    "check_character": "the last character does not match the other 17: one of them is mistyped",
}


class InvalidUscc(StandardViolation):
    """Not a unified social credit code; `reason` is a `UsccFault`."""

    def __init__(self, reason: UsccFault) -> None:
        super().__init__(reason, _EXPLANATIONS[reason])


@dataclass(frozen=True, slots=True)
class Uscc:
    """A code that passed every check; `category` is its first two characters (`91` company, `92` sole trader, `11` authority)."""

    value: str
    category: str
    region_code: str
    organisation_number: str


def parse_uscc(text: str) -> Uscc:
    """Read a code as people type it: full-width and small letters and outer spaces are put right. Raises `InvalidUscc`."""
    value = unicodedata.normalize("NFKC", text).strip().upper()
    if len(value) != _LENGTH:
        raise InvalidUscc("length")
    if not _SHAPE.fullmatch(value):
        raise InvalidUscc("characters")
    if value[17] != stdnum_uscc.calc_check_digit(value[:17]):
        raise InvalidUscc("check_character")
    return Uscc(value, value[:2], value[2:8], value[8:17])


def organisation_number(first_8: str) -> str:
    """The nine-character organisation number (GB 11714, MOD 11) for its first eight characters."""
    total = sum(int(character, 36) * weight for character, weight in zip(first_8, _ORGANISATION_WEIGHTS, strict=True))
    return first_8 + "0123456789X0"[(11 - total % 11)]


def make_uscc(category: str, region_code: str, first_8: str) -> str:
    """Build a code with both check characters right, for organisations that do not exist (samples, tests).

    `category` 2, `region_code` 6 digits, `first_8` the organisation number without its check. Raises `InvalidUscc`.
    """
    first_17 = category + region_code + organisation_number(first_8)
    if not _SHAPE.fullmatch(first_17 + "0"):
        raise InvalidUscc("characters")
    return first_17 + stdnum_uscc.calc_check_digit(first_17)


def mask(text: str) -> str:
    """Keep the kind and place, and the last four characters. A sole trader's code leads to a person, so logs use this too."""
    return mask_middle(text, head=4, tail=4)

"""Citizen identification numbers (公民身份号码), GB 11643.

18 characters: region 6, birth date 8, serial 3 (odd: male), check character (ISO 7064 MOD 11-2).
The region is not looked up: numbers outlive the places that issued them, so a retired or even an unlisted
code belongs to a living person. Birth dates before 1900 are in the standard's own examples and pass.
"""

from dataclasses import dataclass, field
from datetime import date
import re
from typing import Literal
import unicodedata

from standards.errors import StandardViolation
from standards.masking import mask_middle

Sex = Literal["male", "female"]
CitizenIdFault = Literal["length", "characters", "date", "future_date", "check_digit"]

_LENGTH = 18
_SHAPE = re.compile(r"[0-9]{17}[0-9X]")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"

_EXPLANATIONS: dict[CitizenIdFault, str] = {
    "length": "a citizen ID number has 18 characters",
    "characters": "a citizen ID number is 17 digits and a last digit or X",
    "date": "the birth date in the number is not a date of the calendar",
    "future_date": "the birth date in the number has not come yet",
    "check_digit": "the last character does not match the other 17: one of them is mistyped",
}


class InvalidCitizenId(StandardViolation):
    """Not a citizen ID number; `reason` is a `CitizenIdFault`."""

    def __init__(self, reason: CitizenIdFault) -> None:
        super().__init__(reason, _EXPLANATIONS[reason])


@dataclass(frozen=True, slots=True)
class CitizenId:
    """A number that passed every check. Its `repr` hides what identifies the person."""

    value: str = field(repr=False)
    region_code: str
    birth_date: date = field(repr=False)
    sex: Sex = field(repr=False)

    @property
    def masked(self) -> str:
        return mask(self.value)


def check_character(first_17: str) -> str:
    """The 18th character for the first 17 digits (MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(first_17, _WEIGHTS, strict=True))
    return _CHECK_CHARACTERS[total % 11]


def parse_citizen_id(text: str, *, today: date | None = None) -> CitizenId:
    """Read a number as people type it: full-width digits, a small x and outer spaces are put right.

    With `today`, a birth date after it is refused; a caller without a clock may leave it out.
    Raises `InvalidCitizenId`.
    """
    value = unicodedata.normalize("NFKC", text).strip().upper()
    if len(value) != _LENGTH:
        raise InvalidCitizenId("length")
    if not _SHAPE.fullmatch(value):
        raise InvalidCitizenId("characters")
    try:
        birth_date = date(int(value[6:10]), int(value[10:12]), int(value[12:14]))
    except ValueError:
        raise InvalidCitizenId("date") from None
    if today is not None and birth_date > today:
        raise InvalidCitizenId("future_date")
    if value[17] != check_character(value[:17]):
        raise InvalidCitizenId("check_digit")
    return CitizenId(value, value[:6], birth_date, "male" if int(value[16]) % 2 else "female")


def mask(text: str) -> str:
    """Keep the province, the city and the last four characters; the district, the birth date and the rest are hidden."""
    return mask_middle(text, head=4, tail=4)

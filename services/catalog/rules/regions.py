"""Region codes: 12 digits, province 2, city 2, county 2, street or town 3, village 3; a level not reached is zeros.

An ancestor is known from the code alone. Cities without counties (Dongguan) have streets directly under them, so a parent
is any ancestor, not only the level above.
"""

import re
from typing import Annotated

from pydantic import StringConstraints

_PATTERN = r"^[1-9][0-9]{11}$"
RegionCode = Annotated[str, StringConstraints(pattern=_PATTERN)]

_LEVEL_DIGITS = (2, 4, 6, 9, 12)


def is_region_code(text: str) -> bool:
    """Whether a text that somebody else sent has the form of a code."""
    return re.fullmatch(_PATTERN, text) is not None and text.isascii()


def level_of(code: str) -> int:
    """1 province, 2 city, 3 county, 4 street or town, 5 village or community."""
    significant = code.rstrip("0")
    return next(level for level, digits in enumerate(_LEVEL_DIGITS, start=1) if len(significant) <= digits)


def ancestors(code: str) -> tuple[str, ...]:
    """The codes above this one, province first, without itself."""
    above = (code[:digits].ljust(12, "0") for digits in _LEVEL_DIGITS[: level_of(code) - 1])
    return tuple(dict.fromkeys(above))


def lineage(code: str) -> tuple[str, ...]:
    """The code and everything above it: where an item may come from that serves this place."""
    return (*ancestors(code), code)


def subtree_bounds(code: str) -> tuple[str, str]:
    """The first and the last code that a region and what lies below it can have."""
    significant = code[: _LEVEL_DIGITS[level_of(code) - 1]]
    return code, significant.ljust(12, "9")

"""Numbers of payment cards (ISO/IEC 7812-1): 13 to 19 digits of which the last is a check digit by the Luhn formula (annex B)."""

import re
import unicodedata

from standards.errors import StandardViolation

_SHAPE = re.compile(r"[0-9]{13,19}")


class InvalidBankCard(StandardViolation):
    """Not a card number; `reason` is "length" or "check_digit"."""


def check_digit(without: str) -> str:
    """The last digit for the digits before it."""
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(without))]
    return str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)


def parse_bank_card(text: str) -> str:
    """A number as people type it, with full-width digits, spaces and hyphens. Raises `InvalidBankCard`."""
    value = unicodedata.normalize("NFKC", text).replace(" ", "").replace("-", "")
    if not _SHAPE.fullmatch(value):
        raise InvalidBankCard("length", "a card number has 13 to 19 digits")
    if check_digit(value[:-1]) != value[-1]:
        raise InvalidBankCard("check_digit", "the last digit does not match the others: one of them is mistyped")
    return value

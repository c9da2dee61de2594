"""Numbers people read out and type in: region (6), day (8), sequence (6) and a check digit.

The check digit is ISO/IEC 7064 MOD 11,10: any single mistyped digit and nearly all swaps are noticed.
A sequence runs over the whole suite and starts again after 999999, so a number is unique up to a million a day.
"""

from collections.abc import Callable, Sequence
from datetime import date

from stdnum.iso7064 import mod_11_10

TRACKING_CODE_LENGTH = 20
_TRACKING_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def application_number(region_code: str, day: date, sequence: int) -> str:
    """21 digits, for example `511602202609280000017`."""
    return _numbered(region_code, day, sequence)


def receipt_number(region_code: str, day: date, sequence: int) -> str:
    """`SL` (受理) and 21 digits."""
    return "SL" + _numbered(region_code, day, sequence)


def tracking_code(choose: Callable[[Sequence[str]], str]) -> str:
    """20 characters without look-alikes, 99 bits when `choose` is a secure choice."""
    return "".join(choose(_TRACKING_ALPHABET) for _ in range(TRACKING_CODE_LENGTH))


def _numbered(region_code: str, day: date, sequence: int) -> str:
    if not 0 < sequence <= 999_999:
        raise ValueError("a sequence number has one to six digits")
    digits = f"{region_code[:6]:0<6}{day:%Y%m%d}{sequence:06d}"
    return digits + str(mod_11_10.calc_check_digit(digits))

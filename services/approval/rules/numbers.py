"""Readable numbers of cases."""

from datetime import date


def case_number(region_code: str, day: date, serial: int) -> str:
    """Region (6 digits), day, a serial of at least 6 digits: `511602-20260928-B000042`."""
    return f"{region_code[:6]:0<6}-{day:%Y%m%d}-B{serial:06d}"

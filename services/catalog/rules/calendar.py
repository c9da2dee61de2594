"""A year's notice of the State Council: weekdays off and weekend days worked instead."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import Field

Year = Annotated[int, Field(ge=2000, le=2100)]


@dataclass(frozen=True, slots=True)
class CalendarFault:
    """A day that does not fit. `pointer` is a JSON pointer into the notice."""

    pointer: str
    rule: str
    zh: str
    en: str


def calendar_faults(year: int, holidays: list[date], workdays: list[date]) -> Iterator[CalendarFault]:
    """Days of another year, and days listed as both kinds."""
    for kind, days in (("holidays", holidays), ("workdays", workdays)):
        for at, day in enumerate(days):
            if day.year != year:
                yield CalendarFault(f"/{kind}/{at}", "day-of-another-year", f"{day} 不在 {year} 年", f"{day} is not in {year}.")
    for at, day in enumerate(workdays):
        if day in holidays:
            yield CalendarFault(f"/workdays/{at}", "day-of-both-kinds", f"{day} 不能既放假又上班", f"{day} cannot be both off and worked.")

"""The State Council's notices of days off and days worked, as the library `chinesecalendar` carries them (2004 on, MIT)."""

from dataclasses import dataclass
from datetime import date
from importlib.metadata import version

from chinese_calendar.constants import holidays, workdays

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Notice:
    """One year's: weekdays off, and weekend days worked instead (调休)."""

    year: int
    holidays: tuple[date, ...]
    workdays: tuple[date, ...]

    @property
    def source(self) -> str:
        return f"国务院办公厅关于{self.year}年部分节假日安排的通知（取自 chinesecalendar {version('chinesecalendar')}）"


def library_notices() -> dict[int, Notice]:
    """By year. A weekend day off is no exception and is left out."""
    return {
        year: Notice(
            year,
            tuple(sorted(day for day in holidays if day.year == year and day.weekday() < _SATURDAY)),
            tuple(sorted(day for day in workdays if day.year == year)),
        )
        for year in sorted({day.year for day in holidays})
    }

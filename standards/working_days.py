"""Counting limits in working days (工作日).

A working day is a weekday that is not a day off, or a weekend day made a workday by the yearly notice of the State Council.
The day of the act does not count: day 1 is the next working day. A count that touches a day of a year whose notice is
not loaded goes by weekends alone there and says so: `DueDate.is_provisional`. Every answer is exact for the days loaded.
Days of the Administrative Licensing Law are working days (its art. 82); other statutes' days are calendar days.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import MAXYEAR, date, datetime, time, timedelta

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class YearExceptions:
    """One year's notice: weekdays off, and weekend days worked instead. Days on which nothing changes may be listed too."""

    days_off: frozenset[date]
    workdays: frozenset[date]


@dataclass(frozen=True, slots=True)
class DueDate:
    """A last day, and whether a notice still to come could move it."""

    date: date
    is_provisional: bool


@dataclass(frozen=True)
class WorkingCalendar:
    """The years loaded, by number. Raises `ValueError` when a year lists a day of another, or one day as both kinds."""

    years: Mapping[int, YearExceptions]
    _working_ordinals: dict[int, tuple[int, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for year, exceptions in self.years.items():
            if any(day.year != year for day in exceptions.days_off | exceptions.workdays):
                raise ValueError(f"the exceptions of {year} list a day of another year")
            if exceptions.days_off & exceptions.workdays:
                raise ValueError(f"the exceptions of {year} list a day both as off and as worked")

    def is_working_day(self, day: date) -> bool:
        exceptions = self.years.get(day.year)
        if exceptions is not None:
            if day in exceptions.workdays:
                return True
            if day in exceptions.days_off:
                return False
        return day.weekday() < _SATURDAY

    def day_received(self, moment: datetime, closing: time) -> DueDate:
        """The day that counts as the day of an act: its own, or the next working day where it came on a day off or from closing time on.

        `moment` and `closing` are local. What arrives outside office hours arrives when the office opens (Civil Code, art. 203).
        """
        day = moment.date()
        if self.is_working_day(day) and moment.time() < closing:
            return DueDate(day, is_provisional=day.year not in self.years)
        following = self.add_working_days(day, 1)
        return DueDate(following.date, is_provisional=following.is_provisional or day.year not in self.years)

    def add_working_days(self, start: date, count: int) -> DueDate:
        """The `count`-th working day after `start`; 0 is `start` itself. Raises `ValueError` below 0 or past year 9999."""
        if count < 0:
            raise ValueError("a limit is not negative")
        if count == 0:
            return DueDate(start, is_provisional=False)
        year, left = start.year, count
        ordinals = self._ordinals(year)
        passed = self._passed(start)
        while len(ordinals) - passed < left:
            left -= len(ordinals) - passed
            year, passed = year + 1, 0
            if year > MAXYEAR:
                raise ValueError("the limit ends after the last day of the calendar")
            ordinals = self._ordinals(year)
        due = date.fromordinal(ordinals[passed + left - 1])
        return DueDate(due, is_provisional=not self.covers(start, due))

    def add_calendar_days(self, start: date, count: int) -> DueDate:
        """The `count`-th day after `start`, moved on to a working day when it is not one (Civil Code, art. 203)."""
        if count < 0:
            raise ValueError("a limit is not negative")
        try:
            last = start + timedelta(days=count)
        except OverflowError:
            raise ValueError("the limit ends after the last day of the calendar") from None
        if count == 0 or self.is_working_day(last):
            return DueDate(last, is_provisional=count > 0 and last.year not in self.years)
        due = self.add_working_days(last, 1)
        return DueDate(due.date, is_provisional=due.is_provisional or last.year not in self.years)

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after `start` up to and with `end`; negative when `end` is the earlier. See `covers` for certainty."""
        if end < start:
            return -self.working_days_between(end, start)
        whole_years = sum(len(self._ordinals(year)) for year in range(start.year, end.year))
        return whole_years + self._passed(end) - self._passed(start)

    def covers(self, start: date, end: date) -> bool:
        """Whether the notice of every day after `start` up to and with `end` is loaded (with `end` first, of every day between)."""
        first, last = sorted((start, end))
        if first == last:
            return True
        return all(year in self.years for year in range((first + timedelta(days=1)).year, last.year + 1))

    def _passed(self, day: date) -> int:
        """Working days of the day's year up to and with it."""
        return bisect_right(self._ordinals(day.year), day.toordinal())

    def _ordinals(self, year: int) -> tuple[int, ...]:
        known = self._working_ordinals.get(year)
        if known is None:
            january_1, december_31 = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
            known = tuple(day for day in range(january_1, december_31 + 1) if self.is_working_day(date.fromordinal(day)))
            self._working_ordinals[year] = known
        return known

"""Working days against a slow reference, and across the notices of 2025 and 2026."""

import csv
from datetime import date, datetime, time, timedelta
import io
import os
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
import pytest

from host.working_notices import library_notices
from standards.working_days import DueDate, WorkingCalendar, YearExceptions

_FOLDER = os.environ.get("TONGBAN_REAL_DATA", "")
REAL_DAYS = Path(_FOLDER) / "calendar_exceptions_2020_2026.csv"


def year_of(year: int, days_off: str, workdays: str) -> YearExceptions:
    def days(listed: str) -> frozenset[date]:
        return frozenset(date.fromisoformat(f"{year}-{day}") for day in listed.split())

    return YearExceptions(days(days_off), days(workdays))


NOTICES = {
    2025: year_of(
        2025,
        "01-01 01-28 01-29 01-30 01-31 02-03 02-04 04-04 05-01 05-02 05-05 06-02 10-01 10-02 10-03 10-06 10-07 10-08",
        "01-26 02-08 04-27 09-28 10-11",
    ),
    2026: year_of(
        2026,
        "01-01 01-02 02-16 02-17 02-18 02-19 02-20 02-23 04-06 05-01 05-04 05-05 06-19 09-25 10-01 10-02 10-05 10-06 10-07",
        "01-04 02-14 02-28 05-09 09-20 10-10",
    ),
}
CALENDAR = WorkingCalendar(NOTICES)


def slow_add(calendar: WorkingCalendar, start: date, count: int) -> DueDate:
    day, is_provisional = start, False
    while count:
        day += timedelta(days=1)
        is_provisional = is_provisional or day.year not in calendar.years
        count -= calendar.is_working_day(day)
    return DueDate(day, is_provisional)


@pytest.mark.parametrize("year", [2025, 2026])
def test_a_year_of_these_notices_has_248_working_days(year: int) -> None:
    assert CALENDAR.working_days_between(date(year - 1, 12, 31), date(year, 12, 31)) == 248


@pytest.mark.parametrize(
    ("start", "count", "due"),
    [
        # Mid-Autumn on Friday the 25th, the Sunday before it worked for National Day.
        (date(2026, 9, 18), 1, date(2026, 9, 20)),
        (date(2026, 9, 19), 1, date(2026, 9, 20)),
        (date(2026, 9, 20), 1, date(2026, 9, 21)),
        (date(2026, 9, 24), 1, date(2026, 9, 28)),
        # National Day from the 1st to the 7th, the Saturday after it worked.
        (date(2026, 9, 30), 1, date(2026, 10, 8)),
        (date(2026, 10, 3), 1, date(2026, 10, 8)),
        (date(2026, 9, 30), 3, date(2026, 10, 10)),
        (date(2026, 9, 30), 4, date(2026, 10, 12)),
        (date(2026, 9, 24), 5, date(2026, 10, 9)),
        (date(2026, 9, 7), 20, date(2026, 10, 10)),
        # Spring Festival, with both its worked Saturdays.
        (date(2026, 2, 13), 1, date(2026, 2, 14)),
        (date(2026, 2, 14), 1, date(2026, 2, 24)),
        (date(2026, 2, 14), 5, date(2026, 2, 28)),
        # Over the new year: 1 to 3 January off, Sunday the 4th worked.
        (date(2025, 12, 31), 1, date(2026, 1, 4)),
    ],
)
def test_limits_end_on_the_day_the_notice_says(start: date, count: int, due: date) -> None:
    assert CALENDAR.add_working_days(start, count) == DueDate(due, is_provisional=False)


def test_a_limit_of_no_days_ends_on_the_day_itself_even_on_a_holiday() -> None:
    assert CALENDAR.add_working_days(date(2026, 10, 1), 0) == DueDate(date(2026, 10, 1), is_provisional=False)


def test_a_due_date_is_provisional_once_a_day_of_an_unknown_year_is_counted() -> None:
    assert CALENDAR.add_working_days(date(2026, 12, 30), 1) == DueDate(date(2026, 12, 31), is_provisional=False)
    assert CALENDAR.add_working_days(date(2026, 12, 31), 1) == DueDate(date(2027, 1, 1), is_provisional=True)
    assert CALENDAR.add_working_days(date(2024, 12, 31), 1) == DueDate(date(2025, 1, 2), is_provisional=False)
    assert CALENDAR.add_working_days(date(2024, 12, 30), 2).is_provisional


def test_a_gap_between_loaded_years_makes_a_date_provisional() -> None:
    gapped = WorkingCalendar({2024: year_of(2024, "", ""), 2026: NOTICES[2026]})
    assert gapped.add_working_days(date(2024, 12, 1), 300) == DueDate(date(2026, 1, 26), is_provisional=True)
    assert not gapped.covers(date(2024, 12, 31), date(2025, 1, 1))


def test_calendar_days_end_on_a_working_day() -> None:
    assert CALENDAR.add_calendar_days(date(2026, 9, 16), 15) == DueDate(date(2026, 10, 8), is_provisional=False)
    assert CALENDAR.add_calendar_days(date(2026, 9, 15), 15) == DueDate(date(2026, 9, 30), is_provisional=False)
    assert CALENDAR.add_calendar_days(date(2026, 9, 5), 15) == DueDate(date(2026, 9, 20), is_provisional=False)
    assert CALENDAR.add_calendar_days(date(2026, 12, 31), 4) == DueDate(date(2027, 1, 4), is_provisional=True)
    assert CALENDAR.add_calendar_days(date(2026, 12, 31), 2) == DueDate(date(2027, 1, 4), is_provisional=True)


def test_an_impossible_limit_is_refused() -> None:
    for add in (CALENDAR.add_working_days, CALENDAR.add_calendar_days):
        with pytest.raises(ValueError, match="negative"):
            add(date(2026, 1, 1), -1)
        with pytest.raises(ValueError, match="after the last day"):
            add(date(9999, 12, 30), 5)


def test_a_notice_that_contradicts_itself_is_refused() -> None:
    saturday = date(2026, 10, 10)
    with pytest.raises(ValueError, match="both"):
        WorkingCalendar({2026: YearExceptions(frozenset({saturday}), frozenset({saturday}))})
    with pytest.raises(ValueError, match="another year"):
        WorkingCalendar({2025: YearExceptions(frozenset({saturday}), frozenset())})


@st.composite
def calendars(draw: st.DrawFn) -> WorkingCalendar:
    years = {}
    for year in draw(st.sets(st.integers(2024, 2028))):
        days = st.dates(date(year, 1, 1), date(year, 12, 31))
        days_off = draw(st.frozensets(days, max_size=30))
        years[year] = YearExceptions(days_off, draw(st.frozensets(days, max_size=10)) - days_off)
    return WorkingCalendar(years)


days = st.dates(date(2023, 12, 1), date(2028, 12, 31))


@settings(deadline=None)
@given(calendars(), days, st.integers(0, 400))
def test_adding_agrees_with_counting_day_by_day(calendar: WorkingCalendar, start: date, count: int) -> None:
    due = calendar.add_working_days(start, count)
    assert due == slow_add(calendar, start, count)
    assert calendar.working_days_between(start, due.date) == count
    assert calendar.covers(start, due.date) is not due.is_provisional


@settings(deadline=None)
@given(calendars(), days, days)
def test_counting_agrees_with_counting_day_by_day(calendar: WorkingCalendar, start: date, end: date) -> None:
    first, last = sorted((start, end))
    counted = sum(calendar.is_working_day(first + timedelta(days=step)) for step in range(1, (last - first).days + 1))
    assert calendar.working_days_between(first, last) == counted
    assert calendar.working_days_between(last, first) == -counted


def slow_day_received(calendar: WorkingCalendar, moment: datetime, closing: time) -> DueDate:
    day, is_provisional = moment.date(), moment.year not in calendar.years
    if not calendar.is_working_day(day) or moment.time() >= closing:
        day += timedelta(days=1)
        is_provisional = is_provisional or day.year not in calendar.years
        while not calendar.is_working_day(day):
            day += timedelta(days=1)
            is_provisional = is_provisional or day.year not in calendar.years
    return DueDate(day, is_provisional)


@settings(deadline=None)
@given(calendars(), st.datetimes(datetime(2023, 12, 1), datetime(2028, 12, 31)), st.times())
def test_the_day_of_an_act_agrees_with_looking_day_by_day(calendar: WorkingCalendar, moment: datetime, closing: time) -> None:
    received = calendar.day_received(moment, closing)
    assert received == slow_day_received(calendar, moment, closing)
    assert calendar.is_working_day(received.date) and received.date >= moment.date()


@pytest.mark.skipif(not _FOLDER or not REAL_DAYS.exists(), reason="TONGBAN_REAL_DATA names no folder with the calendar's exceptions")
def test_the_library_s_years_agree_with_the_exceptions_gathered_elsewhere() -> None:
    listed: dict[int, dict[str, set[date]]] = {}
    for row in csv.DictReader(io.StringIO(REAL_DAYS.read_text(encoding="utf-8-sig"))):
        day = date.fromisoformat(row["date"])
        listed.setdefault(day.year, {"holiday": set(), "workday": set()})[row["kind"]].add(day)
    years = {year: YearExceptions(frozenset(days["holiday"]), frozenset(days["workday"])) for year, days in listed.items()}
    gathered = WorkingCalendar(years)
    ours = WorkingCalendar({year: YearExceptions(frozenset(n.holidays), frozenset(n.workdays)) for year, n in library_notices().items()})
    first, last = date(min(years), 1, 1), date(max(years), 12, 31)
    days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    assert [day for day in days if gathered.is_working_day(day) is not ours.is_working_day(day)] == []
    assert [ours.working_days_between(date(year - 1, 12, 31), date(year, 12, 31)) for year in (2025, 2026)] == [248, 248]

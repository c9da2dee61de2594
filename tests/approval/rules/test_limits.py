"""The clock, by a slow reference and across National Day 2026."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
import pytest

from services.approval.rules.limits import CaseLimits, is_on_time, read_clock
from standards.working_days import WorkingCalendar, YearExceptions

CALENDAR = WorkingCalendar(
    {
        2026: YearExceptions(
            days_off=frozenset([date(2026, 9, 25), date(2026, 9, 26), date(2026, 9, 27), *(date(2026, 10, day) for day in range(1, 8))]),
            workdays=frozenset([date(2026, 9, 20), date(2026, 10, 10)]),
        )
    }
)
ACCEPTED = date(2026, 9, 21)
DUE = CALENDAR.add_working_days(ACCEPTED, 10).date


def limits(
    accepted_on: date = ACCEPTED, due_on: date = DUE, *, is_due_provisional: bool = False, stopped_on: date | None = None
) -> CaseLimits:
    return CaseLimits(accepted_on, due_on, is_due_provisional, stopped_on)


def slow_count(start: date, end: date) -> int:
    return sum(1 for n in range(1, (end - start).days + 1) if CALENDAR.is_working_day(start + timedelta(days=n)))


def test_ten_working_days_from_21_september_2026_end_on_12_october() -> None:
    assert date(2026, 10, 12) == DUE


@pytest.mark.parametrize(
    ("today", "used", "left", "light"),
    [
        (date(2026, 9, 21), 0, 10, "green"),
        (date(2026, 9, 24), 3, 7, "green"),
        (date(2026, 9, 30), 6, 4, "green"),
        (date(2026, 10, 4), 6, 4, "green"),
        (date(2026, 10, 7), 6, 4, "green"),
        (date(2026, 10, 9), 8, 2, "yellow"),
        (date(2026, 10, 10), 9, 1, "yellow"),
        (date(2026, 10, 11), 9, 1, "yellow"),
        (date(2026, 10, 13), 11, -1, "red"),
    ],
)
def test_the_clock_stands_over_national_day_and_runs_on_the_make_up_saturday(today: date, used: int, left: int, light: str) -> None:
    reading = read_clock(limits(), today, CALENDAR)
    assert (reading.working_days_used, reading.working_days_left, reading.light, reading.is_provisional) == (used, left, light, False)


def test_the_due_day_itself_is_yellow_and_the_day_after_is_red_even_when_nobody_works() -> None:
    friday = date(2026, 10, 16)
    assert read_clock(limits(due_on=friday), friday, CALENDAR).light == "yellow"
    saturday = read_clock(limits(due_on=friday), friday + timedelta(days=1), CALENDAR)
    assert (saturday.light, saturday.working_days_left) == ("red", 0)


def test_a_stopped_clock_does_not_run_on() -> None:
    stopped = limits(stopped_on=date(2026, 9, 24))
    assert read_clock(stopped, date(2027, 5, 1), CALENDAR) == read_clock(limits(), date(2026, 9, 24), CALENDAR)


def test_a_limit_into_a_year_not_loaded_is_provisional() -> None:
    reading = read_clock(limits(accepted_on=date(2026, 12, 28), due_on=date(2027, 1, 11)), date(2026, 12, 29), CALENDAR)
    assert reading.is_provisional


def test_a_due_date_promised_without_a_calendar_stays_provisional() -> None:
    assert read_clock(limits(is_due_provisional=True), ACCEPTED, CALENDAR).is_provisional


DAYS_2026 = st.dates(date(2026, 2, 1), date(2026, 11, 30))


@given(accepted_on=DAYS_2026, length=st.integers(0, 30), today=DAYS_2026)
def test_used_and_left_agree_with_counting_day_by_day(accepted_on: date, length: int, today: date) -> None:
    due_on = CALENDAR.add_working_days(accepted_on, length).date
    reading = read_clock(limits(accepted_on, due_on), today, CALENDAR)
    at = max(accepted_on, today)
    assert reading.working_days_used == slow_count(accepted_on, at)
    assert reading.working_days_left == (slow_count(at, due_on) if at <= due_on else -slow_count(due_on, at))
    assert (reading.light == "red") == (at > due_on) == (not is_on_time(at, due_on))


@given(accepted_on=DAYS_2026, length=st.integers(1, 30))
def test_a_light_never_goes_back(accepted_on: date, length: int) -> None:
    due_on = CALENDAR.add_working_days(accepted_on, length).date
    days = [accepted_on + timedelta(days=n) for n in range((due_on - accepted_on).days + 3)]
    lights = [read_clock(limits(accepted_on, due_on), day, CALENDAR).light for day in days]
    assert lights == sorted(lights, key=["green", "yellow", "red"].index)
    assert lights[-1] == "red"

"""Due dates and lights."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.intake.rules.limits import Limit, last_day, light
from standards.working_days import WorkingCalendar, YearExceptions

NATIONAL_DAY = WorkingCalendar(
    {2026: YearExceptions(frozenset({date(2026, 9, 25), *(date(2026, 10, d) for d in range(1, 8))}), frozenset({date(2026, 10, 10)}))}
)


def test_ten_working_days_from_the_21st_of_september_2026_cross_mid_autumn_and_national_day() -> None:
    # 22 23 24 | 28 29 30 | 8 9 10 (Saturday, worked) 12
    due = last_day(NATIONAL_DAY, date(2026, 9, 21), Limit(days=10, unit="working_day"))
    assert (due.date, due.is_provisional) == (date(2026, 10, 12), False)


def test_a_limit_in_calendar_days_ends_on_a_working_day() -> None:
    assert last_day(NATIONAL_DAY, date(2026, 9, 21), Limit(days=10, unit="calendar_day")).date == date(2026, 10, 8)


def test_a_limit_of_no_days_is_due_at_once() -> None:
    assert last_day(NATIONAL_DAY, date(2026, 10, 1), Limit(days=0, unit="working_day")).date == date(2026, 10, 1)


def test_a_due_date_in_a_year_without_a_notice_is_provisional() -> None:
    assert last_day(NATIONAL_DAY, date(2026, 12, 28), Limit(days=10, unit="working_day")).is_provisional
    assert last_day(WorkingCalendar({}), date(2026, 9, 21), Limit(days=1, unit="working_day")).is_provisional


def test_the_light_turns_yellow_two_working_days_before_and_red_only_after_the_due_day() -> None:
    due = date(2026, 10, 8)
    shown = {day: light(NATIONAL_DAY, due_on=due, reference=day) for day in (date(2026, 9, 28), date(2026, 9, 29), due, date(2026, 10, 9))}
    assert list(shown.values()) == ["green", "yellow", "yellow", "red"]


@given(st.dates(date(2026, 1, 1), date(2026, 11, 1)), st.integers(0, 60))
def test_a_light_never_turns_back_as_days_pass(start: date, days: int) -> None:
    due = last_day(NATIONAL_DAY, start, Limit(days=days, unit="working_day")).date
    order = ["green", "yellow", "red"]
    ranks = [order.index(light(NATIONAL_DAY, due_on=due, reference=start + timedelta(days=n))) for n in range(100)]
    assert ranks == sorted(ranks)

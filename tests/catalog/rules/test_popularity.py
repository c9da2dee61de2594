"""A count that halves every 90 days, however it is added up."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
import pytest

from services.catalog.rules.popularity import HALF_LIFE, count_at, heat_of, warmer

NOW = datetime(2026, 11, 24, tzinfo=UTC)
ages = st.lists(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=2000)), min_size=1, max_size=30)


def heat_after(requests: list[timedelta]) -> float:
    heat = None
    for age in requests:
        heat = warmer(heat, heat_of(NOW - age))
    assert heat is not None
    return heat


@given(ages)
def test_the_heat_is_the_sum_of_halved_requests_in_whatever_order_they_come(requests: list[timedelta]) -> None:
    slow = sum(0.5 ** (age / HALF_LIFE) for age in requests)
    assert count_at(heat_after(requests), NOW) == pytest.approx(slow, rel=1e-6)
    assert heat_after(requests[::-1]) == pytest.approx(heat_after(requests), rel=1e-9)


def test_a_half_life_later_half_is_left() -> None:
    heat = heat_after([timedelta(0)] * 8)
    assert count_at(heat, NOW) == pytest.approx(8)
    assert count_at(heat, NOW + HALF_LIFE) == pytest.approx(4)


def test_what_nobody_asked_for_counts_nothing() -> None:
    assert count_at(None, NOW) == 0.0


def test_heat_from_far_in_the_future_is_still_a_number() -> None:
    assert count_at(heat_of(datetime(9999, 1, 1, tzinfo=UTC)), NOW) == 2**60

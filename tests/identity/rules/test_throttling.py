"""How long one who was wrong too often has to wait."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.identity.rules.throttling import Limit, seconds_to_wait

BEGAN = datetime(2026, 9, 21, 1, 0, tzinfo=UTC)
LIMIT = Limit(8, timedelta(minutes=15))


def test_the_last_allowed_attempt_is_judged_and_the_next_waits_for_the_windows_end() -> None:
    assert seconds_to_wait(8, BEGAN, BEGAN, LIMIT) == 0
    assert seconds_to_wait(9, BEGAN, BEGAN + timedelta(minutes=5), LIMIT) == 600


@given(st.integers(9, 1_000_000), st.timedeltas(timedelta(0), timedelta(minutes=15)))
def test_over_the_limit_the_wait_is_positive_and_no_longer_than_the_window(attempts: int, later: timedelta) -> None:
    seconds = seconds_to_wait(attempts, BEGAN, BEGAN + later, LIMIT)
    assert 1 <= seconds <= 900

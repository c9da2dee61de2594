"""Whatever the schedule and whenever somebody looks: there is always a key that signs, and the next is announced."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.identity.rules.signing_keys import KeyTimes, Schedule, current_key, next_begins

START = datetime(2026, 1, 1, tzinfo=UTC)


@given(
    looks=st.lists(st.integers(min_value=1, max_value=60 * 24 * 40).map(lambda m: timedelta(minutes=m)), min_size=1, max_size=60),
    days=st.integers(min_value=1, max_value=120),
    hours=st.integers(min_value=0, max_value=24),
)
def test_a_key_signs_always_and_none_without_its_notice(looks: list[timedelta], days: int, hours: int) -> None:
    schedule = Schedule(timedelta(days=days), timedelta(hours=hours))
    now, keys = START, [KeyTimes("0", START)]
    for step in looks:
        now += step
        begins = next_begins(keys, now, schedule)
        if begins is not None:
            assert begins >= now + schedule.notice
            assert begins >= keys[-1].signs_from + schedule.lifetime
            keys.append(KeyTimes(str(len(keys)), begins))
            assert next_begins(keys, now, schedule) is None or schedule.notice == timedelta(0)
        assert current_key(keys, now) is not None
        assert sum(key.signs_from > now for key in keys) <= 1


def test_the_first_key_signs_at_once() -> None:
    assert next_begins([], START, Schedule()) == START
    assert current_key([], START) is None

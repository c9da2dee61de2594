"""Short codes: few tries, short life, one use."""

from datetime import UTC, datetime, timedelta

from services.identity.rules.one_time_codes import MOST_TRIES, is_open, new_code

NOW = datetime(2026, 9, 21, 1, 0, tzinfo=UTC)


def test_a_code_has_six_digits_and_is_not_always_the_same() -> None:
    codes = {new_code() for _ in range(50)}
    assert len(codes) > 10
    assert all(len(code) == 6 and code.isdigit() for code in codes)


def test_a_code_is_judged_while_it_lives_has_tries_left_and_was_not_used() -> None:
    later = NOW + timedelta(seconds=1)
    assert is_open(tries=MOST_TRIES - 1, expires_at=later, used_at=None, now=NOW)
    assert not is_open(tries=MOST_TRIES, expires_at=later, used_at=None, now=NOW)
    assert not is_open(tries=0, expires_at=NOW, used_at=None, now=NOW)
    assert not is_open(tries=0, expires_at=later, used_at=NOW, now=NOW)

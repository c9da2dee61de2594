"""When a one code is no good, and how long a visit goes on."""

from datetime import UTC, datetime, timedelta

from services.identity.rules.one_code import fault_of, is_going_on, secret_of, written

NOW = datetime(2026, 9, 21, 1, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_a_code_is_good_until_it_expires_and_a_used_one_is_a_replay_even_late() -> None:
    assert fault_of(expires_at=NOW + SECOND, used_at=None, now=NOW) is None
    assert fault_of(expires_at=NOW, used_at=None, now=NOW) == "expired"
    assert fault_of(expires_at=NOW + SECOND, used_at=NOW, now=NOW) == "replayed"
    assert fault_of(expires_at=NOW - SECOND, used_at=NOW - SECOND, now=NOW) == "replayed"


def test_a_visit_is_over_at_its_end_or_when_closed() -> None:
    assert is_going_on(ends_at=NOW + SECOND, closed_at=None, now=NOW)
    assert not is_going_on(ends_at=NOW, closed_at=None, now=NOW)
    assert not is_going_on(ends_at=NOW + SECOND, closed_at=NOW, now=NOW)


def test_a_code_of_another_make_carries_no_secret() -> None:
    assert secret_of(written("abc")) == "abc"
    assert secret_of("https://example.test/abc") is None

"""Codes for kiosks: typed by people, never two readings of one letter; and what a kiosk that asks is told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
import pytest

from services.identity.rules.device_grants import KIOSK_SCOPES, LIFETIME, DeviceGrant, new_user_code, shown_user_code, user_code_of
from services.identity.rules.scopes import SCOPES

NOW = datetime(2026, 9, 21, 1, 0, tzinfo=UTC)
WAITING = DeviceGrant(UUID(int=1), UUID(int=2), frozenset(), 5, None, None, None, None, None, None, NOW + LIFETIME)


@pytest.mark.parametrize("typed", ["WDJB-MJHT", "wdjbmjht", " wdjb mjht ", "ＷＤＪＢ－ＭＪＨＴ", "W D J B.M J H T"])
def test_a_code_is_read_as_people_type_it(typed: str) -> None:
    assert user_code_of(typed) == "WDJBMJHT"


@pytest.mark.parametrize("typed", ["", "WDJB-MJH", "WDJB-MJHTT", "ABCD-EFGH", "WDJB-MJH7", "王王王王王王王王", "\ud800" * 8])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert user_code_of(typed) is None


def test_a_new_code_reads_back_grouped_and_holds_nothing_that_looks_like_something_else() -> None:
    codes = {new_user_code() for _ in range(200)}
    assert len(codes) == 200
    assert not set("".join(codes)) & set("AEIOUY0123456789")
    assert all(user_code_of(shown_user_code(code).lower()) == code for code in codes)


@given(st.text(max_size=40))
def test_whatever_is_typed_is_read_or_is_none(typed: str) -> None:
    assert user_code_of(typed) is None or len(user_code_of(typed) or "") == 8


@pytest.mark.parametrize(
    ("change", "seconds", "error"),
    [
        ({}, 0, "authorization_pending"),
        ({"polled_at": NOW}, 5, "authorization_pending"),
        ({"polled_at": NOW}, 4, "authorization_pending"),
        ({"polled_at": NOW}, 3, "slow_down"),
        ({"polled_at": NOW, "interval_seconds": 10}, 8, "slow_down"),
        ({"declined_at": NOW}, 1, "access_denied"),
        ({}, 600, "expired_token"),
        ({"subject": UUID(int=3), "confirmed_at": NOW}, 600, "expired_token"),
        ({"subject": UUID(int=3), "confirmed_at": NOW, "used_at": NOW}, 1, "expired_token"),
    ],
)
def test_a_kiosk_is_told_why_it_gets_nothing_yet(change: dict[str, object], seconds: int, error: str) -> None:
    refusal = replace(WAITING, **change).refusal(NOW + timedelta(seconds=seconds))  # type: ignore[arg-type]
    assert refusal is not None
    assert refusal.error == error


def test_a_confirmed_one_is_refused_nothing_however_soon_it_asks() -> None:
    assert replace(WAITING, subject=UUID(int=3), confirmed_at=NOW, polled_at=NOW).refusal(NOW) is None


def test_the_interval_grows_and_has_an_end() -> None:
    grant = WAITING
    for _ in range(1000):
        grant = replace(grant, interval_seconds=grant.slower_seconds)
    assert grant.interval_seconds == 60


def test_a_kiosk_holds_only_what_people_may_hold_and_nothing_that_lets_others_in() -> None:
    assert all("person" in SCOPES[name].kinds for name in KIOSK_SCOPES)
    assert not KIOSK_SCOPES & {"identity.account", "identity.appoint"}

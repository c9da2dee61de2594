"""Where webhooks may go, and when they are tried again."""

from hypothesis import given
from hypothesis import strategies as st
import pytest

from services.exchange.rules.retries import pause_before_retry
from services.exchange.rules.subscriptions import EVENT_TYPES, UrlRefused, may_be_public, unknown_types, webhook_url


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://gov.example.cn", "https://gov.example.cn/"),
        ("HTTPS://Gov.Example.CN:8443/Hooks?Case=A", "https://gov.example.cn:8443/Hooks?Case=A"),
        ("http://127.0.0.1:9000/in", "http://127.0.0.1:9000/in"),
        ("http://[::1]:9000/in", "http://[::1]:9000/in"),
    ],
)
def test_a_url_is_kept_in_the_form_it_is_signed(url: str, kept: str) -> None:
    assert webhook_url(url, allow_private=True) == kept


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("ftp://gov.example.cn/", "scheme"),
        ("/hooks", "scheme"),
        ("http:///hooks", "not-a-url"),
        ("http://gov.example.cn:99999/", "not-a-url"),
        ("http://gov.example.cn:0/", "not-a-url"),
        ("http://[::1/", "not-a-url"),
        ("http://gov.example.cn/a b", "not-a-url"),
        ("http://政务.example.cn/", "not-a-url"),
        ("http://gov.example.cn\\@evil.example/", "not-a-url"),
        ("http://user:secret@gov.example.cn/", "userinfo"),
        ("http://@gov.example.cn/", "userinfo"),
        ("http://gov.example.cn/#top", "fragment"),
        ("http://gov.example.cn/#", "fragment"),
    ],
)
def test_a_url_webhooks_do_not_go_to_is_refused_with_the_reason(url: str, fault: str) -> None:
    with pytest.raises(UrlRefused) as refused:
        webhook_url(url, allow_private=True)
    assert refused.value.fault == fault


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "10.1.2.3", "169.254.169.254", "[::ffff:10.0.0.1]", "0.0.0.0", "[fe80::1]", "224.0.0.1"]
)
def test_an_address_of_the_inside_is_refused_where_only_the_outside_is_allowed(host: str) -> None:
    with pytest.raises(UrlRefused, match="private-address"):
        webhook_url(f"http://{host}/", allow_private=False)


def test_a_public_address_and_a_name_are_allowed() -> None:
    assert may_be_public("8.8.8.8")
    assert may_be_public("gov.example.cn")


@given(st.text(max_size=60))
def test_any_text_is_kept_or_refused_and_what_is_kept_stays_as_it_is(text: str) -> None:
    try:
        kept = webhook_url(text, allow_private=True)
    except UrlRefused:
        return
    assert webhook_url(kept, allow_private=True) == kept


def test_unknown_event_types_are_pointed_at() -> None:
    assert unknown_types(["*", "tongban.nothing.v1", sorted(EVENT_TYPES)[0], ""]) == [1, 3]


@given(attempts=st.integers(1, 10_000), jitter=st.floats(0, 1, exclude_max=True))
def test_pauses_double_up_to_the_longest_and_jitter_shortens_by_a_fifth_at_most(attempts: int, jitter: float) -> None:
    pause = pause_before_retry(attempts, jitter, first=1, longest=3600)
    whole = min(3600.0, 2.0 ** (attempts - 1)) if attempts < 20 else 3600.0
    assert 0.8 * whole <= pause <= whole

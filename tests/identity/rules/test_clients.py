"""Where an answer may be sent, and who a client is."""

import pytest

from services.identity.rules.clients import (
    built_in_client,
    client_subject,
    is_acceptable_redirect,
    is_registered,
    is_secret,
    secret_digest,
    with_parameters,
)

REGISTERED = {"https://desk.example.cn/back", "http://127.0.0.1/callback", "http://[::1]/callback", "cn.example.app:/back"}


@pytest.mark.parametrize(
    "uri",
    [
        "https://desk.example.cn/back",
        "http://127.0.0.1/callback",
        "http://127.0.0.1:53219/callback",
        "http://[::1]:8080/callback",
        "cn.example.app:/back",
    ],
)
def test_a_registered_address_matches_and_a_loopback_one_on_any_port(uri: str) -> None:
    assert is_registered(REGISTERED, uri)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "https://desk.example.cn/back/",
        "https://desk.example.cn/back?x=1",
        "https://desk.example.cn:8443/back",
        "https://desk.example.cn.evil.cn/back",
        "http://desk.example.cn/back",
        "https://127.0.0.1:1/callback",
        "http://127.0.0.1:1/callback/x",
        "http://127.0.0.1:1/callback#here",
        "http://127.0.0.1:1@evil.cn/callback",
        "http://me@127.0.0.1:1/callback",
        "http://127.0.0.2/callback",
        "http://127.0.0.1:99999/callback",
        "http://[::1%25;x]/callback",
        "http://127.0.0.1:1\\@evil.cn/callback",
        "http://localhost:1/callback",
        "javascript:alert(1)",
        "http://[/",
    ],
)
def test_anything_else_is_not_where_an_answer_goes(uri: str) -> None:
    assert not is_registered(REGISTERED, uri)


@pytest.mark.parametrize(
    "uri",
    [
        "http://desk.example.cn/back",
        "https://me@desk.example.cn/back",
        "https://desk.example.cn/back#x",
        "https:///back",
        "https://desk.example.cn/ba ck",
        "https://desk.example.cn/返回",
        "javascript:alert(1)",
        "app:/back",
        "",
    ],
)
def test_unsafe_addresses_cannot_be_registered(uri: str) -> None:
    assert not is_acceptable_redirect(uri)


def test_what_can_be_registered_is_registered_as_itself() -> None:
    assert all(is_acceptable_redirect(uri) and is_registered({uri}, uri) for uri in REGISTERED)


def test_parameters_join_a_query_that_is_there_already_and_empty_ones_are_left_out() -> None:
    assert with_parameters("https://a.cn/b?c=1", code="x y", state="", iss=None) == "https://a.cn/b?c=1&code=x+y"
    assert with_parameters("cn.example.app:/back", code="1") == "cn.example.app:/back?code=1"


def test_the_suites_own_clients_are_known_without_registration() -> None:
    service = built_in_client("svc-intake", "http://127.0.0.1:8000")
    hall = built_in_client("hall", "https://tongban.example.cn/")
    assert service is not None
    assert service.kind == "service"
    assert hall is not None
    assert hall.kind == "public"
    assert is_registered(hall.redirect_uris, "https://tongban.example.cn/callback")
    assert built_in_client("svc-unknown", "http://127.0.0.1:8000") is None


def test_a_client_keeps_one_subject_for_ever() -> None:
    assert str(client_subject("sys-market-supervision")) == "8cd64d3a-c7f4-5f97-b7f1-f902c1a19b7c"
    assert client_subject("a") != client_subject("b")


def test_a_secret_is_known_by_its_digest_and_no_digest_knows_none() -> None:
    assert is_secret("s" * 43, secret_digest("s" * 43))
    assert not is_secret("t" * 43, secret_digest("s" * 43))
    assert not is_secret("", None)

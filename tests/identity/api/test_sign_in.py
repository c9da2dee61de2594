"""The sign-in page: code flow with PKCE, told apart from dead ends, throttled, in both languages."""

import asyncio
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from services.identity.rules.throttling import PLACE_KEPT, SIGN_IN_PER_ACCOUNT, SIGN_IN_PER_SOURCE
from tests.identity.provider import CALLBACK, LI, PASSWORD, WANG, Provider, redirect_parameters, request_parameters


class PageReader(HTMLParser):
    """The inputs, labels and alerts of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.inputs: dict[str, dict[str, str | None]] = {}
        self.labelled: set[str | None] = set()
        self.tags: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.tags.append(tag)
        if tag == "input":
            self.inputs[attributes["name"] or ""] = attributes
        if tag == "label":
            self.labelled.add(attributes["for"])


async def test_the_page_carries_the_request_and_labels_what_it_asks(provider: Provider) -> None:
    answer = await provider.http.get("/authorize", params=request_parameters())
    page = PageReader(answer.text)
    assert answer.status_code == 200
    assert {n: i["value"] for n, i in page.inputs.items() if i["type"] == "hidden"} == request_parameters()
    assert page.labelled == {"login", "password"}
    assert page.inputs["password"]["autocomplete"] == "current-password"
    assert "script" not in page.tags
    assert '<html lang="zh-CN">' in answer.text
    assert "通办演示" in answer.text


async def test_the_page_may_load_nothing_and_send_its_form_only_here_and_to_the_client(provider: Provider) -> None:
    answer = await provider.http.get("/authorize", params=request_parameters())
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["form-action"] == "'self' http://127.0.0.1:53219"
    assert policy["frame-ancestors"] == "'none'"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("headers", "locales"), [({"Accept-Language": "en"}, ""), ({"Accept-Language": "zh"}, "en")])
async def test_the_page_speaks_english_to_who_asks_for_it(provider: Provider, headers: dict[str, str], locales: str) -> None:
    answer = await provider.http.get("/authorize", params=request_parameters(ui_locales=locales), headers=headers)
    assert answer.headers["content-language"] == "en"
    assert "Sign in" in answer.text


async def test_what_comes_from_outside_is_escaped(provider: Provider) -> None:
    nasty = '"><script>alert(1)</script>'
    answer = await provider.http.get("/authorize", params=request_parameters(state=nasty))
    assert PageReader(answer.text).inputs["state"]["value"] == nasty
    assert "<script" not in answer.text
    wrong = await provider.submit_sign_in(nasty, state=nasty)
    assert PageReader(wrong.text).inputs["login"]["value"] == nasty
    assert "<script" not in wrong.text


@pytest.mark.parametrize("login", [WANG.citizen_id, f" {WANG.citizen_id.lower()} ", "13900000001"])
async def test_a_person_signs_in_by_number_or_phone_and_goes_back_with_a_code(provider: Provider, login: str) -> None:
    await provider.sign_up()
    answer = await provider.submit_sign_in(login)
    assert answer.status_code == 303
    back = redirect_parameters(answer)
    assert (back["state"], back["iss"]) == ("st&te", "http://127.0.0.1:8000")
    assert len(back["code"]) >= 43


async def test_a_phone_number_of_two_accounts_signs_in_to_neither_and_takes_nothing_from_the_other(provider: Provider) -> None:
    await provider.sign_up(WANG)
    await provider.sign_up(LI)
    assert (await provider.submit_sign_in("13900000001")).status_code == 401
    assert (await provider.submit_sign_in(WANG.citizen_id)).status_code == 303


@pytest.mark.parametrize(
    ("login", "password"), [(WANG.citizen_id, "wrong password"), (LI.citizen_id, PASSWORD), ("nobody", PASSWORD), ("", "")]
)
async def test_a_wrong_password_and_an_unknown_account_look_the_same(provider: Provider, login: str, password: str) -> None:
    await provider.sign_up()
    answer = await provider.submit_sign_in(login, password)
    page = PageReader(answer.text)
    assert answer.status_code == 401
    assert 'role="alert"' in answer.text
    assert "账号或密码不正确" in answer.text
    assert page.inputs["login"]["value"] == login
    assert page.inputs["state"]["value"] == "st&te"
    assert password not in answer.text or not password


async def test_a_password_typed_on_another_keyboard_is_the_same(provider: Provider) -> None:
    await provider.sign_up(password="café 密码 ok")
    answer = await provider.submit_sign_in(WANG.citizen_id, " cafe\u0301 密码 ok ")
    assert answer.status_code == 303


async def test_guessing_one_account_is_stopped_even_from_many_sources_at_once(provider: Provider) -> None:
    await provider.sign_up()
    allowed = SIGN_IN_PER_ACCOUNT.attempts
    guesses = (provider.submit_sign_in(WANG.citizen_id, f"guess {n}", source=f"203.0.113.{n}") for n in range(allowed + 4))
    statuses = [answer.status_code for answer in await asyncio.gather(*guesses)]
    assert sorted(statuses) == [401] * allowed + [429] * 4
    right = await provider.submit_sign_in(WANG.citizen_id, source="198.51.100.7")
    assert right.status_code == 429
    assert "约 15 分钟后" in right.text
    assert right.headers["Retry-After"] == "900"
    provider.service.clock.advance(timedelta(minutes=15))
    assert (await provider.submit_sign_in(WANG.citizen_id, source="198.51.100.7")).status_code == 303


@pytest.mark.parametrize("login", [WANG.citizen_id, "13900000001"])
async def test_a_stranger_who_guesses_does_not_lock_the_owner_out_where_the_owner_has_been(provider: Provider, login: str) -> None:
    await provider.sign_up()
    assert (await provider.submit_sign_in(WANG.citizen_id, source="198.51.100.7")).status_code == 303
    for n in range(SIGN_IN_PER_ACCOUNT.attempts + 4):
        await provider.submit_sign_in(login, "guess", source=f"203.0.113.{n}")
    assert (await provider.submit_sign_in(login, source="203.0.113.99")).status_code == 429
    assert (await provider.submit_sign_in(login, source="198.51.100.7")).status_code == 303
    assert (await provider.submit_sign_in(login)).status_code == 303  # where the account was made


async def test_staff_are_not_locked_out_by_strangers_either(provider: Provider) -> None:
    await provider.put_department()
    await provider.put_staff()
    assert (await provider.submit_sign_in("clerk.zhao", source="198.51.100.7")).status_code == 303
    for n in range(SIGN_IN_PER_ACCOUNT.attempts + 1):
        await provider.submit_sign_in("clerk.zhao", "guess", source=f"203.0.113.{n}")
    assert (await provider.submit_sign_in("clerk.zhao", source="198.51.100.7")).status_code == 303


async def test_guessing_from_a_known_place_is_stopped_there_and_nowhere_else(provider: Provider) -> None:
    await provider.sign_up()
    for place in ("198.51.100.7", "198.51.100.8"):
        await provider.submit_sign_in(WANG.citizen_id, source=place)
    statuses = [
        (await provider.submit_sign_in(WANG.citizen_id, "guess", source="198.51.100.7")).status_code
        for _ in range(SIGN_IN_PER_ACCOUNT.attempts + 2)
    ]
    assert statuses == [401] * SIGN_IN_PER_ACCOUNT.attempts + [429] * 2
    assert (await provider.submit_sign_in(WANG.citizen_id, source="198.51.100.8")).status_code == 303


async def test_a_wrong_password_makes_no_place_known(provider: Provider) -> None:
    await provider.sign_up()
    await provider.submit_sign_in(WANG.citizen_id, "guess", source="203.0.113.1")
    for n in range(2, SIGN_IN_PER_ACCOUNT.attempts + 2):
        await provider.submit_sign_in(WANG.citizen_id, "guess", source=f"203.0.113.{n}")
    assert (await provider.submit_sign_in(WANG.citizen_id, "guess", source="203.0.113.1")).status_code == 429


async def test_a_place_is_forgotten_when_its_owner_has_not_been_there_for_long(provider: Provider) -> None:
    await provider.sign_up()
    await provider.submit_sign_in(WANG.citizen_id, source="198.51.100.7")
    provider.service.clock.advance(PLACE_KEPT)
    for n in range(SIGN_IN_PER_ACCOUNT.attempts):
        await provider.submit_sign_in(WANG.citizen_id, "guess", source=f"203.0.113.{n}")
    assert (await provider.submit_sign_in(WANG.citizen_id, source="198.51.100.7")).status_code == 429


async def test_one_accounts_failures_do_not_shut_out_another(provider: Provider) -> None:
    await provider.sign_up(LI)
    for _ in range(SIGN_IN_PER_ACCOUNT.attempts + 1):
        await provider.submit_sign_in(WANG.citizen_id, "guess")
    assert (await provider.submit_sign_in(LI.citizen_id)).status_code == 303


async def test_a_right_password_forgets_the_failures_before_it(provider: Provider) -> None:
    await provider.sign_up()
    for _ in range(3):
        for _ in range(SIGN_IN_PER_ACCOUNT.attempts - 1):
            assert (await provider.submit_sign_in(WANG.citizen_id, "guess")).status_code == 401
        assert (await provider.submit_sign_in(WANG.citizen_id)).status_code == 303


async def test_one_source_that_tries_many_accounts_is_stopped_and_the_others_are_not(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    await provider.sign_up()
    lowered = SIGN_IN_PER_SOURCE.__class__(5, SIGN_IN_PER_SOURCE.window)
    monkeypatch.setattr("services.identity.api.authentication.SIGN_IN_PER_SOURCE", lowered)
    for n in range(5):
        assert (await provider.submit_sign_in(f"staff{n}", "guess", source="203.0.113.9")).status_code == 401
    assert (await provider.submit_sign_in(WANG.citizen_id, source="203.0.113.9")).status_code == 429
    assert (await provider.submit_sign_in(WANG.citizen_id, source="198.51.100.1, 203.0.113.10")).status_code == 303
    assert (await provider.submit_sign_in(WANG.citizen_id, source="198.51.100.1, 203.0.113.9")).status_code == 429


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "nobody"},
        {"client_id": ""},
        {"redirect_uri": ""},
        {"redirect_uri": "https://evil.example/callback"},
        {"client_id": "svc-intake"},
    ],
)
async def test_attack_redirect_tricks_an_unknown_client_or_address_is_a_dead_end(provider: Provider, change: dict[str, str]) -> None:
    shown = await provider.http.get("/authorize", params=request_parameters(**change))
    sent = await provider.submit_sign_in(WANG.citizen_id, **change)
    for answer in (shown, sent):
        assert (answer.status_code, "location" in answer.headers) == (400, False)
        assert "这个登录链接不能用" in answer.text


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
    ],
)
async def test_other_faults_go_back_to_the_client_before_any_password_is_judged(
    provider: Provider, change: dict[str, str], error: str
) -> None:
    await provider.sign_up()
    shown = await provider.http.get("/authorize", params=request_parameters(**change))
    sent = await provider.submit_sign_in(WANG.citizen_id, **change)
    for answer in (shown, sent):
        assert answer.status_code == 303
        back = redirect_parameters(answer)
        assert (back["error"], back["state"], "code" in back) == (error, "st&te", False)


@pytest.mark.parametrize("change", [{"state": "x" * 1001}, {"redirect_uri": "x" * 501}])
async def test_overlong_parameters_are_refused(provider: Provider, change: dict[str, str]) -> None:
    assert (await provider.http.get("/authorize", params=request_parameters(**change))).status_code == 422
    assert (await provider.submit_sign_in("x", **change)).status_code == 422


async def test_text_no_database_can_keep_is_refused(provider: Provider) -> None:
    assert (await provider.http.get("/authorize?client_id=%00")).status_code == 400
    form = {**request_parameters(), "client_id": "a\x00b"}
    assert (await provider.http.post("/authorize", data=form)).status_code == 400


async def test_unknown_parameters_are_ignored(provider: Provider) -> None:
    answer = await provider.http.get("/authorize", params={**request_parameters(), "display": "page", "redirect": CALLBACK})
    assert answer.status_code == 200

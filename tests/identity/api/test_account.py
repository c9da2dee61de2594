"""The account page and its API: where one is signed on, ending that, and passkeys; with no script, and for nobody else."""

from datetime import timedelta
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from tests.identity.authenticator import Authenticator
from tests.identity.pages import Page, read_page
from tests.identity.provider import LI, PASSWORD, WANG, Provider, bearer, redirect_parameters, request_parameters
from tests.identity.relying_party import RelyingParty, free_port, up
from tests.support.waiting import until

COOKIE = "tongban-session"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36"


@pytest.fixture
async def provider(provider: Provider) -> Provider:
    provider.follow_keys()
    await provider.sign_up()
    return provider


async def account_page(provider: Provider, **parameters: str) -> Page:
    answer = await provider.http.get("/account", params=parameters)
    assert answer.status_code == 200, answer.text
    return read_page(answer)


async def account(provider: Provider, login: str = WANG.citizen_id) -> dict[str, str]:
    return bearer((await provider.tokens(login, scope="openid identity.account"))["access_token"])


async def submit(provider: Provider, path: str, page: Page, **change: str) -> httpx.Response:
    return await provider.http.post(f"/account/{path}", data={**page.hidden, **change})


async def sessions(provider: Provider, who: dict[str, str]) -> list[dict[str, Any]]:
    answer = await provider.http.get("/me/sessions", headers=who)
    assert answer.status_code == 200, answer.text
    data: list[dict[str, Any]] = answer.json()["data"]
    return data


async def test_who_is_not_signed_on_signs_in_and_comes_back_to_the_page(provider: Provider) -> None:
    sent = await provider.http.get("/account", params={"ui_locales": "en"})
    assert sent.status_code == 303
    asked = {name: values[0] for name, values in parse_qs(urlsplit(sent.headers["location"]).query).items()}
    answer = await provider.http.post("/authorize", data={**asked, "login": WANG.citizen_id, "password": PASSWORD})
    assert answer.status_code == 303
    back = urlsplit(answer.headers["location"])
    assert f"{back.scheme}://{back.netloc}{back.path}" == "http://127.0.0.1:8000/api/identity/v1/account"
    page = read_page(await provider.http.get("/account", params=parse_qs(back.query)))
    assert page.headings == ["我的账号"]


async def test_the_code_of_the_account_pages_sign_in_is_of_no_use(provider: Provider) -> None:
    await provider.submit_sign_in(WANG.citizen_id)
    address = "http://127.0.0.1:8000/api/identity/v1/account"
    answer = await provider.ask(client_id="account", redirect_uri=address, scope="openid identity.account")
    code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
    tokens = (await provider.redeem(code, client_id="account", redirect_uri=address)).json()
    assert tokens["scope"] == "openid"


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
async def test_the_page_shows_who_one_is_and_can_be_read_by_a_screen_reader(provider: Provider, locale: str) -> None:
    await provider.submit_sign_in(WANG.citizen_id)
    page = await account_page(provider, ui_locales=locale, text_size="large")
    assert (page.faults(), page.language, page.size) == ([], locale, "large")
    shown = "".join(page.text)
    assert WANG.name in shown
    assert WANG.citizen_id not in shown and WANG.citizen_id[-4:] in shown
    assert any("authorize" not in link and "ui_locales" in link for link in page.links)


async def test_staff_see_their_account_too(provider: Provider) -> None:
    await provider.put_department()
    await provider.put_staff()
    await provider.submit_sign_in("clerk.zhao")
    assert "赵窗口" in "".join((await account_page(provider)).text)


async def test_the_page_says_where_one_is_signed_on_since_when_how_and_for_what(provider: Provider) -> None:
    await provider.put_client("desk")
    await provider.http.post(
        "/authorize", data={**_form(), "client_id": "desk"}, headers={"User-Agent": CHROME}
    )  # fmt: skip
    await provider.ask()
    shown = "".join((await account_page(provider)).text)
    for fact in ("Chrome · Windows", "（当前浏览器）", "2026-09-21 09:00", "密码", "审批桌面", "通办演示"):
        assert fact in shown


def _form() -> dict[str, str]:
    return {**request_parameters(), "login": WANG.citizen_id, "password": PASSWORD}


async def test_another_browser_is_signed_off_from_here_and_its_clients_hear_of_it(provider: Provider) -> None:
    listener = RelyingParty(free_port())
    await provider.put_client("desk", backchannel_logout_uri=listener.uri)
    other = await provider.redeem(await provider.code(WANG.citizen_id, client_id="desk"), client_id="desk")
    sid = provider.claims(other.json()["id_token"])["sid"]
    elsewhere = provider.http.cookies[COOKIE]
    provider.forget_cookies()
    await provider.submit_sign_in(WANG.citizen_id)
    page = await account_page(provider)
    assert page.buttons.count("退出登录") == 2
    async with up(listener):
        answer = await submit(provider, "sessions/end", page, session_id=sid)
        assert (answer.status_code, answer.headers["location"]) == (303, "/api/identity/v1/account")
        await until(lambda: listener.heard)
    assert (await account_page(provider)).buttons.count("退出登录") == 1
    provider.forget_cookies()
    assert (await provider.http.get("/account", headers={"Cookie": f"{COOKIE}={elsewhere}"})).status_code == 303
    refreshed = await provider.token(grant_type="refresh_token", client_id="desk", refresh_token=other.json()["refresh_token"])
    assert refreshed.json()["error"] == "invalid_grant"


async def test_this_browser_is_signed_off_with_a_word_of_goodbye(provider: Provider) -> None:
    await provider.submit_sign_in(WANG.citizen_id)
    page = await account_page(provider, ui_locales="en")
    answer = await submit(provider, "sessions/end", page)
    assert answer.status_code == 200
    assert read_page(answer).headings == ["You are signed out"]
    assert COOKIE not in provider.http.cookies
    assert redirect_parameters(await provider.ask(prompt="none"))["error"] == "login_required"


async def test_the_api_lists_sessions_and_ends_one(provider: Provider) -> None:
    who = await account(provider)
    [one] = await sessions(provider, who)
    assert (one["methods"], one["clients"]) == (["pwd"], ["通办演示"])
    ended = await provider.http.delete(f"/me/sessions/{one['id']}", headers=who)
    assert ended.status_code == 204
    assert await sessions(provider, who) == []
    assert (await provider.http.delete(f"/me/sessions/{one['id']}", headers=who)).status_code == 404


async def test_a_session_that_is_over_is_not_shown(provider: Provider) -> None:
    await provider.submit_sign_in(WANG.citizen_id)
    provider.service.clock.advance(timedelta(hours=12))
    assert (await provider.http.get("/account")).status_code == 303


async def test_attack_nobody_ends_the_sessions_of_another(provider: Provider) -> None:
    await provider.sign_up(LI, phone="13900000002")
    [theirs] = await sessions(provider, await account(provider, LI.citizen_id))
    provider.forget_cookies()
    who = await account(provider)
    assert (await provider.http.delete(f"/me/sessions/{theirs['id']}", headers=who)).status_code == 404
    page = await account_page(provider)
    for session_id in (theirs["id"], str(uuid4()), "rubbish", ""):
        assert (await submit(provider, "sessions/end", page, session_id=session_id)).status_code == 404
    async with provider.service.runtime.db.read() as tx:
        assert await tx.scalar(text("SELECT count(*) FROM browser_sessions WHERE ended_at IS NOT NULL")) == 0


@pytest.mark.parametrize("path", ["sessions/end", "passkeys/remove", "passkeys"])
async def test_attack_a_form_nobody_was_shown_does_nothing(provider: Provider, path: str) -> None:
    await provider.submit_sign_in(WANG.citizen_id)
    page = await account_page(provider)
    form = {**page.hidden, "passkey_id": str(uuid4()), "name": "x"}
    foreign = await provider.http.post(f"/account/{path}", data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    for confirmation in ("", "0" * 32, "é"):
        assert (await submit(provider, path, page, confirmation=confirmation)).status_code == 403
    provider.forget_cookies()
    assert (await submit(provider, path, page)).status_code == 403
    await provider.sign_up(LI, phone="13900000002")
    await provider.submit_sign_in(LI.citizen_id)
    assert (await submit(provider, path, page)).status_code == 403


async def test_a_passkey_is_added_and_removed_on_the_page(provider: Provider) -> None:
    await provider.submit_sign_in(WANG.citizen_id)
    page = await account_page(provider)
    assert "name" in page.inputs and len(page.scripts) == 1
    device = Authenticator("http://127.0.0.1:8000", "127.0.0.1")
    options = (await provider.http.post("/account/passkeys/options")).json()
    credential = json.dumps(device.create(options))
    added = await submit(provider, "passkeys", page, credential=credential, name=" 我的手机 ")
    assert (added.status_code, added.headers["location"]) == (303, "/api/identity/v1/account")
    page = await account_page(provider)
    assert "我的手机" in "".join(page.text) and page.faults() == []
    again = await submit(provider, "passkeys", page, credential=credential, name="再来")
    assert again.status_code == 422
    assert "请重新开始添加" in again.text and read_page(again).faults() == []
    removed = await submit(provider, "passkeys/remove", page)
    assert removed.status_code == 303
    assert "还没有通行密钥" in "".join((await account_page(provider)).text)
    assert (await submit(provider, "passkeys/remove", page)).status_code == 404


async def test_attack_at_a_browser_left_open_nobody_adds_a_passkey(provider: Provider) -> None:
    await provider.submit_sign_in(WANG.citizen_id)
    fresh = await account_page(provider)
    options = (await provider.http.post("/account/passkeys/options")).json()
    credential = json.dumps(Authenticator("http://127.0.0.1:8000", "127.0.0.1").create(options))
    provider.service.clock.advance(timedelta(minutes=15, seconds=1))
    page = await account_page(provider)
    assert (page.scripts, "name" in page.inputs) == ([], False)
    assert (await provider.http.post("/account/passkeys/options")).status_code == 403
    assert (await submit(provider, "passkeys", fresh, credential=credential, name="x")).status_code == 403
    [link] = [link for link in page.links if "again=yes" in link]
    sent = await provider.http.get(link.removeprefix("/api/identity/v1"))
    assert "prompt=login" in sent.headers["location"]


async def test_attack_another_sites_page_gets_no_options(provider: Provider) -> None:
    await provider.submit_sign_in(WANG.citizen_id)
    assert (await provider.http.post("/account/passkeys/options", headers={"Sec-Fetch-Site": "cross-site"})).status_code == 403
    provider.forget_cookies()
    assert (await provider.http.post("/account/passkeys/options")).status_code == 403


async def test_names_are_escaped(provider: Provider) -> None:
    await provider.http.post("/authorize", data=_form(), headers={"User-Agent": "<b>Chrome</b>"})
    device = Authenticator("http://127.0.0.1:8000", "127.0.0.1")
    options = (await provider.http.post("/account/passkeys/options")).json()
    page = await account_page(provider)
    await submit(provider, "passkeys", page, credential=json.dumps(device.create(options)), name='"><script>x</script>')
    answer = await provider.http.get("/account")
    assert "<script>x" not in answer.text and read_page(answer).faults() == []

"""Signing in by QR code: two browsers that never share a secret, one answer, two minutes, and what relaying gets."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
import re

import httpx
import pytest
from sqlalchemy import text

from services.identity.commands.forget_expired import forget_expired
from services.identity.rules.qr import SHOWN_PER_SOURCE
from tests.identity.pages import read_page
from tests.identity.provider import LI, PASSWORD, WANG, Provider, bearer, redirect_parameters, request_parameters

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36"


@pytest.fixture
async def provider(provider: Provider) -> Provider:
    provider.follow_keys()
    await provider.sign_up()
    return provider


def another_browser(provider: Provider) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=provider.service.app), base_url=provider.http.base_url)


@pytest.fixture
async def phone(provider: Provider) -> AsyncIterator[httpx.AsyncClient]:
    """Wang's, signed on."""
    async with another_browser(provider) as phone:
        await phone.post("/authorize", data={**request_parameters(), "login": WANG.citizen_id, "password": PASSWORD})
        yield phone


async def handle_of(provider: Provider) -> str:
    """What the code holds that the browser shows now; it is only digested in the database, so it is made again from the cookie."""
    from services.identity.commands.begin_qr import handle_of

    return handle_of(provider.http.cookies["tongban-qr"], provider.service.runtime.keys)


async def show(provider: Provider, **change: str) -> httpx.Response:
    parameters = request_parameters(way="qr", **change)
    return await provider.http.get("/authorize", params=parameters, headers={"User-Agent": CHROME, "X-Forwarded-For": "203.0.113.9"})


async def state(provider: Provider) -> str:
    answer = await provider.http.get("/authorize/qr/state", params={"client_id": "tongban-demo"})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["state"])


async def answer_on(phone: httpx.AsyncClient, handle: str, decision: str = "agree") -> httpx.Response:
    page = await phone.get(f"/qr/{handle}")
    assert page.status_code == 200, page.text
    return await phone.post(f"/qr/{handle}", data={**read_page(page).hidden, "decision": decision})


async def test_a_browser_goes_on_once_the_telephone_agreed_and_the_id_token_says_how(provider: Provider, phone: httpx.AsyncClient) -> None:
    assert (await show(provider)).status_code == 200
    assert await state(provider) == "waiting"
    agreed = await answer_on(phone, await handle_of(provider))
    assert read_page(agreed).headings == ["已同意登录"]
    assert await state(provider) == "confirmed"
    answer = await show(provider)
    back = redirect_parameters(answer)
    assert back["state"] == "st&te"
    claims = provider.claims((await provider.redeem(back["code"])).json()["id_token"])
    assert (claims["name"], claims["amr"]) == (WANG.name, ["mca"])
    assert "tongban-qr" not in provider.http.cookies
    assert "code" in redirect_parameters(await provider.ask(prompt="none"))


async def test_the_telephone_is_told_the_application_the_device_and_from_where_before_it_can_agree(
    provider: Provider, phone: httpx.AsyncClient
) -> None:
    await show(provider)
    page = read_page(await phone.get(f"/qr/{await handle_of(provider)}"))
    assert page.faults() == []
    shown = "".join(page.text)
    for fact in ("通办演示", "Chrome · Windows", "203.0.113.9", WANG.name, "只有当二维码就在您面前"):
        assert fact in shown
    assert page.buttons == ["不是我", "同意登录"]


async def test_the_page_shows_a_code_looks_again_by_itself_and_keeps_the_code(provider: Provider) -> None:
    first, second = await show(provider), await show(provider)
    page = read_page(first)
    assert page.faults() == []
    assert '<meta http-equiv="refresh" content="4; url=' in first.text
    images = [re.search(r"<svg .*</svg>", answer.text) for answer in (first, second)]
    assert all(images) and images[0] is not None and images[1] is not None
    assert images[0].group() == images[1].group()
    assert 'role="img"' in first.text and "viewBox" in first.text
    assert "connect-src 'self'" in page.policy


async def test_an_application_with_a_token_of_the_account_agrees_too(provider: Provider) -> None:
    await show(provider)
    handle, cookies = await handle_of(provider), dict(provider.http.cookies)
    provider.forget_cookies()
    who = bearer((await provider.tokens(WANG.citizen_id, scope="openid identity.account"))["access_token"])
    seen = await provider.http.get(f"/me/qr-sign-ins/{handle}", headers=who)
    assert seen.json() == {"client": "通办演示", "device": "Chrome · Windows", "source": "203.0.113.9"}
    assert (await provider.http.post(f"/me/qr-sign-ins/{handle}", json={"agree": True}, headers=who)).status_code == 204
    again = await provider.http.post(f"/me/qr-sign-ins/{handle}", json={"agree": True}, headers=who)
    assert (again.status_code, again.json()["type"]) == (409, "urn:tongban:problem:qr-over")
    provider.forget_cookies()
    provider.http.cookies.update(cookies)
    assert "code" in redirect_parameters(await show(provider))


async def test_attack_a_token_without_the_accounts_scope_agrees_to_nothing(provider: Provider) -> None:
    await show(provider)
    handle = await handle_of(provider)
    weak = provider.service.as_("person", "identity.self", "openid")
    assert (await provider.http.get(f"/me/qr-sign-ins/{handle}", headers=weak)).status_code == 403
    assert (await provider.http.post(f"/me/qr-sign-ins/{handle}", json={"agree": True}, headers=weak)).status_code == 403
    assert await state(provider) == "waiting"


async def test_a_no_is_told_to_the_browser_and_the_code_is_worth_nothing_from_then_on(provider: Provider, phone: httpx.AsyncClient) -> None:
    await show(provider)
    handle = await handle_of(provider)
    assert read_page(await answer_on(phone, handle, "decline")).headings == ["没有登录"]
    assert (await phone.get(f"/qr/{handle}")).status_code == 409
    assert await state(provider) == "declined"
    told = await show(provider)
    assert (told.status_code, read_page(told).faults()) == (403, [])
    assert "手机上没有同意" in told.text
    assert (await show(provider)).status_code == 200
    assert await handle_of(provider) != handle


async def test_a_code_is_good_for_two_minutes(provider: Provider, phone: httpx.AsyncClient) -> None:
    await show(provider)
    handle = await handle_of(provider)
    page = read_page(await phone.get(f"/qr/{handle}"))
    provider.service.clock.advance(timedelta(minutes=2))
    late = await phone.post(f"/qr/{handle}", data={**page.hidden, "decision": "agree"})
    assert (late.status_code, read_page(late).headings) == (409, ["二维码已失效"])
    assert await state(provider) == "over"
    assert (await show(provider)).status_code == 200
    assert await handle_of(provider) != handle
    provider.service.clock.advance(timedelta(minutes=2, seconds=1))
    async with provider.service.runtime.db.write() as tx:
        await forget_expired(tx)
        assert await tx.scalar(text("SELECT count(*) FROM qr_sign_ins")) == 0


async def test_attack_an_agreement_not_collected_in_time_is_none(provider: Provider, phone: httpx.AsyncClient) -> None:
    await show(provider)
    await answer_on(phone, await handle_of(provider))
    provider.service.clock.advance(timedelta(minutes=2))
    assert (await show(provider)).status_code == 200


async def test_attack_one_agreement_signs_on_one_browser_once(provider: Provider, phone: httpx.AsyncClient) -> None:
    await show(provider)
    secret = provider.http.cookies["tongban-qr"]
    await answer_on(phone, await handle_of(provider))
    provider.forget_cookies()
    headers = {"Cookie": f"tongban-qr={secret}"}
    browsers = [another_browser(provider) for _ in range(3)]
    answers = await asyncio.gather(*(one.get("/authorize", params=request_parameters(way="qr"), headers=headers) for one in browsers))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 303]
    for browser in browsers:
        await browser.aclose()


async def test_attack_who_photographs_the_code_cannot_take_the_browsers_place(provider: Provider, phone: httpx.AsyncClient) -> None:
    await show(provider)
    handle = await handle_of(provider)
    await answer_on(phone, handle)
    async with another_browser(provider) as thief:
        for headers in ({}, {"Cookie": f"tongban-qr={handle}"}, {"Cookie": "tongban-qr="}):
            answer = await thief.get("/authorize", params=request_parameters(way="qr"), headers=headers)
            assert answer.status_code == 200
            thief.cookies.clear()
    async with provider.service.runtime.db.read() as tx:
        rows = str(await tx.all(text("SELECT * FROM qr_sign_ins")))
    assert handle not in rows and "203.0.113.9" not in rows and provider.http.cookies["tongban-qr"] not in rows


async def test_attack_an_agreement_for_one_application_is_none_for_another(provider: Provider, phone: httpx.AsyncClient) -> None:
    await provider.put_client("desk")
    await show(provider)
    secret = provider.http.cookies["tongban-qr"]
    await answer_on(phone, await handle_of(provider))
    assert (await show(provider, client_id="desk")).status_code == 200
    assert provider.http.cookies["tongban-qr"] != secret


async def test_attack_a_form_the_telephone_was_not_shown_agrees_to_nothing(provider: Provider, phone: httpx.AsyncClient) -> None:
    await show(provider)
    handle = await handle_of(provider)
    form = {**read_page(await phone.get(f"/qr/{handle}")).hidden, "decision": "agree"}
    foreign = await phone.post(f"/qr/{handle}", data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert (await phone.post(f"/qr/{handle}", data={**form, "confirmation": "0" * 32})).status_code == 403
    async with another_browser(provider) as other:
        assert (await other.post(f"/qr/{handle}", data=form)).status_code == 403
        await provider.sign_up(LI, phone="13900000002")
        await other.post("/authorize", data={**request_parameters(), "login": LI.citizen_id, "password": PASSWORD})
        assert (await other.post(f"/qr/{handle}", data=form)).status_code == 403
    assert await state(provider) == "waiting"


async def test_a_telephone_that_is_not_signed_on_is_told_to_and_cannot_agree(provider: Provider) -> None:
    await show(provider)
    async with another_browser(provider) as phone:
        page = read_page(await phone.get(f"/qr/{await handle_of(provider)}"))
    assert page.headings == ["请先在手机上登录"]
    assert page.actions == []


@pytest.mark.parametrize(("handle", "status"), [("0" * 32, 409), ("x", 422), ("G" * 32, 422)])
async def test_a_made_up_code_is_nothing(provider: Provider, phone: httpx.AsyncClient, handle: str, status: int) -> None:
    assert (await phone.get(f"/qr/{handle}")).status_code == status


async def test_one_source_cannot_fill_the_database_with_codes(provider: Provider) -> None:
    keys = provider.service.runtime.keys
    async with provider.service.runtime.db.write() as tx:
        values = {"key": f"qr:{keys.blind_index('source', '203.0.113.9')}", "began": tx.now, "attempts": SHOWN_PER_SOURCE.attempts}
        await tx.execute(text("INSERT INTO attempt_counters (key, window_began, attempts) VALUES (:key, :began, :attempts)"), values)
    answer = await show(provider)
    assert (answer.status_code, read_page(answer).faults()) == (429, [])

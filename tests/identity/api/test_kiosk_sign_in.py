"""Signing in at a kiosk with one's own telephone: through HTTP as a kiosk does, through the pages as people do, and as attackers would."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
import xml.etree.ElementTree as ET

import httpx
import pytest
from sqlalchemy import text

from services.identity.commands.forget_expired import forget_expired
from services.identity.rules.device_grants import LIFETIME, SESSION, USER_CODES_PER_PERSON
from tests.identity.api.test_one_code import put_device
from tests.identity.pages import read_page
from tests.identity.provider import LI, PASSWORD, WANG, Provider, bearer, request_parameters

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
HERE = "/api/identity/v1"


class Kiosk:
    def __init__(self, provider: Provider, device: dict[str, Any]) -> None:
        self.http, self.id, self.secret = provider.http, f"kiosk-{device['id']}", device["secret"]
        self.begun: dict[str, Any] = {}

    async def begin(self, **form: str) -> dict[str, Any]:
        answer = await self.http.post("/device-authorization", data=form, auth=(self.id, self.secret))
        assert answer.status_code == 200, answer.text
        self.begun = answer.json()
        return self.begun

    async def token(self, **form: str) -> httpx.Response:
        return await self.http.post("/token", data=form, auth=(self.id, self.secret))

    async def ask(self, **change: str) -> httpx.Response:
        return await self.token(**{"grant_type": GRANT, "device_code": self.begun["device_code"], **change})

    async def told(self) -> str:
        answer = await self.ask()
        assert answer.status_code == 400, answer.text
        return str(answer.json()["error"])


@pytest.fixture
async def kiosk(provider: Provider) -> Kiosk:
    provider.follow_keys()
    await provider.put_department()
    await provider.sign_up()
    return Kiosk(provider, await put_device(provider, "kiosk-1", kind="kiosk", name="一号自助机"))


def another_browser(provider: Provider) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=provider.service.app), base_url=provider.http.base_url)


async def sign_on(browser: httpx.AsyncClient, login: str = WANG.citizen_id) -> None:
    answer = await browser.post("/authorize", data={**request_parameters(), "login": login, "password": PASSWORD})
    assert answer.status_code == 303, answer.text


@pytest.fixture
async def phone(provider: Provider, kiosk: Kiosk) -> AsyncIterator[httpx.AsyncClient]:
    """Wang's, signed on."""
    async with another_browser(provider) as phone:
        await sign_on(phone)
        yield phone


async def look_up(phone: httpx.AsyncClient, code: str) -> httpx.Response:
    return await phone.post("/device", data={"user_code": code})


async def decide(phone: httpx.AsyncClient, code: str, decision: str = "agree") -> httpx.Response:
    asked = await look_up(phone, code)
    assert asked.status_code == 200, asked.text
    return await phone.post("/device/answer", data={**read_page(asked).hidden, "decision": decision})


async def test_a_kiosk_asks_waits_is_confirmed_and_acts_for_the_person_until_they_leave(
    provider: Provider, kiosk: Kiosk, phone: httpx.AsyncClient
) -> None:
    document = (await provider.http.get("/openid-configuration")).json()
    assert document["device_authorization_endpoint"] == f"http://127.0.0.1:8000{HERE}/device-authorization"
    assert GRANT in document["grant_types_supported"]
    begun = await kiosk.begin(scope="openid intake.apply identity.account")
    assert (begun["expires_in"], begun["interval"]) == (600, 5)
    assert begun["verification_uri"] == f"http://127.0.0.1:8000{HERE}/device"
    assert begun["verification_uri_complete"] == f"{begun['verification_uri']}?user_code={begun['user_code']}"
    assert ET.fromstring(begun["verification_uri_complete_svg"]).tag.endswith("svg")  # noqa: S314
    assert await kiosk.told() == "authorization_pending"
    assert read_page(await decide(phone, begun["user_code"])).headings == ["已同意登录"]
    answer = await kiosk.ask()
    assert answer.status_code == 200, answer.text
    tokens = answer.json()
    claims = provider.claims(tokens["access_token"])
    assert (claims["sub"], claims["client_id"], claims["scope"]) == (
        provider.claims(tokens["id_token"])["sub"],
        kiosk.id,
        "intake.apply openid",
    )
    assert provider.claims(tokens["id_token"])["amr"] == ["mca"]
    refreshed = await kiosk.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert refreshed.status_code == 200, refreshed.text
    left = await provider.http.post("/revoke", data={"token": refreshed.json()["refresh_token"]}, auth=(kiosk.id, kiosk.secret))
    assert left.status_code == 200
    page = await phone.get("/account")
    assert "一号自助机" not in page.text
    again = await kiosk.token(grant_type="refresh_token", refresh_token=refreshed.json()["refresh_token"])
    assert again.json()["error"] == "invalid_grant"


async def test_a_kiosk_that_may_also_say_nothing_gets_all_a_kiosk_may(provider: Provider, kiosk: Kiosk, phone: httpx.AsyncClient) -> None:
    await decide(phone, (await kiosk.begin())["user_code"])
    scopes = (await kiosk.ask()).json()["scope"].split()
    assert scopes == ["certificates.own", "certificates.use", "identity.self", "intake.apply"]
    refused = await provider.http.post("/device-authorization", data={"scope": "identity.appoint"}, auth=(kiosk.id, kiosk.secret))
    assert refused.json()["error"] == "invalid_scope"


async def test_the_telephone_signs_in_first_and_comes_back_to_the_code_in_its_language_and_size(provider: Provider, kiosk: Kiosk) -> None:
    code = (await kiosk.begin(scope="intake.apply"))["user_code"]
    async with another_browser(provider) as phone:
        sent = await phone.get("/device", params={"user_code": code, "ui_locales": "en", "text_size": "large"})
        assert sent.status_code == 303
        page = await phone.get(f"{HERE}/{sent.headers['location']}".removeprefix(HERE))
        signing = read_page(page)
        assert (signing.language, signing.size) == ("en", "large")
        back = await phone.post("/authorize", data={**signing.hidden, "login": WANG.citizen_id, "password": PASSWORD})
        there = urlsplit(back.headers["location"])
        assert there.path == f"{HERE}/device"
        again = await phone.get("/device", params={name: values[0] for name, values in parse_qs(there.query).items()})
        assert again.status_code == 303
        asked = await phone.get(again.headers["location"].removeprefix(HERE))
        shown = read_page(asked)
        assert shown.faults() == []
        assert (shown.language, shown.size, shown.headings) == ("en", "large", ["Sign in at this kiosk?"])
        done = await phone.post("/device/answer", data={**shown.hidden, "decision": "agree"})
        assert (read_page(done).headings, read_page(done).language) == (["Agreed"], "en")
    assert (await kiosk.ask()).status_code == 200


async def test_the_page_names_kiosk_department_code_and_what_it_asks_and_puts_the_no_first(kiosk: Kiosk, phone: httpx.AsyncClient) -> None:
    code = (await kiosk.begin(scope="intake.apply identity.account"))["user_code"]
    page = read_page(await phone.get("/device", params={"user_code": code.lower().replace("-", " ")}))
    assert page.faults() == []
    shown = "".join(page.text)
    for fact in (
        code,
        " ".join(code.replace("-", "")),
        "一号自助机",
        "市场监督管理局",
        WANG.name,
        "提交和查看自己的申请",
        "您就站在这台终端前",
    ):
        assert fact in shown
    assert "管理自己的登录" not in shown
    assert page.buttons == ["不是我", "代码一致，同意登录"]


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
async def test_the_pages_can_be_read_by_a_screen_reader_also_with_a_fault(phone: httpx.AsyncClient, locale: str) -> None:
    for answer in (
        await phone.get("/device", params={"ui_locales": locale}),
        await phone.post("/device", data={"ui_locales": locale, "user_code": "<b>"}),
    ):
        page = read_page(answer)
        assert (page.faults(), page.language) == ([], locale)
        assert page.inputs["user_code"]["autocapitalize"] == "characters"
    assert "<b>" not in answer.text


async def test_a_no_is_told_to_the_kiosk_and_stands(kiosk: Kiosk, phone: httpx.AsyncClient) -> None:
    code = (await kiosk.begin())["user_code"]
    assert read_page(await decide(phone, code, "decline")).headings == ["没有登录"]
    assert await kiosk.told() == "access_denied"
    assert (await look_up(phone, code)).status_code == 409


async def test_who_asks_too_often_is_told_to_slow_down_and_by_how_much(provider: Provider, kiosk: Kiosk, phone: httpx.AsyncClient) -> None:
    code = (await kiosk.begin())["user_code"]
    assert [await kiosk.told() for _ in range(3)] == ["authorization_pending", "slow_down", "slow_down"]
    provider.service.clock.advance(timedelta(seconds=10))
    assert await kiosk.told() == "slow_down"
    provider.service.clock.advance(timedelta(seconds=20))
    assert await kiosk.told() == "authorization_pending"
    await decide(phone, code)
    assert (await kiosk.ask()).status_code == 200


async def test_a_code_lasts_ten_minutes_and_is_forgotten(provider: Provider, kiosk: Kiosk, phone: httpx.AsyncClient) -> None:
    code = (await kiosk.begin())["user_code"]
    asked = read_page(await look_up(phone, code))
    provider.service.clock.advance(LIFETIME)
    assert await kiosk.told() == "expired_token"
    late = await phone.post("/device/answer", data={**asked.hidden, "decision": "agree"})
    assert (late.status_code, read_page(late).faults()) == (409, [])
    provider.service.clock.advance(timedelta(seconds=1))
    async with provider.service.runtime.db.write() as tx:
        await forget_expired(tx)
        assert await tx.scalar(text("SELECT count(*) FROM device_grants")) == 0
    assert await kiosk.told() == "invalid_grant"


async def test_one_is_signed_on_at_a_kiosk_for_half_an_hour_and_can_end_it_from_the_account(
    provider: Provider, kiosk: Kiosk, phone: httpx.AsyncClient
) -> None:
    await decide(phone, (await kiosk.begin())["user_code"])
    tokens = (await kiosk.ask()).json()
    account = await phone.get("/account")
    assert "一号自助机" in account.text
    who = bearer((await provider.tokens(WANG.citizen_id, scope="openid identity.account"))["access_token"])
    [session] = [one for one in (await provider.http.get("/me/sessions", headers=who)).json()["data"] if one["device"] == "一号自助机"]
    assert (await provider.http.delete(f"/me/sessions/{session['id']}", headers=who)).status_code == 204
    assert (await kiosk.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])).status_code == 400
    await decide(phone, (await kiosk.begin())["user_code"])
    tokens = (await kiosk.ask()).json()
    provider.service.clock.advance(SESSION)
    assert (await kiosk.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])).status_code == 400


async def test_attack_a_device_code_used_twice_ends_what_the_first_use_began_also_at_once(kiosk: Kiosk, phone: httpx.AsyncClient) -> None:
    await decide(phone, (await kiosk.begin())["user_code"])
    answers = await asyncio.gather(*(kiosk.ask() for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400]
    [good] = [answer.json() for answer in answers if answer.status_code == 200]
    assert (await kiosk.token(grant_type="refresh_token", refresh_token=good["refresh_token"])).json()["error"] == "invalid_grant"


async def test_attack_guessing_codes_is_stopped_for_an_account(kiosk: Kiosk, phone: httpx.AsyncClient) -> None:
    code = (await kiosk.begin())["user_code"]
    for _ in range(USER_CODES_PER_PERSON.attempts):
        assert (await look_up(phone, "BBBB-BBBB")).status_code == 409
    stopped = await look_up(phone, code)
    assert (stopped.status_code, read_page(stopped).faults()) == (429, [])
    assert int(stopped.headers["Retry-After"]) > 0


async def test_looking_a_right_code_up_again_and_again_uses_nothing_up(kiosk: Kiosk, phone: httpx.AsyncClient) -> None:
    code = (await kiosk.begin())["user_code"]
    for _ in range(USER_CODES_PER_PERSON.attempts + 2):
        assert (await phone.get("/device", params={"user_code": code})).status_code == 200


async def test_attack_nobody_but_a_kiosk_in_service_begins_or_collects(provider: Provider, kiosk: Kiosk, phone: httpx.AsyncClient) -> None:
    window = await put_device(provider, "window-1")
    made = await provider.put_client("desk", kind="confidential")
    for auth, status, error in (
        ((f"kiosk-{window['id']}", window["secret"]), 401, "invalid_client"),
        ((kiosk.id, "wrong" * 8), 401, "invalid_client"),
        (("kiosk-1", kiosk.secret), 401, "invalid_client"),
        (("desk", made.json()["secret"]), 400, "unauthorized_client"),
    ):
        answer = await provider.http.post("/device-authorization", auth=auth)
        assert (answer.status_code, answer.json()["error"]) == (status, error)
    public = await provider.http.post("/device-authorization", data={"client_id": "tongban-demo"})
    assert public.json()["error"] == "unauthorized_client"
    code = (await kiosk.begin())["user_code"]
    other = Kiosk(provider, await put_device(provider, "kiosk-2", kind="kiosk", name="二号自助机"))
    await decide(phone, code)
    other.begun = kiosk.begun
    assert await other.told() == "invalid_grant"
    assert (await kiosk.ask()).status_code == 200


async def test_attack_a_kiosk_acts_for_nobody_but_who_confirmed_it(provider: Provider, kiosk: Kiosk) -> None:
    assert (await kiosk.token(grant_type="client_credentials")).json()["error"] == "unauthorized_client"
    assert (await provider.ask(client_id=kiosk.id)).status_code == 400
    asked = await provider.http.post("/introspect", data={"token": "x"}, auth=(kiosk.id, kiosk.secret))
    assert asked.status_code == 401
    named = await provider.http.put(
        f"/clients/{kiosk.id}", json={"name": "x", "kind": "confidential", "scopes": [], "redirect_uris": ["https://a.example/b"]},
        headers=provider.admin,
    )  # fmt: skip
    assert [(one["pointer"], one["code"]) for one in named.json()["errors"]] == [("path:client_id", "reserved")]


async def test_attack_a_kiosk_reported_stolen_is_shown_to_nobody_and_gets_nothing(
    provider: Provider, kiosk: Kiosk, phone: httpx.AsyncClient
) -> None:
    await decide(phone, (await kiosk.begin())["user_code"])
    code = (await kiosk.begin())["user_code"]
    asked = read_page(await look_up(phone, code))
    await put_device(provider, "kiosk-1", kind="kiosk", name="一号自助机", is_active=False)
    assert (await look_up(phone, code)).status_code == 409
    assert (await phone.post("/device/answer", data={**asked.hidden, "decision": "agree"})).status_code == 409
    assert (await kiosk.ask()).status_code == 401


async def test_attack_a_form_the_telephone_was_not_shown_agrees_to_nothing(
    provider: Provider, kiosk: Kiosk, phone: httpx.AsyncClient
) -> None:
    code = (await kiosk.begin())["user_code"]
    form = {**read_page(await look_up(phone, code)).hidden, "decision": "agree"}
    assert (await phone.post("/device/answer", data=form, headers={"Sec-Fetch-Site": "cross-site"})).status_code == 403
    assert (await phone.post("/device", data={"user_code": code}, headers={"Sec-Fetch-Site": "cross-site"})).status_code == 403
    assert (await phone.post("/device/answer", data={**form, "confirmation": "0" * 32})).status_code == 403
    second = (await kiosk.begin())["user_code"]
    assert (await phone.post("/device/answer", data={**form, "user_code": second})).status_code == 403
    async with another_browser(provider) as other:
        assert (await other.post("/device/answer", data=form)).status_code == 403
        await provider.sign_up(LI, phone="13900000002")
        await sign_on(other, LI.citizen_id)
        assert (await other.post("/device/answer", data=form)).status_code == 403
    assert await kiosk.told() == "authorization_pending"


async def test_staff_are_told_to_use_their_own_account(provider: Provider, kiosk: Kiosk) -> None:
    await provider.put_staff()
    await sign_on(provider.http, "clerk.zhao")
    answer = await provider.http.get("/device", params={"user_code": (await kiosk.begin())["user_code"]})
    assert (answer.status_code, read_page(answer).headings) == (403, ["请用本人账号登录"])


async def test_attack_what_is_kept_of_a_code_is_worth_nothing_to_who_steals_the_table(provider: Provider, kiosk: Kiosk) -> None:
    begun = await kiosk.begin()
    async with provider.service.runtime.db.read() as tx:
        rows = str(await tx.all(text("SELECT * FROM device_grants")))
    assert begun["device_code"] not in rows
    assert begun["user_code"].replace("-", "") not in rows

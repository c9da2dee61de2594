"""Signing in by a code sent to the phone: what it takes, what it tells of nobody, and what guessing gets."""

import asyncio
from datetime import timedelta
import re
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from borders.app import Behaviour
from services.identity.clients.messages import Messages
from services.identity.commands.forget_expired import forget_expired
from services.identity.rules.sign_in_codes import CODES_PER_PHONE, CODES_PER_SOURCE, MOST_TRIES
from tests.identity.api.test_sign_in import PageReader
from tests.identity.provider import LI, WANG, Provider, redirect_parameters, request_parameters
from tests.support.waiting import until

PHONE = "13900000001"


@pytest.fixture
async def provider(provider: Provider) -> Provider:
    """With 王小明, whose phone is confirmed."""
    await provider.sign_up(phone=PHONE)
    await confirm_phones(provider)
    return provider


async def confirm_phones(provider: Provider) -> None:
    """Everybody's; how people do it themselves is tested with recovery."""
    async with provider.service.runtime.db.write() as tx:
        await tx.execute(text("UPDATE people SET phone_confirmed_at = now()"))


def messages_of(provider: Provider) -> Messages:
    found: Messages = provider.service.runtime.parts["identity"].messages
    return found


def let_messages(provider: Provider, **behaviour: Any) -> None:
    provider.border.state.behaviours["message-gateway"] = Behaviour(**behaviour)


async def ask_for_code(provider: Provider, phone: str = PHONE, **change: str) -> httpx.Response:
    return await provider.http.post("/authorize/code", data={**request_parameters(**change), "phone": phone})


async def sent_codes(provider: Provider, count: int = 1) -> list[str]:
    await until(lambda: _has(provider, count))
    found = [re.search(r"\d{6}", message.text) for message in provider.border.state.messages]
    return [match.group() for match in found if match]


async def _has(provider: Provider, count: int) -> bool:
    return len(provider.border.state.messages) >= count


def form_of(page: httpx.Response) -> dict[str, str]:
    return {name: str(one.get("value") or "") for name, one in PageReader(page.text).inputs.items()}


async def check(provider: Provider, page: httpx.Response, code: str, **change: str) -> httpx.Response:
    return await provider.http.post("/authorize/code/check", data={**form_of(page), "code": code, **change})


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


async def test_a_code_sent_to_the_phone_on_record_signs_its_person_in_and_the_id_token_says_how(provider: Provider) -> None:
    page = await ask_for_code(provider, " 139-0000 0001 ")
    [code] = await sent_codes(provider)
    answer = await check(provider, page, f" {code[:3]} {code[3:]} ")
    assert answer.status_code == 303, answer.text
    back = redirect_parameters(answer)
    assert back["state"] == "st&te"
    claims = provider.claims((await provider.redeem(back["code"])).json()["id_token"])
    assert (claims["amr"], claims["acr"], claims["name"]) == (["otp"], "urn:tongban:assurance:2", WANG.name)
    again = redirect_parameters(await provider.ask(prompt="none"))
    assert provider.claims((await provider.redeem(again["code"])).json()["id_token"])["amr"] == ["otp"]


async def test_a_password_is_told_as_one(provider: Provider) -> None:
    tokens = await provider.tokens(WANG.citizen_id)
    assert provider.claims(tokens["id_token"])["amr"] == ["pwd"]
    refreshed = await provider.token(grant_type="refresh_token", client_id="tongban-demo", refresh_token=tokens["refresh_token"])
    assert provider.claims(refreshed.json()["id_token"])["amr"] == ["pwd"]


async def test_the_message_warns_and_is_bound_to_our_origin(provider: Provider) -> None:
    await ask_for_code(provider)
    [code] = await sent_codes(provider)
    [message] = provider.border.state.messages
    assert message.phone == PHONE
    assert "工作人员不会向您索要验证码" in message.text
    assert message.text.endswith(f"\n\n@127.0.0.1 #{code}")


async def test_who_reads_english_gets_english(provider: Provider) -> None:
    await ask_for_code(provider, ui_locales="en")
    await sent_codes(provider)
    assert "is your sign-in code" in provider.border.state.messages[0].text


async def test_the_database_holds_no_code_that_could_be_read(provider: Provider) -> None:
    await ask_for_code(provider)
    [code] = await sent_codes(provider)
    async with provider.service.runtime.db.read() as tx:
        rows = str(await tx.all(text("SELECT digest FROM sign_in_codes")))
    assert code not in rows and "139" not in rows


async def test_a_code_is_good_once(provider: Provider) -> None:
    page = await ask_for_code(provider)
    [code] = await sent_codes(provider)
    answers = await asyncio.gather(*(check(provider, page, code) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [303, 401, 401, 401]


async def test_a_code_is_good_for_five_minutes(provider: Provider) -> None:
    page = await ask_for_code(provider)
    [code] = await sent_codes(provider)
    provider.service.clock.advance(timedelta(minutes=5))
    answer = await check(provider, page, code)
    assert answer.status_code == 401
    assert "验证码不正确或已失效" in answer.text
    async with provider.service.runtime.db.write() as tx:
        provider.service.clock.advance(timedelta(seconds=1))
    async with provider.service.runtime.db.write() as tx:
        assert await forget_expired(tx) >= 1
        assert await tx.scalar(text("SELECT count(*) FROM sign_in_codes")) == 0


async def test_attack_guessing_a_code_ends_it_after_five_tries_also_at_once(provider: Provider) -> None:
    page = await ask_for_code(provider)
    [code] = await sent_codes(provider)
    wrong = await asyncio.gather(*(check(provider, page, other_than(code)) for _ in range(MOST_TRIES)))
    assert {answer.status_code for answer in wrong} == {401}
    assert (await check(provider, page, code)).status_code == 401


async def test_a_mistake_leaves_the_code_good(provider: Provider) -> None:
    page = await ask_for_code(provider)
    [code] = await sent_codes(provider)
    wrong = await check(provider, page, other_than(code))
    assert 'role="alert"' in wrong.text
    assert (await check(provider, wrong, code)).status_code == 303


async def test_attack_a_code_of_one_page_does_not_open_another(provider: Provider) -> None:
    await provider.sign_up(LI, phone="13900000002")
    await confirm_phones(provider)
    own = await ask_for_code(provider, "13900000002")
    [code] = await sent_codes(provider)
    foreign = await ask_for_code(provider)
    await sent_codes(provider, 2)
    assert code != (await sent_codes(provider, 2))[1]
    assert (await check(provider, foreign, code)).status_code == 401
    assert (await check(provider, foreign, code, phone="13900000002")).status_code == 401
    answer = await check(provider, own, code, phone=PHONE)  # the number in the form is for show
    claims = provider.claims((await provider.redeem(redirect_parameters(answer)["code"])).json()["id_token"])
    assert claims["name"] == LI.name


async def test_attack_asking_tells_nobody_which_numbers_have_an_account(provider: Provider) -> None:
    known, unknown = await ask_for_code(provider), await ask_for_code(provider, "13800000009")
    [code] = await sent_codes(provider)

    def shape(page: httpx.Response) -> tuple[int, str]:
        return page.status_code, re.sub(r"[0-9a-f-]{36}|1[0-9]{10}|139\*\*\*\*0001|138\*\*\*\*0009", "…", page.text)

    assert shape(known) == shape(unknown)
    assert shape(await check(provider, known, other_than(code))) == shape(await check(provider, unknown, "123456"))
    limits = [await ask_for_code(provider, phone) for phone in (PHONE, "13800000009") for _ in range(CODES_PER_PHONE.attempts)]
    assert [answer.status_code for answer in limits] == [200, 200, 200, 429] * 2


async def test_attack_the_answer_does_not_wait_for_the_message_and_so_tells_nothing(provider: Provider) -> None:
    let_messages(provider, delay_ms=60_000)
    assert (await ask_for_code(provider)).status_code == 200
    assert len(messages_of(provider)._sending) == 1


async def test_a_number_of_two_accounts_gets_no_code(provider: Provider) -> None:
    await provider.sign_up(LI, phone=PHONE)
    await confirm_phones(provider)
    assert (await ask_for_code(provider)).status_code == 200
    await messages_of(provider).settle()
    assert provider.border.state.messages == []


async def test_a_number_nobody_confirmed_gets_no_code(provider: Provider) -> None:
    await provider.sign_up(LI, phone="13900000002")
    assert (await ask_for_code(provider, "13900000002")).status_code == 200
    await messages_of(provider).settle()
    assert provider.border.state.messages == []
    await provider.sign_up(LI, phone=PHONE)  # nor does a number typed in by mistake take its owner's codes away
    await ask_for_code(provider)
    assert len(await sent_codes(provider)) == 1


async def test_one_phone_is_not_rung_all_night_and_one_source_cannot_ring_all_phones(provider: Provider) -> None:
    statuses = [(await ask_for_code(provider)).status_code for _ in range(CODES_PER_PHONE.attempts + 1)]
    assert statuses == [200] * CODES_PER_PHONE.attempts + [429]
    limited = await ask_for_code(provider)
    assert limited.headers["Retry-After"] == "900"
    assert "约 15 分钟后" in limited.text
    assert (await provider.submit_sign_in(WANG.citizen_id)).status_code == 303
    left = CODES_PER_SOURCE.attempts - CODES_PER_PHONE.attempts - 2
    for number in range(left):
        assert (await ask_for_code(provider, f"1380000{number:04}")).status_code == 200
    assert (await ask_for_code(provider, "13811111111")).status_code == 429
    provider.service.clock.advance(timedelta(minutes=15))
    assert (await ask_for_code(provider)).status_code == 200


async def test_while_the_message_service_is_down_everybody_is_shown_to_the_other_ways(provider: Provider) -> None:
    messages = messages_of(provider)
    let_messages(provider, mode="down")
    for _ in range(3):
        assert (await ask_for_code(provider)).status_code == 200
        await messages.settle()
    known, unknown = await ask_for_code(provider), await ask_for_code(provider, "13800000009")
    assert (known.status_code, unknown.status_code) == (503, 503)
    assert "请改用其他登录方式" in known.text


async def test_a_slow_message_service_is_given_up_on(provider: Provider) -> None:
    messages = messages_of(provider)
    let_messages(provider, delay_ms=5_000)
    messages._seconds = 0.3
    for _ in range(3):
        await ask_for_code(provider)
    await messages.settle()
    assert not messages.takes_more()


@pytest.mark.parametrize("phone", ["", "12345", "110101199001011234", "1390000000x"])
async def test_what_is_no_mobile_number_is_told_so_and_not_counted(provider: Provider, phone: str) -> None:
    answer = await ask_for_code(provider, phone)
    assert answer.status_code == 422
    assert form_of(answer)["phone"] == phone
    assert "请输入 11 位手机号" in answer.text


@pytest.mark.parametrize("code_id", ["", "rubbish", "00000000-0000-4000-8000-000000000000"])
async def test_a_made_up_page_opens_nothing(provider: Provider, code_id: str) -> None:
    form = {**request_parameters(), "phone": PHONE, "code_id": code_id, "code": "123456"}
    assert (await provider.http.post("/authorize/code/check", data=form)).status_code == 401


@pytest.mark.parametrize("path", ["/authorize/code", "/authorize/code/check"])
async def test_attack_another_sites_form_is_refused(provider: Provider, path: str) -> None:
    form = {**request_parameters(), "phone": PHONE}
    answer = await provider.http.post(path, data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/authorize/code", "/authorize/code/check"])
async def test_an_unknown_client_is_a_dead_end(provider: Provider, path: str) -> None:
    assert (await provider.http.post(path, data={**request_parameters(client_id="nobody"), "phone": PHONE})).status_code == 400

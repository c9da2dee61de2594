"""A number is confirmed by a code that came back from it, and by nothing else that somebody types."""

import asyncio
from datetime import timedelta
import re
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from borders.app import Behaviour
from borders.records import PersonRecord
from services.identity.rules.one_time_codes import LIFETIME, MOST_TRIES
from services.identity.rules.sign_in_codes import CODES_PER_PHONE
from tests.identity.provider import LI, PASSWORD, WANG, Provider, bearer, citizen_number
from tests.support.waiting import until

MINE, THEIRS = "13900000001", "13900000002"


def sent_to(provider: Provider, phone: str) -> list[str]:
    return [message.text for message in provider.border.state.messages if message.phone == phone]


async def check_of(provider: Provider, phone: str = MINE) -> dict[str, str]:
    """A check with the code that came."""
    before = len(sent_to(provider, phone))
    answer = await provider.http.post("/phone-checks", json={"phone": phone})
    assert answer.status_code == 201, answer.text
    await until(lambda: len(sent_to(provider, phone)) > before)
    found = re.search(r"\b[0-9]{6}\b", sent_to(provider, phone)[-1])
    assert found is not None
    return {"id": answer.json()["id"], "code": found.group()}


async def codes_sent_for_signing_in(provider: Provider, phone: str) -> int:
    before = len(sent_to(provider, phone))
    recovery = await provider.http.post("/recoveries", json={"login": phone})
    assert recovery.status_code == 202
    return len(sent_to(provider, phone)) - before


async def token_of(provider: Provider, scope: str = "openid identity.account", login: str = WANG.citizen_id) -> dict[str, str]:
    return bearer((await provider.tokens(login, scope=scope))["access_token"])


async def change(provider: Provider, phone: str, check: dict[str, str], headers: dict[str, str]) -> httpx.Response:
    return await provider.http.put("/me/phone", json={"phone": phone, "check": check}, headers=headers)


def assert_refused(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:tongban:problem:one-time-code-refused")


async def test_a_number_confirmed_at_sign_up_gets_its_owner_back_in_at_once(provider: Provider) -> None:
    answer = await provider.sign_up(phone_check=await check_of(provider))
    assert answer.status_code == 201, answer.text
    assert await codes_sent_for_signing_in(provider, MINE) == 1


async def test_a_number_only_typed_at_sign_up_opens_nothing(provider: Provider) -> None:
    await provider.sign_up()
    assert await codes_sent_for_signing_in(provider, MINE) == 0


async def test_attack_another_numbers_code_or_a_wrong_one_confirms_nothing(provider: Provider) -> None:
    check = await check_of(provider, THEIRS)
    assert_refused(await provider.sign_up(phone_check=check))
    mine = await check_of(provider)
    wrong = "000000" if mine["code"] != "000000" else "000001"
    assert_refused(await provider.sign_up(phone_check={**mine, "code": wrong}))
    assert_refused(await provider.sign_up(phone_check={**mine, "id": str(uuid4())}))
    assert await provider.service.emitted() == []


async def test_attack_guessing_a_code_ends_the_check(provider: Provider) -> None:
    check = await check_of(provider)
    guesses = [f"{(int(check['code']) + 1 + n) % 1_000_000:06d}" for n in range(MOST_TRIES)]
    answers = await asyncio.gather(*(provider.sign_up(phone_check={**check, "code": guess}) for guess in guesses))
    assert {answer.status_code for answer in answers} == {422}
    assert_refused(await provider.sign_up(phone_check=check))


async def test_attack_one_check_confirms_one_account_also_at_once(provider: Provider) -> None:
    check = await check_of(provider)
    others = [PersonRecord(f"孙{n}", citizen_number(50 + n)) for n in range(3)]
    answers = await asyncio.gather(*(provider.sign_up(one, phone_check=check) for one in others))
    assert sorted(answer.status_code for answer in answers) == [201, 422, 422]


async def test_a_code_is_good_for_ten_minutes_and_a_sign_up_sent_twice_is_one(provider: Provider) -> None:
    check = await check_of(provider)
    provider.service.clock.advance(LIFETIME)
    assert_refused(await provider.sign_up(phone_check=check))
    body = {"name": WANG.name, "citizen_id": WANG.citizen_id, "phone": MINE, "password": PASSWORD, "phone_check": await check_of(provider)}
    headers = {"Idempotency-Key": str(uuid4())}
    first, second = [await provider.http.post("/people", json=body, headers=headers) for _ in range(2)]
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert second.headers["Idempotent-Replay"] == "true"


async def test_who_confirmed_a_number_signs_in_by_it_whoever_else_typed_it(provider: Provider) -> None:
    await provider.sign_up(phone_check=await check_of(provider))
    await provider.sign_up(LI, phone=MINE, password="another password")
    assert (await provider.submit_sign_in(MINE)).status_code == 303
    assert (await provider.submit_sign_in(MINE, "another password")).status_code == 401


async def test_a_number_is_changed_to_one_that_is_shown_to_be_ones_own_and_the_one_before_is_told(provider: Provider) -> None:
    await provider.sign_up(phone_check=await check_of(provider))
    answer = await change(provider, THEIRS, await check_of(provider, THEIRS), await token_of(provider))
    assert (answer.status_code, answer.json()) == (200, {"phone_masked": "139****0002"})
    await until(lambda: "139****0002" in sent_to(provider, MINE)[-1])
    assert (await codes_sent_for_signing_in(provider, MINE), await codes_sent_for_signing_in(provider, THEIRS)) == (0, 1)
    assert (await provider.submit_sign_in(THEIRS)).status_code == 303


async def test_attack_a_token_that_may_not_keep_the_account_changes_no_number(provider: Provider) -> None:
    await provider.sign_up()
    check = await check_of(provider, THEIRS)
    assert (await change(provider, THEIRS, check, await token_of(provider, "identity.self"))).status_code == 403
    assert_refused(await change(provider, MINE, check, await token_of(provider)))
    assert (await change(provider, THEIRS, check, await token_of(provider))).status_code == 200
    assert_refused(await change(provider, THEIRS, check, await token_of(provider)))


async def test_one_phone_is_not_rung_all_night(provider: Provider) -> None:
    for _ in range(CODES_PER_PHONE.attempts):
        assert (await provider.http.post("/phone-checks", json={"phone": MINE})).status_code == 201
    answer = await provider.http.post("/phone-checks", json={"phone": MINE})
    assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (429, True)


async def test_neither_number_nor_code_is_kept_and_checks_are_forgotten(provider: Provider) -> None:
    from services.identity.commands.forget_expired import forget_expired

    check = await check_of(provider)
    async with provider.service.runtime.db.read() as tx:
        rows: Any = str(await tx.all(text("SELECT * FROM phone_checks")))
    assert MINE not in rows
    assert f"'{check['code']}'" not in rows
    provider.service.clock.advance(LIFETIME + timedelta(seconds=1))
    async with provider.service.runtime.db.write() as tx:
        await forget_expired(tx)
        assert await tx.scalar(text("SELECT count(*) FROM phone_checks")) == 0


@pytest.mark.parametrize("phone", ["12345", "", "1390000000a", "23900000001", None, 13900000001])
async def test_what_is_no_mobile_number_is_pointed_at(provider: Provider, phone: object) -> None:
    provider.border.state.behaviour = Behaviour()
    answer = await provider.http.post("/phone-checks", json={"phone": phone})
    assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (422, ["/phone"])

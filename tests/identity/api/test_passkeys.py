"""Passkeys: registered from one's account, signing in without a word typed, and what forged or copied ones get."""

import asyncio
from datetime import timedelta
import json
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from services.identity.commands.forget_expired import forget_expired
from services.identity.rules.passkeys import MOST_PASSKEYS
from tests.identity.authenticator import Authenticator, to_base64url
from tests.identity.pages import read_page
from tests.identity.provider import LI, WANG, Provider, bearer, redirect_parameters, request_parameters

ORIGIN, HOST = "http://127.0.0.1:8000", "127.0.0.1"


@pytest.fixture
async def provider(provider: Provider) -> Provider:
    provider.follow_keys()
    await provider.sign_up()
    return provider


def authenticator() -> Authenticator:
    return Authenticator(ORIGIN, HOST)


async def account(provider: Provider, login: str = WANG.citizen_id) -> dict[str, str]:
    return bearer((await provider.tokens(login, scope="openid identity.account"))["access_token"])


async def creation_options(provider: Provider, who: dict[str, str]) -> dict[str, Any]:
    answer = await provider.http.post("/me/passkeys/options", headers=who)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def register(provider: Provider, device: Authenticator, who: dict[str, str], name: str = "我的手机") -> httpx.Response:
    credential = device.create(await creation_options(provider, who))
    return await provider.http.post("/me/passkeys", json={"name": name, "credential": credential}, headers=who)


async def request_options(provider: Provider) -> dict[str, Any]:
    answer = await provider.http.post("/authorize/passkey/options")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def sign_in_with(provider: Provider, credential: object, **change: str) -> httpx.Response:
    form = {**request_parameters(**change), "credential": credential if isinstance(credential, str) else json.dumps(credential)}
    return await provider.http.post("/authorize/passkey", data=form)


@pytest.fixture
async def device(provider: Provider) -> Authenticator:
    device = authenticator()
    answer = await register(provider, device, await account(provider))
    assert answer.status_code == 201, answer.text
    provider.forget_cookies()
    return device


async def test_a_passkey_signs_its_person_in_and_the_id_token_says_how(provider: Provider, device: Authenticator) -> None:
    answer = await sign_in_with(provider, device.get(await request_options(provider)))
    assert answer.status_code == 303, answer.text
    tokens = (await provider.redeem(redirect_parameters(answer)["code"])).json()
    claims = provider.claims(tokens["id_token"])
    assert (claims["name"], claims["amr"], claims["acr"]) == (WANG.name, ["pop", "mfa"], "urn:tongban:assurance:2")
    assert "code" in redirect_parameters(await provider.ask(prompt="none"))


async def test_what_is_asked_of_the_authenticator(provider: Provider, device: Authenticator) -> None:
    who = await account(provider)
    made = await creation_options(provider, who)
    assert made["rp"] == {"id": HOST, "name": "通办 Tongban"}
    assert (made["attestation"], made["authenticatorSelection"]["userVerification"]) == ("none", "required")
    assert made["authenticatorSelection"]["residentKey"] == "required"
    assert [one["id"] for one in made["excludeCredentials"]] == [to_base64url(device.credential_id)]
    used = await request_options(provider)
    assert (used["rpId"], used["userVerification"], used["allowCredentials"]) == (HOST, "required", [])


async def test_a_person_has_several_passkeys_by_name_and_removes_one(provider: Provider, device: Authenticator) -> None:
    who = await account(provider)
    other = authenticator()
    second = (await register(provider, other, who, "办公电脑")).json()
    listed = (await provider.http.get("/me/passkeys", headers=who)).json()["data"]
    assert [one["name"] for one in listed] == ["我的手机", "办公电脑"]
    assert listed[1] == second
    removed = await provider.http.delete(f"/me/passkeys/{listed[0]['id']}", headers=who)
    assert removed.status_code == 204
    assert (await sign_in_with(provider, device.get(await request_options(provider)))).status_code == 401
    provider.service.clock.advance(timedelta(minutes=1))
    assert (await sign_in_with(provider, other.get(await request_options(provider)))).status_code == 303
    [left] = (await provider.http.get("/me/passkeys", headers=who)).json()["data"]
    assert left["last_used_at"] > left["created_at"]


async def test_a_member_of_staff_signs_in_by_passkey(provider: Provider) -> None:
    await provider.put_department()
    await provider.put_staff()
    device = authenticator()
    assert (await register(provider, device, await account(provider, "clerk.zhao"))).status_code == 201
    answer = await sign_in_with(provider, device.get(await request_options(provider)))
    claims = provider.claims((await provider.redeem(redirect_parameters(answer)["code"])).json()["access_token"])
    assert (claims["name"], claims["actor_kind"]) == ("赵窗口", "staff")


async def test_the_page_offers_a_button_and_runs_no_script_but_its_own(provider: Provider) -> None:
    page = read_page(await provider.ask(way="passkey"))
    assert page.faults() == []
    assert len(page.scripts) == 1 and "navigator.credentials" in page.scripts[0]
    assert "script-src 'sha256-" in page.policy and "'unsafe" not in page.policy
    wrong = await sign_in_with(provider, "{}")
    assert read_page(wrong).faults() == []
    assert "没有登记或已移除" in wrong.text


async def test_attack_a_page_at_another_origin_cannot_use_a_passkey(provider: Provider, device: Authenticator) -> None:
    options = await request_options(provider)
    assert (await sign_in_with(provider, device.get(options, origin="http://127.0.0.1:8001"))).status_code == 401


async def test_attack_a_passkey_of_another_site_is_none_here(provider: Provider, device: Authenticator) -> None:
    device.rp_id = "127.0.0.1.example"
    assert (await sign_in_with(provider, device.get(await request_options(provider)))).status_code == 401


async def test_attack_a_replayed_answer_signs_nobody_in(provider: Provider, device: Authenticator) -> None:
    credential = device.get(await request_options(provider))
    answers = await asyncio.gather(*(sign_in_with(provider, credential) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [303, 401, 401]


async def test_attack_a_challenge_is_used_up_by_a_failure_too(provider: Provider, device: Authenticator) -> None:
    options = await request_options(provider)
    assert (await sign_in_with(provider, device.get(options, origin="https://evil.example"))).status_code == 401
    assert (await sign_in_with(provider, device.get(options))).status_code == 401


async def test_attack_an_answer_to_a_challenge_of_ones_own_is_refused(provider: Provider, device: Authenticator) -> None:
    assert (await sign_in_with(provider, device.get({"challenge": to_base64url(bytes(32))}))).status_code == 401


async def test_a_challenge_is_good_for_five_minutes(provider: Provider, device: Authenticator) -> None:
    options = await request_options(provider)
    provider.service.clock.advance(timedelta(minutes=5))
    assert (await sign_in_with(provider, device.get(options))).status_code == 401
    await request_options(provider)
    provider.service.clock.advance(timedelta(minutes=5, seconds=1))
    async with provider.service.runtime.db.write() as tx:
        await forget_expired(tx)
        assert await tx.scalar(text("SELECT count(*) FROM passkey_challenges")) == 0


async def test_attack_somebody_elses_credential_id_under_ones_own_key(provider: Provider, device: Authenticator) -> None:
    thief = authenticator()
    thief.credential_id, thief.user_handle = device.credential_id, device.user_handle
    assert (await sign_in_with(provider, thief.get(await request_options(provider)))).status_code == 401


async def test_attack_ones_own_passkey_with_somebody_elses_user_handle(provider: Provider, device: Authenticator) -> None:
    await provider.sign_up(LI, phone="13900000002")
    own = authenticator()
    await register(provider, own, await account(provider, LI.citizen_id))
    own.user_handle = device.user_handle
    assert (await sign_in_with(provider, own.get(await request_options(provider)))).status_code == 401
    own.user_handle = b""
    assert (await sign_in_with(provider, own.get(await request_options(provider)))).status_code == 401


@pytest.mark.parametrize("count", [0, 6, 7])
async def test_attack_a_copy_that_counts_behind_the_original_is_found_out(provider: Provider, device: Authenticator, count: int) -> None:
    device.sign_count = 6
    assert (await sign_in_with(provider, device.get(await request_options(provider)))).status_code == 303
    device.sign_count = count - 1
    assert (await sign_in_with(provider, device.get(await request_options(provider)))).status_code == 401
    device.sign_count = 7
    assert (await sign_in_with(provider, device.get(await request_options(provider)))).status_code == 303


async def test_an_authenticator_that_does_not_count_is_welcome(provider: Provider, device: Authenticator) -> None:
    for _ in range(2):
        device.sign_count = -1
        assert (await sign_in_with(provider, device.get(await request_options(provider)))).status_code == 303


async def test_attack_a_found_key_without_its_pin_signs_nobody_in(provider: Provider, device: Authenticator) -> None:
    device.verifies_user = False
    assert (await sign_in_with(provider, device.get(await request_options(provider)))).status_code == 401


async def test_attack_a_signature_over_something_else(provider: Provider, device: Authenticator) -> None:
    forged, other = [device.get(await request_options(provider)) for _ in range(2)]
    forged["response"]["signature"] = other["response"]["signature"]
    assert (await sign_in_with(provider, forged)).status_code == 401


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_attack_another_sites_form_is_refused(provider: Provider, device: Authenticator, site: str) -> None:
    form = {**request_parameters(), "credential": json.dumps(device.get(await request_options(provider)))}
    answer = await provider.http.post("/authorize/passkey", data=form, headers={"Sec-Fetch-Site": site})
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


RUBBISH: list[Any] = [
    "",
    "[",
    "[]",
    "{}",
    '{"rawId":1,"response":2}',
    '{"id":"!","rawId":"!","response":{"clientDataJSON":"e30"}}',
    '{"response":{"clientDataJSON":"eyJjaGFsbGVuZ2UiOjF9"}}',
    '{"response":null,"rawId":null}',
    "[" * 2000,
]


@pytest.mark.parametrize("rubbish", RUBBISH)
async def test_rubbish_is_no_passkey(provider: Provider, rubbish: str) -> None:
    assert (await sign_in_with(provider, rubbish)).status_code == 401


@pytest.mark.parametrize("field", ["authenticatorData", "signature", "clientDataJSON", "userHandle"])
@pytest.mark.parametrize("value", ["", "AA", "AAAA" * 30, "+/", 7, None])
async def test_rubbish_in_a_real_answer_is_a_no_and_never_a_fault(
    provider: Provider, device: Authenticator, field: str, value: object
) -> None:
    credential = device.get(await request_options(provider))
    credential["response"][field] = value
    assert (await sign_in_with(provider, credential)).status_code == 401


@pytest.mark.parametrize("field", ["attestationObject", "clientDataJSON"])
@pytest.mark.parametrize("value", ["", "AA", "oWNmbXRkbm9uZQ", "v2NmbXQ", "-_-_" * 50, 7])
async def test_rubbish_is_not_registered(provider: Provider, field: str, value: object) -> None:
    who = await account(provider)
    credential = authenticator().create(await creation_options(provider, who))
    credential["response"][field] = value
    answer = await provider.http.post("/me/passkeys", json={"name": "x", "credential": credential}, headers=who)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:tongban:problem:passkey-refused")


async def test_attack_a_registration_for_a_challenge_of_somebody_else(provider: Provider) -> None:
    await provider.sign_up(LI, phone="13900000002")
    wang, li = await account(provider), await account(provider, LI.citizen_id)
    credential = authenticator().create(await creation_options(provider, wang))
    answer = await provider.http.post("/me/passkeys", json={"name": "x", "credential": credential}, headers=li)
    assert answer.status_code == 422
    for_signing_in = await request_options(provider)
    credential = authenticator().create({**await creation_options(provider, li), "challenge": for_signing_in["challenge"]})
    answer = await provider.http.post("/me/passkeys", json={"name": "x", "credential": credential}, headers=li)
    assert answer.status_code == 422


@pytest.mark.parametrize("told", [{"origin": "https://evil.example"}, {"type": "webauthn.get"}])
async def test_attack_a_registration_made_elsewhere(provider: Provider, told: dict[str, str]) -> None:
    who = await account(provider)
    credential = authenticator().create(await creation_options(provider, who), **told)
    assert (await provider.http.post("/me/passkeys", json={"name": "x", "credential": credential}, headers=who)).status_code == 422


async def test_a_passkey_without_user_verification_is_not_registered(provider: Provider) -> None:
    device = authenticator()
    device.verifies_user = False
    assert (await register(provider, device, await account(provider))).status_code == 422


async def test_attack_a_credential_of_another_account_is_not_taken_over(provider: Provider, device: Authenticator) -> None:
    await provider.sign_up(LI, phone="13900000002")
    li = await account(provider, LI.citizen_id)
    answer = await register(provider, device, li)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:tongban:problem:passkey-exists")
    listed = (await provider.http.get("/me/passkeys", headers=await account(provider))).json()["data"]
    assert (await provider.http.delete(f"/me/passkeys/{listed[0]['id']}", headers=li)).status_code == 404


async def test_ten_passkeys_are_enough(provider: Provider) -> None:
    who = await account(provider)
    statuses = [(await register(provider, authenticator(), who)).status_code for _ in range(MOST_PASSKEYS + 1)]
    assert statuses == [201] * MOST_PASSKEYS + [409]


async def test_attack_a_token_without_the_accounts_scope_registers_nothing(provider: Provider) -> None:
    subject = UUID(provider.claims((await provider.tokens(WANG.citizen_id))["access_token"])["sub"])
    weak = provider.service.as_("person", "identity.self", "intake.apply", subject=subject)
    for method, path in (("GET", "/me/passkeys"), ("POST", "/me/passkeys/options")):
        answer = await provider.http.request(method, path, headers=weak)
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:tongban:problem:missing-scope")
    acting = provider.service.as_("organisation", "identity.account", subject=subject)
    assert (await provider.http.get("/me/passkeys", headers=acting)).status_code == 403

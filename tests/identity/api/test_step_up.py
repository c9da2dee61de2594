"""A client that needs a higher level sends its person here, who raises it and comes back; or is told why it cannot be, and goes on as they are."""

from typing import Any

import httpx
import pytest

from borders.app import Behaviour
from services.identity.rules.throttling import VERIFICATIONS_PER_PERSON
from tests.identity.pages import Page, read_page
from tests.identity.provider import CARD, FACE, LI, NOODLES, PASSWORD, WANG, Provider, bearer, redirect_parameters, request_parameters

LEVEL = "urn:tongban:assurance:"
DOWN = Behaviour(mode="down")


@pytest.fixture
async def provider(provider: Provider) -> Provider:
    provider.follow_keys()
    return provider


async def signed_on(provider: Provider, *, level: int = 2, person: Any = WANG) -> None:
    """In this browser."""
    provider.border.state.behaviour = DOWN if level == 1 else Behaviour()
    await provider.sign_up(person)
    provider.border.state.behaviour = Behaviour()
    assert (await provider.submit_sign_in(person.citizen_id)).status_code == 303


async def asked(provider: Provider, level: int, **change: str) -> Page:
    answer = await provider.ask(acr_values=f"{LEVEL}{level}", **change)
    assert answer.status_code == 200, answer.text
    return read_page(answer)


async def step_up(provider: Provider, page: Page, decision: str = "verify", **fields: str) -> httpx.Response:
    return await provider.http.post("/authorize/step-up", data={**page.hidden, "decision": decision, **fields})


async def acr_of(provider: Provider, answer: httpx.Response) -> tuple[str, str]:
    """In the id token and in the access token."""
    assert answer.status_code == 303, answer.text
    tokens = (await provider.redeem(redirect_parameters(answer)["code"])).json()
    id_token, access_token = provider.claims(tokens["id_token"]), provider.claims(tokens["access_token"])
    assert access_token["auth_time"] == id_token["auth_time"]
    return id_token["acr"].removeprefix(LEVEL), access_token["acr"].removeprefix(LEVEL)


async def test_from_a_refusal_by_way_of_the_page_back_with_a_token_that_is_let_in(provider: Provider) -> None:
    await signed_on(provider, level=1)
    tokens = (await provider.redeem(redirect_parameters(await provider.ask())["code"])).json()
    body = {"name": NOODLES.name, "uscc": NOODLES.uscc}
    refused = await provider.http.post("/organisations", json=body, headers=bearer(tokens["access_token"]))
    assert refused.status_code == 401
    challenge = dict(part.split("=", 1) for part in refused.headers["www-authenticate"].removeprefix("Bearer ").split(", "))
    assert challenge["error"] == '"insufficient_user_authentication"'
    page = read_page(await provider.ask(acr_values=challenge["acr_values"].strip('"'), scope="identity.self"))
    assert page.faults() == []
    back = redirect_parameters(await step_up(provider, page))
    assert back["state"] == "st&te"
    token = (await provider.redeem(back["code"])).json()["access_token"]
    assert (await provider.http.post("/organisations", json=body, headers=bearer(token))).status_code == 201


@pytest.mark.parametrize("field", [{"bank_card": CARD.card}, {"liveness_reference": FACE.liveness_reference}])
async def test_a_card_or_a_face_raises_to_3_and_both_tokens_say_so(provider: Provider, field: dict[str, str]) -> None:
    await signed_on(provider)
    page = await asked(provider, 3)
    assert page.faults() == []
    assert await acr_of(provider, await step_up(provider, page, **field)) == ("3", "3")
    assert await acr_of(provider, await provider.ask(acr_values=f"{LEVEL}3", prompt="none")) == ("3", "3")


async def test_who_signs_in_below_the_level_is_led_through_it_before_going_back(provider: Provider) -> None:
    await provider.sign_up()
    page = read_page(await provider.submit_sign_in(WANG.citizen_id, acr_values=f"{LEVEL}3", prompt="login"))
    assert page.headings == ["需要更高的实名等级"]
    assert await acr_of(provider, await step_up(provider, page, bank_card=CARD.card)) == ("3", "3")


async def test_consent_comes_after_the_level(provider: Provider) -> None:
    await provider.put_client("desk", asks_consent=True)
    await signed_on(provider)
    page = await asked(provider, 3, client_id="desk", scope="identity.self")
    consent = read_page(await step_up(provider, page, bank_card=CARD.card))
    assert consent.actions == ["/api/identity/v1/authorize/consent"]
    answer = await provider.http.post("/authorize/consent", data={**consent.hidden, "decision": "agree"})
    assert "code" in redirect_parameters(answer)


async def test_who_has_the_level_is_not_stopped_and_any_of_several_will_do(provider: Provider) -> None:
    await signed_on(provider)
    for values in (f"{LEVEL}2", f"{LEVEL}1", f"{LEVEL}4 {LEVEL}2", "urn:mace:incommon:iap:silver", f"{LEVEL}9"):
        assert await acr_of(provider, await provider.ask(acr_values=values)) == ("2", "2")


async def test_nobody_is_kept_who_does_not_want_to_and_the_tokens_are_truthful(provider: Provider) -> None:
    await signed_on(provider)
    assert await acr_of(provider, await step_up(provider, await asked(provider, 3), "go-on")) == ("2", "2")


@pytest.mark.parametrize(("locale", "said"), [("zh-CN", "不能在网上达到"), ("en", "cannot be reached online")])
async def test_a_level_that_cannot_be_reached_here_is_said_to_be(provider: Provider, locale: str, said: str) -> None:
    await signed_on(provider)
    page = await asked(provider, 4, ui_locales=locale)
    assert (page.faults(), page.language, len(page.buttons)) == ([], locale, 1)
    assert said in "".join(page.text)
    assert await acr_of(provider, await step_up(provider, page, "go-on")) == ("2", "2")


async def test_a_client_that_asks_without_a_page_is_told_that_the_level_is_not_met(provider: Provider) -> None:
    await signed_on(provider)
    back = redirect_parameters(await provider.ask(acr_values=f"{LEVEL}3", prompt="none"))
    assert (back["error"], back["state"]) == ("unmet_authentication_requirements", "st&te")


async def test_with_the_sources_down_the_page_says_so_and_lets_the_person_go_on(provider: Provider) -> None:
    await signed_on(provider, level=1)
    page = await asked(provider, 2)
    provider.border.state.behaviour = DOWN
    failed = await step_up(provider, page)
    assert (failed.status_code, read_page(failed).faults()) == (422, [])
    assert "暂时都不可用" in failed.text
    assert await acr_of(provider, await step_up(provider, read_page(failed), "go-on")) == ("1", "1")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "至少填写一项"),
        ({"bank_card": CARD.card[:-1] + "7"}, "银行卡号有误"),
        ({"liveness_reference": "短"}, "人脸核验编号有误"),
        ({"bank_card": CARD.card}, "不一致"),
    ],
)
async def test_what_was_wrong_is_said_and_nothing_is_kept_of_it(provider: Provider, fields: dict[str, str], said: str) -> None:
    await signed_on(provider, person=LI)
    answer = await step_up(provider, await asked(provider, 3), **fields)
    assert (answer.status_code, read_page(answer).faults()) == (422, [])
    assert said in answer.text
    assert CARD.card[:-1] not in answer.text


async def test_attack_nonsense_typed_here_does_not_make_a_source_look_down_to_everybody(provider: Provider) -> None:
    await signed_on(provider)
    page = await asked(provider, 3)
    for nonsense in ("x", "短", "a b c d e f g", "<script>", "x" * 8 + "\n") * 2:
        await step_up(provider, page, liveness_reference=nonsense)
    assert await acr_of(provider, await step_up(provider, page, liveness_reference=FACE.liveness_reference)) == ("3", "3")


async def test_attack_trying_out_cards_on_the_page_is_stopped_per_person(provider: Provider) -> None:
    await signed_on(provider, person=LI)
    page = await asked(provider, 3)
    for _ in range(VERIFICATIONS_PER_PERSON.attempts):
        assert (await step_up(provider, page, bank_card=CARD.card)).status_code == 422
    assert (await step_up(provider, page, bank_card=CARD.card)).status_code == 429


async def test_attack_a_form_nobody_was_shown_verifies_nobody(provider: Provider) -> None:
    await signed_on(provider)
    page = await asked(provider, 3)
    foreign = {**page.hidden, "decision": "verify", "bank_card": CARD.card}
    assert (await provider.http.post("/authorize/step-up", data=foreign, headers={"Sec-Fetch-Site": "cross-site"})).status_code == 403
    for change in ({"confirmation": "0" * 32}, {"confirmation": "王"}, {"acr_values": f"{LEVEL}2"}, {"scope": "openid intake.apply"}):
        answer = await provider.http.post("/authorize/step-up", data={**foreign, **change})
        assert redirect_parameters(answer)["error"] == "login_required"
    provider.forget_cookies()
    assert redirect_parameters(await step_up(provider, page))["error"] == "login_required"
    await provider.sign_up(LI, phone="13900000002")
    await provider.http.post("/authorize", data={**request_parameters(), "login": LI.citizen_id, "password": PASSWORD})
    assert redirect_parameters(await step_up(provider, page))["error"] == "login_required"


async def test_a_request_sent_ahead_steps_up_too_and_is_used_up(provider: Provider) -> None:
    await signed_on(provider)
    pushed = await provider.http.post("/par", data=request_parameters(acr_values=f"{LEVEL}3"))
    parameters = {"client_id": "tongban-demo", "request_uri": pushed.json()["request_uri"]}
    page = read_page(await provider.http.get("/authorize", params=parameters))
    assert await acr_of(provider, await step_up(provider, page, bank_card=CARD.card)) == ("3", "3")
    assert (await provider.http.get("/authorize", params=parameters)).status_code == 400


async def test_staff_are_not_known_by_levels_and_go_on(provider: Provider) -> None:
    await provider.put_department()
    await provider.put_staff()
    answer = await provider.submit_sign_in("clerk.zhao", acr_values=f"{LEVEL}3")
    assert "acr" not in provider.claims((await provider.redeem(redirect_parameters(answer)["code"])).json()["id_token"])

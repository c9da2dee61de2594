"""Being verified: at sign-up with what can be asked, later by more; told plainly, recorded without secrets."""

from typing import Any

import httpx
import pytest
from sqlalchemy import text

from borders.app import Behaviour
from services.identity.rules.throttling import VERIFICATIONS_PER_PERSON
from tests.identity.provider import CARD, FACE, LI, NOODLES, WANG, Provider, bearer

DOWN = Behaviour(mode="down")


async def token_of(provider: Provider, login: str = WANG.citizen_id) -> str:
    token: str = (await provider.tokens(login))["access_token"]
    return token


async def verify(provider: Provider, token: str, **body: Any) -> httpx.Response:
    return await provider.http.post("/me/verifications", json=body, headers=bearer(token))


async def test_with_all_sources_down_the_person_goes_on_at_level_1_and_is_told_so(provider: Provider) -> None:
    provider.border.state.behaviour = DOWN
    answer = await provider.sign_up(bank_card=CARD.card, liveness_reference=FACE.liveness_reference)
    said = answer.json()["verification"]
    assert (answer.status_code, said["assurance"], said["verdict"]) == (201, 1, "unavailable")
    assert "暂时都不可用" in said["notice"]
    assert [check["finding"] for check in said["checks"]] == ["unreachable"] * 3
    assert (await provider.http.get("/me", headers=bearer(await token_of(provider)))).json()["assurance"] == 1


async def test_with_the_population_base_down_a_card_verifies(provider: Provider) -> None:
    provider.border.state.behaviours["population-base"] = DOWN
    said = (await provider.sign_up(bank_card=f"{CARD.card[:4]} {CARD.card[4:]}")).json()["verification"]
    assert (said["assurance"], said["verdict"], said["ways_up"]) == (3, "confirmed", ["in-person"])


async def test_after_one_sources_no_nobody_else_is_asked_for_a_yes(provider: Provider) -> None:
    provider.border.state.behaviours["population-base"] = Behaviour(mode="wrong")
    answer = await provider.sign_up(bank_card=CARD.card)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:tongban:problem:identity-mismatch")


@pytest.mark.parametrize("body", [{"bank_card": CARD.card}, {"liveness_reference": FACE.liveness_reference}])
async def test_a_level_rises_later_and_is_in_the_next_token_and_told(provider: Provider, body: dict[str, str]) -> None:
    person = (await provider.sign_up()).json()
    tokens = await provider.tokens(WANG.citizen_id)
    answer = await verify(provider, tokens["access_token"], **body)
    assert (answer.status_code, answer.json()["assurance"]) == (201, 3)
    refreshed = await provider.token(grant_type="refresh_token", client_id="tongban-demo", refresh_token=tokens["refresh_token"])
    assert provider.claims(refreshed.json()["access_token"])["assurance"] == 3
    [event] = await provider.service.emitted("tongban.identity.person.verified.v1")
    assert (event["person_id"], event["assurance"], event["name_masked"]) == (person["id"], 3, "王**")
    assert WANG.citizen_id not in str(event)


async def test_who_was_self_asserted_because_of_an_outage_is_verified_afterwards(provider: Provider) -> None:
    provider.border.state.behaviour = DOWN
    await provider.sign_up()
    token = await token_of(provider)
    assert (await verify(provider, token)).json()["verdict"] == "unavailable"
    provider.border.state.behaviour = Behaviour()
    assert (await verify(provider, token)).json()["assurance"] == 2


async def test_a_no_raises_nothing_and_stays_on_record(provider: Provider) -> None:
    await provider.sign_up(LI, phone="13900000002")
    token = await token_of(provider, LI.citizen_id)
    said = (await verify(provider, token, bank_card=CARD.card)).json()
    assert (said["assurance"], said["verdict"]) == (2, "refuted")
    listed = (await provider.http.get("/me/verifications", headers=bearer(token))).json()["data"]
    assert [(row["source"], row["finding"], row["level"]) for row in listed] == [
        ("bank-channel", "mismatch", 0),
        ("population-base", "match", 2),
    ]


async def test_what_a_source_was_asked_with_is_nowhere_in_the_database(provider: Provider) -> None:
    await provider.sign_up()
    await verify(provider, await token_of(provider), bank_card=CARD.card, liveness_reference=FACE.liveness_reference)
    async with provider.service.runtime.db.read() as tx:
        tables = await tx.rows(text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"))
        kept = "".join([str(await tx.all(text(f'SELECT * FROM "{name}"'))) for (name,) in tables])
    assert "bank-channel" in kept
    for secret in (CARD.card, FACE.liveness_reference, WANG.citizen_id):
        assert secret not in kept


async def test_nothing_that_could_raise_the_level_is_a_refusal_that_says_what_could(provider: Provider) -> None:
    await provider.sign_up()
    answer = await verify(provider, await token_of(provider))
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:tongban:problem:nothing-to-verify")
    assert answer.json()["ways_up"] == ["bank-channel", "face-service", "in-person"]


async def test_a_mistyped_card_is_pointed_at_and_asks_nobody(provider: Provider) -> None:
    await provider.sign_up()
    answer = await verify(provider, await token_of(provider), bank_card=CARD.card[:-1] + "7")
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("/bank_card", "card_check_digit")]


async def test_what_demands_a_level_says_which_verification_reaches_it(provider: Provider) -> None:
    provider.border.state.behaviour = DOWN
    await provider.sign_up()
    body = {"name": NOODLES.name, "uscc": NOODLES.uscc}
    answer = await provider.http.post("/organisations", json=body, headers=bearer(await token_of(provider)))
    problem = answer.json()
    assert (answer.status_code, problem["type"], problem["needed"]) == (401, "urn:tongban:problem:assurance-too-low", 2)
    assert problem["raised_by"] == ["population-base", "bank-channel", "face-service", "in-person"]
    assert problem["step_up"] == "/api/identity/v1/me/verifications"


async def test_trying_out_cards_is_stopped_per_person(provider: Provider) -> None:
    await provider.sign_up(LI, phone="13900000002")
    token = await token_of(provider, LI.citizen_id)
    for _ in range(VERIFICATIONS_PER_PERSON.attempts):
        assert (await verify(provider, token, bank_card=CARD.card)).json()["verdict"] == "refuted"
    assert (await verify(provider, token, bank_card=CARD.card)).status_code == 429

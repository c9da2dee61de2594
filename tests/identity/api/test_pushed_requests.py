"""Requests sent ahead (PAR, RFC 9126): the browser carries a reference, good for one sign-in of one client."""

from datetime import timedelta

import httpx
import pytest

from services.identity.commands.forget_expired import forget_expired
from tests.identity.api.test_sign_in import PageReader
from tests.identity.api.test_tokens import assert_refused
from tests.identity.client_keys import SystemWithKey
from tests.identity.provider import CALLBACK, PASSWORD, WANG, Provider, redirect_parameters, request_parameters
from tests.support.possession import Holder

PREFIX = "urn:ietf:params:oauth:request_uri:"


async def push(provider: Provider, proof: str = "", **change: str) -> httpx.Response:
    return await provider.http.post("/par", data=request_parameters(**change), headers={"DPoP": proof} if proof else {})


async def pushed(provider: Provider, **change: str) -> str:
    answer = await push(provider, **change)
    assert answer.status_code == 201, answer.text
    assert answer.json()["expires_in"] == 60
    reference: str = answer.json()["request_uri"]
    assert reference.startswith(PREFIX) and len(reference) > len(PREFIX) + 40
    return reference


async def open_with(provider: Provider, reference: str, **change: str) -> httpx.Response:
    parameters = {"client_id": "tongban-demo", "request_uri": reference, **change}
    return await provider.http.get("/authorize", params=parameters)


async def submit(provider: Provider, reference: str, **change: str) -> httpx.Response:
    form = {"client_id": "tongban-demo", "request_uri": reference, "login": WANG.citizen_id, "password": PASSWORD, **change}
    return await provider.http.post("/authorize", data=form)


async def test_a_person_signs_in_with_a_request_sent_ahead(provider: Provider) -> None:
    await provider.sign_up()
    reference = await pushed(provider, state="s", nonce="ahead")
    page = PageReader((await open_with(provider, reference)).text)
    assert {name for name, one in page.inputs.items() if one["type"] == "hidden"} == {"client_id", "request_uri"}
    back = redirect_parameters(await submit(provider, reference))
    tokens = (await provider.redeem(back["code"])).json()
    assert (back["state"], provider.claims(tokens["id_token"])["nonce"]) == ("s", "ahead")


async def test_attack_what_the_browser_adds_to_a_request_sent_ahead_counts_for_nothing(provider: Provider) -> None:
    await provider.sign_up()
    reference = await pushed(provider, scope="openid identity.self")
    change = {"scope": "openid intake.apply", "redirect_uri": "https://evil.example/", "code_challenge": "x" * 43, "state": "evil"}
    assert (await open_with(provider, reference, **change)).status_code == 200
    back = redirect_parameters(await submit(provider, reference, **change))
    assert back["state"] == "st&te"
    assert (await provider.redeem(back["code"])).json()["scope"] == "identity.self openid"


async def test_attack_a_reference_used_before_is_a_dead_end(provider: Provider) -> None:
    await provider.sign_up()
    reference = await pushed(provider)
    assert "code" in redirect_parameters(await submit(provider, reference))
    for answer in (await open_with(provider, reference), await submit(provider, reference)):
        assert (answer.status_code, "location" in answer.headers) == (400, False)


@pytest.mark.parametrize("reference", ["made-up", PREFIX, PREFIX + "x" * 43, "https://evil.example/request.jwt"])
async def test_attack_a_made_up_reference_is_a_dead_end(provider: Provider, reference: str) -> None:
    assert (await open_with(provider, reference)).status_code == 400
    full = {**request_parameters(), "request_uri": reference}
    answer = await provider.http.get("/authorize", params=full)
    assert (answer.status_code, "location" in answer.headers) == (400, False)


async def test_attack_a_client_cannot_use_anothers_reference(provider: Provider) -> None:
    await provider.put_client("desk")
    reference = await pushed(provider)
    assert (await open_with(provider, reference, client_id="desk")).status_code == 400
    assert (await open_with(provider, reference, client_id="")).status_code == 400
    assert (await open_with(provider, reference)).status_code == 200


async def test_a_reference_waits_a_minute_for_the_person_who_then_has_time_to_sign_in(provider: Provider) -> None:
    await provider.sign_up()
    late, opened = await pushed(provider), await pushed(provider)
    assert (await open_with(provider, opened)).status_code == 200
    provider.service.clock.advance(timedelta(seconds=60))
    assert (await open_with(provider, late)).status_code == 400
    provider.service.clock.advance(timedelta(minutes=8))
    assert (await open_with(provider, opened)).status_code == 200
    provider.service.clock.advance(timedelta(minutes=2))
    assert (await submit(provider, opened)).status_code == 400
    async with provider.service.runtime.db.write() as tx:
        assert await forget_expired(tx) >= 2


async def test_a_client_that_has_to_send_ahead_cannot_do_otherwise(provider: Provider) -> None:
    await provider.put_client("desk", require_pushed_authorization_requests=True)
    await provider.sign_up()
    assert redirect_parameters(await provider.ask(client_id="desk"))["error"] == "invalid_request"
    assert redirect_parameters(await provider.submit_sign_in(WANG.citizen_id, client_id="desk"))["error"] == "invalid_request"
    reference = await pushed(provider, client_id="desk")
    assert (await open_with(provider, reference, client_id="desk")).status_code == 200


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"redirect_uri": "https://evil.example/"}, "invalid_request"),
        ({"redirect_uri": ""}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"request_uri": PREFIX + "x"}, "invalid_request"),
        ({"request": "eyJ.e30."}, "request_not_supported"),
    ],
)
async def test_a_request_that_would_be_refused_later_is_refused_when_it_is_sent_ahead(
    provider: Provider, change: dict[str, str], error: str
) -> None:
    assert_refused(await push(provider, **change), error)


async def test_who_sends_ahead_proves_who_it_is(provider: Provider) -> None:
    assert_refused(await push(provider, client_id="nobody"), "invalid_client", 401)
    system = SystemWithKey(provider)
    await system.register(redirect_uris=[CALLBACK])
    assert_refused(await push(provider, client_id="sys-market"), "invalid_client", 401)
    here = "http://127.0.0.1:8000/api/identity/v1/par"
    request = {name: value for name, value in request_parameters().items() if name != "client_id"}
    answer = await system.post("/par", system.assertion(aud=here), **request)
    assert answer.status_code == 201, answer.text
    assert (await open_with(provider, answer.json()["request_uri"], client_id="sys-market")).status_code == 200
    assert_refused(await system.token(system.assertion(aud=here)), "invalid_client", 401)


async def test_a_request_sent_ahead_with_a_proof_is_redeemed_with_its_key(provider: Provider) -> None:
    await provider.sign_up()
    holder = Holder(lambda: provider.service.clock.now().timestamp())
    answer = await push(provider, holder.proof("POST", "/par"))
    code = redirect_parameters(await submit(provider, answer.json()["request_uri"]))["code"]
    assert_refused(await provider.redeem(code), "invalid_grant")
    other = await push(provider, holder.proof("POST", "/par"), dpop_jkt="x" * 43)
    assert_refused(other, "invalid_dpop_proof")

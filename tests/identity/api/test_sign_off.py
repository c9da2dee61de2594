"""Sign-off: one ends the session everywhere; links cannot sign people off; clients hear of it, late if need be."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc.jws import extract_compact
import pytest
from sqlalchemy import text

from services.identity.commands.forget_expired import forget_expired
from services.identity.rules.logout import LOGOUT_EVENT, seconds_before_retry
from tests.identity.api.test_sign_in import PageReader
from tests.identity.provider import CALLBACK, LI, WANG, Provider, redirect_parameters
from tests.identity.relying_party import RelyingParty, free_port, up
from tests.support.waiting import until

BYE = "http://127.0.0.1:53219/bye"


async def refreshes(provider: Provider, token: str, client_id: str = "tongban-demo") -> bool:
    answer = await provider.token(grant_type="refresh_token", client_id=client_id, refresh_token=token)
    return answer.status_code == 200


async def signed_in(provider: Provider, client_id: str = "desk") -> dict[str, Any]:
    """Signed on, and from there in at a client; its tokens."""
    answer = await provider.redeem(await provider.code(WANG.citizen_id, client_id=client_id), client_id=client_id)
    body: dict[str, Any] = answer.json()
    return body


@pytest.fixture
async def desk(provider: Provider) -> Provider:
    await provider.put_client("desk", post_logout_redirect_uris=[BYE])
    await provider.sign_up()
    return provider


async def sign_off(provider: Provider, **parameters: str) -> httpx.Response:
    return await provider.http.get("/logout", params=parameters)


async def is_signed_on(provider: Provider) -> bool:
    return "code" in redirect_parameters(await provider.ask(prompt="none"))


async def test_a_client_signs_its_person_off_and_gets_them_back(desk: Provider) -> None:
    tokens = await signed_in(desk)
    other = (await desk.redeem(redirect_parameters(await desk.ask())["code"])).json()["refresh_token"]
    answer = await sign_off(desk, id_token_hint=tokens["id_token"], post_logout_redirect_uri=BYE, state="s&1")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(BYE)
    assert parse_qs(urlsplit(answer.headers["location"]).query) == {"state": ["s&1"]}
    assert not await is_signed_on(desk)
    assert not await refreshes(desk, tokens["refresh_token"], "desk")
    assert not await refreshes(desk, other)


async def test_the_cookie_itself_is_worth_nothing_afterwards(desk: Provider) -> None:
    tokens = await signed_in(desk)
    cookie = {"Cookie": f"tongban-session={desk.http.cookies['tongban-session']}"}
    await sign_off(desk, id_token_hint=tokens["id_token"])
    assert "tongban-session" not in desk.http.cookies
    answer = await desk.http.get("/authorize", params={"client_id": "desk"}, headers=cookie)
    assert answer.status_code == 400
    assert (await desk.http.get("/logout", headers=cookie)).text.count("form") == 0


async def test_without_a_proof_the_person_is_asked_first(desk: Provider) -> None:
    await signed_in(desk)
    page = await sign_off(desk, client_id="desk", post_logout_redirect_uri=BYE, state="1")
    assert page.status_code == 200
    assert await is_signed_on(desk)
    form = {name: str(one["value"]) for name, one in PageReader(page.text).inputs.items()}
    answer = await desk.http.post("/logout", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{BYE}?state=1")
    assert not await is_signed_on(desk)


async def test_attack_a_link_or_a_foreign_form_signs_nobody_off(desk: Provider) -> None:
    await signed_in(desk)
    page = await sign_off(desk)
    form = {name: str(one["value"]) for name, one in PageReader(page.text).inputs.items()}
    await desk.http.post("/logout", data=form, headers={"Sec-Fetch-Site": "cross-site"})
    await desk.http.post("/logout", data={"confirmation": "0" * 32})
    assert await is_signed_on(desk)


async def test_attack_somebody_elses_id_token_does_not_end_my_session(desk: Provider) -> None:
    await desk.sign_up(LI, phone="13900000002")
    foreign = (await desk.tokens(LI.citizen_id))["id_token"]
    desk.forget_cookies()
    await signed_in(desk)
    page = await sign_off(desk, id_token_hint=foreign)
    assert "confirmation" in PageReader(page.text).inputs
    assert await is_signed_on(desk)


async def test_an_expired_id_token_still_signs_off_and_one_without_a_browser_ends_its_session(desk: Provider) -> None:
    tokens = await signed_in(desk)
    desk.service.clock.advance(timedelta(hours=2))
    desk.forget_cookies()
    answer = await sign_off(desk, id_token_hint=tokens["id_token"])
    assert "您已退出登录" in answer.text
    assert not await refreshes(desk, tokens["refresh_token"], "desk")


@pytest.mark.parametrize(
    "change",
    [
        {"post_logout_redirect_uri": "https://evil.example/"},
        {"post_logout_redirect_uri": BYE + "/more"},
        {"post_logout_redirect_uri": CALLBACK},
        {"client_id": "hall"},
        {"id_token_hint": "rubbish"},
        {"id_token_hint": "", "client_id": "", "post_logout_redirect_uri": BYE},
        {"id_token_hint": "", "client_id": "nobody", "post_logout_redirect_uri": BYE},
    ],
)
async def test_attack_nobody_is_sent_to_an_address_that_is_not_the_clients(desk: Provider, change: dict[str, str]) -> None:
    tokens = await signed_in(desk)
    parameters = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": BYE, **change}
    answer = await sign_off(desk, **{name: value for name, value in parameters.items() if value})
    assert (answer.status_code, "location" in answer.headers) == (400, False)
    assert await is_signed_on(desk)


async def test_attack_an_access_token_or_a_foreign_token_is_no_hint(desk: Provider) -> None:
    tokens = await signed_in(desk)
    foreign = desk.service.issuer.sign(desk.claims(tokens["id_token"]), header={"typ": "JWT"})
    for hint in (tokens["access_token"], foreign):
        assert (await sign_off(desk, id_token_hint=hint)).status_code == 400
    assert await is_signed_on(desk)


async def test_one_sign_off_ends_the_session_at_two_systems_one_of_them_down_at_first(desk: Provider) -> None:
    market, tax = RelyingParty(free_port()), RelyingParty(free_port())
    for name, party in (("market", market), ("tax", tax)):
        await desk.put_client(name, backchannel_logout_uri=party.uri)
    tokens = await signed_in(desk)
    sids = set()
    for name in ("market", "tax"):
        code = redirect_parameters(await desk.ask(client_id=name))["code"]
        sids.add(desk.claims((await desk.redeem(code, client_id=name)).json()["id_token"])["sid"])
    async with up(market):
        await sign_off(desk, id_token_hint=tokens["id_token"])
        await until(lambda: market.heard)
    await until(lambda: state_of(desk, "tax", "attempts"))
    await until(lambda: state_of(desk, "tax", "last_error"))
    async with up(tax):
        desk.service.clock.advance(timedelta(seconds=2))
        await until(lambda: tax.heard)
        await until(lambda: state_of(desk, "tax", "delivered_at"))
    for name, party in (("market", market), ("tax", tax)):
        [token] = party.heard
        claims = desk.claims(token)
        assert extract_compact(token.encode()).headers()["typ"] == "logout+jwt"
        assert {claims["sid"]} == sids
        assert (claims["aud"], claims["iss"], claims["events"]) == (name, "http://127.0.0.1:8000", {LOGOUT_EVENT: {}})
        assert claims["sub"] == desk.claims(tokens["id_token"])["sub"]
        assert 0 < claims["exp"] - claims["iat"] <= 120
        assert "nonce" not in claims


async def state_of(provider: Provider, client_id: str, column: str) -> Any:
    async with provider.service.runtime.db.read() as tx:
        return await tx.scalar(text(f"SELECT {column} FROM logout_notices WHERE client_id = :c"), {"c": client_id})


async def test_a_refusal_or_a_redirect_is_not_delivery_and_the_same_notice_comes_again(desk: Provider) -> None:
    party = RelyingParty(free_port(), status=302)
    await desk.put_client("market", backchannel_logout_uri=party.uri)
    tokens = await signed_in(desk, "market")
    async with up(party):
        await sign_off(desk, id_token_hint=tokens["id_token"])
        await until(lambda: state_of(desk, "market", "last_status"))
        party.status = 503
        desk.service.clock.advance(timedelta(seconds=1))
        await until(lambda: len(party.heard) == 2)
        await until(lambda: _is(desk, 503))
        party.status = 204
        desk.service.clock.advance(timedelta(seconds=2))
        await until(lambda: state_of(desk, "market", "delivered_at"))
        desk.service.clock.advance(timedelta(hours=1))
    assert len({desk.claims(token)["jti"] for token in party.heard}) == 1
    assert len({desk.claims(token)["iat"] for token in party.heard}) == 3


async def _is(provider: Provider, status: int) -> bool:
    return bool(await state_of(provider, "market", "last_status") == status)


async def test_a_system_that_stays_down_is_given_up_and_forgotten_in_the_end(desk: Provider) -> None:
    await desk.put_client("market", backchannel_logout_uri=f"http://127.0.0.1:{free_port()}/back-channel")
    tokens = await signed_in(desk, "market")
    await sign_off(desk, id_token_hint=tokens["id_token"])
    await until(lambda: state_of(desk, "market", "last_error"))
    async with desk.service.runtime.db.write() as tx:
        await tx.execute(text("UPDATE logout_notices SET attempts = 19"))
    desk.service.clock.advance(timedelta(hours=1))
    await until(lambda: _attempts(desk, 20))
    assert await state_of(desk, "market", "next_attempt_at") is None
    desk.service.clock.advance(timedelta(days=31))
    async with desk.service.runtime.db.write() as tx:
        await forget_expired(tx)
    assert await state_of(desk, "market", "attempts") is None


async def _attempts(provider: Provider, count: int) -> bool:
    async with provider.service.runtime.db.read() as tx:
        statement = text("SELECT count(*) FROM logout_notices WHERE attempts = :n AND next_attempt_at IS NULL")
        return bool(await tx.scalar(statement, {"n": count}) == 1)


async def test_a_new_password_of_staff_is_told_to_their_systems(provider: Provider) -> None:
    party = RelyingParty(free_port())
    await provider.put_client("market", backchannel_logout_uri=party.uri)
    await provider.put_department()
    await provider.put_staff()
    await provider.code("clerk.zhao", client_id="market")
    async with up(party):
        await provider.put_staff(password="another password")
        await until(lambda: party.heard)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"backchannel_logout_uri": "http://market.example.cn/bye"}, "/backchannel_logout_uri"),
        ({"backchannel_logout_uri": "cn.example.app:/bye"}, "/backchannel_logout_uri"),
        ({"post_logout_redirect_uris": ["https://a.cn/", "javascript:alert(1)"]}, "/post_logout_redirect_uris/1"),
    ],
)
async def test_addresses_of_sign_off_are_checked_when_they_are_registered(provider: Provider, change: dict[str, Any], pointer: str) -> None:
    body = {"name": "x", "kind": "public", "redirect_uris": [CALLBACK], "scopes": [], **change}
    answer = await provider.http.put("/clients/desk", json=body, headers=provider.admin)
    assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (422, [pointer])


def test_retries_come_later_and_later_and_at_least_four_an_hour() -> None:
    pauses = [seconds_before_retry(n, 0.0) for n in range(1, 25)]
    assert pauses[:4] == [1, 2, 4, 8]
    assert pauses == sorted(pauses) and pauses[-1] == 900
    assert 0.8 <= seconds_before_retry(1, 0.999) < 1

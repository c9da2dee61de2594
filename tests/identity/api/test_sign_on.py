"""One sign-on for many clients: the browser's session, prompt, max_age, hints, and consent."""

from datetime import timedelta
from http.cookies import SimpleCookie

import httpx
import pytest
from sqlalchemy import text

from tests.identity.api.test_sign_in import PageReader
from tests.identity.provider import CALLBACK, LI, PASSWORD, WANG, Provider, redirect_parameters, request_parameters

COOKIE = "tongban-session"


async def signed_on(provider: Provider) -> Provider:
    await provider.sign_up()
    assert (await provider.submit_sign_in(WANG.citizen_id)).status_code == 303
    return provider


def is_page(answer: httpx.Response) -> bool:
    return answer.status_code == 200 and "password" in PageReader(answer.text).inputs


async def id_claims(provider: Provider, code: str, **change: str) -> dict[str, object]:
    answer = await provider.redeem(code, **change)
    assert answer.status_code == 200, answer.text
    return provider.claims(answer.json()["id_token"])


async def test_who_is_signed_on_goes_straight_to_the_next_client(provider: Provider) -> None:
    await signed_on(provider)
    await provider.put_client("desk")
    provider.service.clock.advance(timedelta(minutes=40))
    answer = await provider.ask(client_id="desk", nonce="n-2")
    claims = await id_claims(provider, redirect_parameters(answer)["code"], client_id="desk")
    assert (claims["aud"], claims["nonce"]) == ("desk", "n-2")
    assert int(str(claims["iat"])) - int(str(claims["auth_time"])) == 2400
    assert redirect_parameters(answer)["iss"] == "http://127.0.0.1:8000"


async def test_both_clients_are_told_the_same_session_and_the_assurance_of_the_person(provider: Provider) -> None:
    await provider.sign_up()
    first = await id_claims(provider, await provider.code(WANG.citizen_id, acr_values="urn:tongban:assurance:2"))
    second = await id_claims(provider, redirect_parameters(await provider.ask())["code"])
    assert first["sid"] == second["sid"]
    assert first["acr"] == "urn:tongban:assurance:2"


async def test_the_cookie_is_for_this_host_only_and_not_for_scripts(provider: Provider) -> None:
    await provider.sign_up()
    answer = await provider.submit_sign_in(WANG.citizen_id)
    [morsel] = SimpleCookie(answer.headers["set-cookie"]).values()
    assert (morsel.key, morsel["path"], morsel["samesite"], morsel["httponly"]) == (COOKIE, "/", "lax", True)
    assert (morsel["domain"], morsel["max-age"], morsel["expires"]) == ("", "", "")
    async with provider.service.runtime.db.read() as tx:
        assert morsel.value not in str(await tx.all(text("SELECT * FROM browser_sessions")))


async def test_over_https_the_cookie_has_the_prefix_that_only_this_host_can_set(provider: Provider) -> None:
    from starlette.responses import Response

    from services.identity.api.browser import set_session_cookie

    answer = Response()
    set_session_cookie(answer, "s", "https://hall.example.cn")
    [morsel] = SimpleCookie(answer.headers["set-cookie"]).values()
    assert (morsel.key, morsel["secure"], morsel["path"], morsel["domain"]) == (f"__Host-{COOKIE}", True, "/", "")


async def test_another_browser_is_not_signed_on(provider: Provider) -> None:
    await signed_on(provider)
    provider.forget_cookies()
    assert is_page(await provider.ask())
    assert redirect_parameters(await provider.ask(prompt="none"))["error"] == "login_required"


@pytest.mark.parametrize("cookie", ["", "made-up", "x" * 5000])
async def test_attack_a_made_up_cookie_signs_nobody_on(provider: Provider, cookie: str) -> None:
    await signed_on(provider)
    provider.forget_cookies()
    answer = await provider.http.get("/authorize", params=request_parameters(), headers={"Cookie": f"{COOKIE}={cookie}"})
    assert is_page(answer)


async def test_attack_a_planted_session_is_not_the_one_people_sign_on_to(provider: Provider) -> None:
    await provider.sign_up(LI, phone="13900000002")
    await provider.submit_sign_in(LI.citizen_id)
    planted = provider.http.cookies[COOKIE]
    await signed_on(provider)
    assert provider.http.cookies[COOKIE] != planted
    provider.forget_cookies()
    answer = await provider.http.get("/authorize", params=request_parameters(), headers={"Cookie": f"{COOKIE}={planted}"})
    assert is_page(answer)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_attack_another_sites_form_signs_nobody_on(provider: Provider, site: str) -> None:
    await provider.sign_up()
    form = {**request_parameters(), "login": WANG.citizen_id, "password": PASSWORD}
    answer = await provider.http.post("/authorize", data=form, headers={"Sec-Fetch-Site": site})
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
    assert answer.json()["type"] == "urn:tongban:problem:foreign-form"
    assert (await provider.http.post("/authorize", data=form, headers={"Sec-Fetch-Site": "same-origin"})).status_code == 303


async def test_a_session_ends_after_its_hours_with_all_that_is_refreshed_from_it(provider: Provider) -> None:
    await signed_on(provider)
    provider.service.clock.advance(timedelta(hours=11))
    late = (await provider.redeem(redirect_parameters(await provider.ask())["code"])).json()["refresh_token"]
    provider.service.clock.advance(timedelta(hours=1))
    assert is_page(await provider.ask())
    answer = await provider.token(grant_type="refresh_token", client_id="tongban-demo", refresh_token=late)
    assert answer.json()["error"] == "invalid_grant"


@pytest.mark.parametrize("prompt", ["login", "select_account", "login consent"])
async def test_prompt_login_asks_again_and_tells_the_new_time(provider: Provider, prompt: str) -> None:
    await signed_on(provider)
    first = await id_claims(provider, redirect_parameters(await provider.ask())["code"])
    provider.service.clock.advance(timedelta(minutes=10))
    assert is_page(await provider.ask(prompt=prompt))
    second = await id_claims(provider, await provider.code(WANG.citizen_id, prompt="login"))
    assert int(str(second["auth_time"])) - int(str(first["auth_time"])) == 600
    assert second["sid"] == first["sid"]


async def test_max_age_asks_again_once_the_sign_on_is_older(provider: Provider) -> None:
    await signed_on(provider)
    provider.service.clock.advance(timedelta(seconds=100))
    assert (await provider.ask(max_age="100")).status_code == 303
    assert is_page(await provider.ask(max_age="99"))
    assert redirect_parameters(await provider.ask(max_age="0", prompt="none"))["error"] == "login_required"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "create"}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"request": "eyJ.e30."}, "request_not_supported"),
        ({"id_token_hint": "rubbish"}, "invalid_request"),
    ],
)
async def test_wishes_that_cannot_be_met_go_back_to_the_client(provider: Provider, change: dict[str, str], error: str) -> None:
    assert redirect_parameters(await provider.ask(**change))["error"] == error


async def test_an_id_token_hint_of_somebody_else_is_not_answered_with_this_person(provider: Provider) -> None:
    await provider.sign_up(LI, phone="13900000002")
    hint = (await provider.tokens(LI.citizen_id))["id_token"]
    provider.service.clock.advance(timedelta(hours=2))  # it has expired, and is a hint still
    await signed_on(provider)
    assert redirect_parameters(await provider.ask(prompt="none", id_token_hint=hint))["error"] == "login_required"
    assert redirect_parameters(await provider.submit_sign_in(WANG.citizen_id, id_token_hint=hint))["error"] == "login_required"
    assert "code" in redirect_parameters(await provider.submit_sign_in(LI.citizen_id, id_token_hint=hint))
    assert "code" in redirect_parameters(await provider.ask(prompt="none", id_token_hint=hint))


async def test_a_login_hint_stands_in_the_form(provider: Provider) -> None:
    answer = await provider.ask(login_hint='clerk.zhao"><b>')
    assert PageReader(answer.text).inputs["login"]["value"] == 'clerk.zhao"><b>'


async def test_a_request_by_post_is_like_one_by_get(provider: Provider) -> None:
    await signed_on(provider)
    assert "code" in redirect_parameters(await provider.http.post("/authorize", data=request_parameters()))
    provider.forget_cookies()
    assert is_page(await provider.http.post("/authorize", data=request_parameters(), headers={"Sec-Fetch-Site": "cross-site"}))


async def test_another_person_in_the_same_browser_ends_what_the_first_had(provider: Provider) -> None:
    await provider.sign_up(LI, phone="13900000002")
    refresh = (await provider.tokens(LI.citizen_id))["refresh_token"]
    await signed_on(provider)
    answer = await provider.token(grant_type="refresh_token", client_id="tongban-demo", refresh_token=refresh)
    assert answer.json()["error"] == "invalid_grant"


async def test_a_new_password_of_staff_signs_their_browsers_off(provider: Provider) -> None:
    await provider.put_department()
    await provider.put_staff()
    await provider.submit_sign_in("clerk.zhao")
    assert (await provider.ask()).status_code == 303
    await provider.put_staff(password="another password")
    assert is_page(await provider.ask())


async def consent_form(provider: Provider, **change: str) -> dict[str, str]:
    answer = await provider.ask(client_id="bank", **change)
    assert answer.status_code == 200, answer.text
    return {name: str(field["value"]) for name, field in PageReader(answer.text).inputs.items()}


async def test_a_client_beyond_the_suite_gets_nothing_before_the_person_agreed_and_is_not_asked_about_twice(provider: Provider) -> None:
    await provider.put_client("bank", name="<商业银行>", asks_consent=True)
    await signed_on(provider)
    page = await provider.ask(client_id="bank", scope="openid identity.self")
    assert "&lt;商业银行&gt;" in page.text and "查看自己的身份信息" in page.text and "确认您是谁" in page.text
    assert redirect_parameters(await provider.ask(client_id="bank", prompt="none"))["error"] == "consent_required"
    form = await consent_form(provider, scope="openid identity.self")
    agreed = await provider.http.post("/authorize/consent", data={**form, "decision": "agree"})
    tokens = (await provider.redeem(redirect_parameters(agreed)["code"], client_id="bank")).json()
    assert tokens["scope"] == "identity.self openid"
    assert "code" in redirect_parameters(await provider.ask(client_id="bank", prompt="none", scope="openid identity.self"))
    again = await provider.ask(client_id="bank", prompt="consent", scope="openid identity.self")
    assert "decision" in again.text and again.status_code == 200


async def test_signing_in_leads_to_the_page_of_consent(provider: Provider) -> None:
    await provider.put_client("bank", asks_consent=True)
    await provider.sign_up()
    answer = await provider.submit_sign_in(WANG.citizen_id, client_id="bank")
    assert answer.status_code == 200 and "confirmation" in PageReader(answer.text).inputs


async def test_who_does_not_agree_goes_back_with_a_refusal_and_is_asked_again(provider: Provider) -> None:
    await provider.put_client("bank", asks_consent=True)
    await signed_on(provider)
    form = await consent_form(provider)
    for decision in ("decline", ""):
        declined = await provider.http.post("/authorize/consent", data={**form, "decision": decision})
        assert redirect_parameters(declined)["error"] == "access_denied"
    assert redirect_parameters(await provider.ask(client_id="bank", prompt="none"))["error"] == "consent_required"


async def test_attack_a_consent_nobody_saw_is_none(provider: Provider) -> None:
    await provider.put_client("bank", asks_consent=True, scopes=["identity.self", "intake.apply"])
    await signed_on(provider)
    form = {**await consent_form(provider, scope="openid identity.self"), "decision": "agree"}
    foreign = await provider.http.post("/authorize/consent", data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    for change in ({"confirmation": "0" * 32}, {"scope": "openid intake.apply"}, {"redirect_uri": CALLBACK.replace("53219", "1")}):
        answer = await provider.http.post("/authorize/consent", data={**form, **change})
        assert "error=login_required" in answer.headers["location"]
    await provider.sign_up(LI, phone="13900000002")
    await provider.submit_sign_in(LI.citizen_id)
    assert redirect_parameters(await provider.http.post("/authorize/consent", data=form))["error"] == "login_required"

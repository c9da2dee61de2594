"""The token endpoint: each grant, and each way to misuse it."""

import asyncio
import base64
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from chassis.tokens import actor_from_claims
from services.identity.rules.clients import client_subject
from services.identity.rules.scopes import SERVICE_SCOPES
from tests.identity.provider import CALLBACK, DEPARTMENT, NOODLES, PASSWORD, VERIFIER, WANG, Provider, bearer

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"


def assert_refused(answer: httpx.Response, error: str, status: int = 400) -> None:
    body = answer.json()
    assert (answer.status_code, body["error"]) == (status, error), answer.text
    assert body["error_description"]
    assert body["type"].startswith("urn:tongban:problem:")
    assert answer.headers["content-type"] == "application/json"


async def test_a_code_becomes_tokens_of_the_person_who_signed_in(provider: Provider) -> None:
    person = (await provider.sign_up()).json()
    tokens = await provider.tokens(WANG.citizen_id)
    actor = actor_from_claims(provider.claims(tokens["access_token"]))
    assert (str(actor.subject), actor.kind, actor.name, actor.assurance) == (person["id"], "person", "王小明", 2)
    assert actor.holder_index == provider.service.runtime.keys.blind_index("citizen-id", WANG.citizen_id)
    assert {"intake.apply", "certificates.own", "certificates.use", "identity.self", "identity.appoint", "openid"} == actor.scopes
    identity = provider.claims(tokens["id_token"])
    assert (identity["aud"], identity["nonce"], identity["sub"]) == ("tongban-demo", "n-1", person["id"])
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 900)


@pytest.mark.filterwarnings("ignore:The httpx module is deprecated")  # Authlib would rather have another package
async def test_a_standard_client_library_signs_in_and_refreshes(provider: Provider) -> None:
    from authlib.integrations.httpx_client import AsyncOAuth2Client

    await provider.sign_up()
    transport = httpx.ASGITransport(app=provider.service.app)
    here = "http://tests/api/identity/v1"
    async with AsyncOAuth2Client(
        "tongban-demo", redirect_uri=CALLBACK, scope="openid", code_challenge_method="S256",
        token_endpoint_auth_method="none", transport=transport,
    ) as client:  # fmt: skip
        address, state = client.create_authorization_url(f"{here}/authorize", code_verifier=VERIFIER)
        assert (await provider.http.get(address)).status_code == 200
        form = {**dict(parse_qsl(urlsplit(address).query)), "login": WANG.citizen_id, "password": PASSWORD}
        signed_in = await provider.http.post(f"{here}/authorize", data=form)
        await client.fetch_token(
            f"{here}/token", authorization_response=signed_in.headers["location"], state=state, code_verifier=VERIFIER
        )  # fmt: skip
        assert (await client.get(f"{here}/userinfo")).json()["name"] == "王小明"
        first = client.token["refresh_token"]
        await client.refresh_token(f"{here}/token", refresh_token=first)
        assert client.token["refresh_token"] != first
        assert (await client.get(f"{here}/me")).json()["citizen_id_masked"].startswith("5116***")


@pytest.mark.parametrize(
    "change",
    [
        {"code_verifier": VERIFIER[:-1] + "x"},
        {"code_verifier": ""},
        {"redirect_uri": "http://127.0.0.1:1/callback"},
        {"redirect_uri": ""},
        {"client_id": "hall"},
        {"code": "made-up"},
        {"code": ""},
    ],
)
async def test_attack_a_stolen_code_with_a_wrong_verifier_address_or_client_is_worth_nothing(
    provider: Provider, change: dict[str, str]
) -> None:
    await provider.sign_up()
    code = await provider.code(WANG.citizen_id)
    assert_refused(await provider.redeem(**{"code": code, **change}), "invalid_grant")
    assert (await provider.redeem(code)).status_code == 200


async def test_a_code_is_good_for_a_minute(provider: Provider) -> None:
    await provider.sign_up()
    code = await provider.code(WANG.citizen_id)
    provider.service.clock.advance(timedelta(seconds=60))
    assert_refused(await provider.redeem(code), "invalid_grant")


async def test_attack_code_reuse_ends_what_the_first_use_began(provider: Provider) -> None:
    await provider.sign_up()
    code = await provider.code(WANG.citizen_id)
    first = (await provider.redeem(code)).json()
    assert_refused(await provider.redeem(code), "invalid_grant")
    refresh = await provider.token(grant_type="refresh_token", client_id="tongban-demo", refresh_token=first["refresh_token"])
    assert_refused(refresh, "invalid_grant")


async def test_of_many_uses_of_one_code_at_once_one_succeeds(provider: Provider) -> None:
    await provider.sign_up()
    code = await provider.code(WANG.citizen_id)
    answers = await asyncio.gather(*(provider.redeem(code) for _ in range(5)))
    assert sorted(a.status_code for a in answers) == [200, 400, 400, 400, 400]


async def refresh(provider: Provider, token: str, **change: str) -> httpx.Response:
    return await provider.token(**{"grant_type": "refresh_token", "client_id": "tongban-demo", "refresh_token": token, **change})


async def test_attack_refresh_reuse_revokes_the_family(provider: Provider) -> None:
    await provider.sign_up()
    first = (await provider.tokens(WANG.citizen_id))["refresh_token"]
    second = (await refresh(provider, first)).json()["refresh_token"]
    assert_refused(await refresh(provider, first), "invalid_grant")
    assert_refused(await refresh(provider, second), "invalid_grant")


async def test_attack_another_client_cannot_use_or_spoil_a_refresh_token(provider: Provider) -> None:
    await provider.sign_up()
    token = (await provider.tokens(WANG.citizen_id))["refresh_token"]
    assert_refused(await refresh(provider, token, client_id="hall"), "invalid_grant")
    assert (await refresh(provider, token)).status_code == 200


async def test_refreshing_keeps_the_nonce_may_narrow_the_scopes_and_ends_with_the_session(provider: Provider) -> None:
    await provider.sign_up()
    token = (await provider.tokens(WANG.citizen_id))["refresh_token"]
    narrowed = (await refresh(provider, token, scope="intake.apply approval.work")).json()
    assert narrowed["scope"] == "intake.apply"
    provider.service.clock.advance(timedelta(hours=11, minutes=59))
    again = (await refresh(provider, narrowed["refresh_token"])).json()
    assert provider.claims(again["id_token"])["nonce"] == "n-1"
    provider.service.clock.advance(timedelta(minutes=1))
    assert_refused(await refresh(provider, again["refresh_token"]), "invalid_grant")


async def test_staff_get_the_scopes_of_their_posts_as_they_are_at_each_refresh(provider: Provider) -> None:
    await provider.put_department()
    await provider.put_staff(posts=["window"])
    tokens = await provider.tokens("clerk.zhao")
    actor = actor_from_claims(provider.claims(tokens["access_token"]))
    assert actor.scopes == {"openid", "identity.self", "identity.window", "intake.window"}
    assert (actor.kind, actor.department, actor.region, actor.posts, actor.grade) == (
        "staff",
        DEPARTMENT,
        "511602000000",
        frozenset({"window"}),
        1,
    )
    await provider.put_staff(posts=["reviewer"])
    later = (await refresh(provider, tokens["refresh_token"])).json()
    assert "approval.work" in later["scope"]
    assert "intake.window" not in later["scope"]


async def test_a_new_password_ends_the_sign_ins_made_with_the_old_and_the_same_one_does_not(provider: Provider) -> None:
    await provider.put_department()
    await provider.put_staff()
    token = (await provider.tokens("clerk.zhao"))["refresh_token"]
    await provider.put_staff(name="赵大窗口")
    token = (await refresh(provider, token)).json()["refresh_token"]
    await provider.put_staff(password="another password")
    assert_refused(await refresh(provider, token), "invalid_grant")
    assert (await provider.submit_sign_in("clerk.zhao")).status_code == 401
    assert (await provider.submit_sign_in("clerk.zhao", "another password")).status_code == 303


async def test_each_service_of_the_suite_gets_its_own_token_by_a_derived_secret(provider: Provider) -> None:
    for client_id, scopes in SERVICE_SCOPES.items():
        await assert_service_token(provider, client_id, scopes)


async def assert_service_token(provider: Provider, client_id: str, scopes: frozenset[str]) -> None:
    secret = provider.service.runtime.keys.secret_for(f"client:{client_id}")
    answer = await provider.token(grant_type="client_credentials", client_id=client_id, client_secret=secret)
    actor = actor_from_claims(provider.claims(answer.json()["access_token"]))
    assert (actor.kind, actor.subject, actor.scopes) == ("service", client_subject(client_id), scopes)
    other = provider.service.runtime.keys.secret_for("client:svc-other")
    assert_refused(
        await provider.token(grant_type="client_credentials", client_id=client_id, client_secret=other), "invalid_client", 401
    )  # fmt: skip


async def put_system(provider: Provider, **change: Any) -> httpx.Response:
    body = {
        "name": "市场监管业务系统",
        "kind": "confidential",
        "department": DEPARTMENT,
        "scopes": ["exchange.subscribe", "certificates.supply"],
    }
    return await provider.http.put("/clients/sys-market", json={**body, **change}, headers=provider.admin)


async def test_a_department_system_is_told_its_secret_once_and_acts_for_its_department(provider: Provider) -> None:
    await provider.put_department()
    made = await put_system(provider)
    secret = made.json()["secret"]
    assert made.status_code == 201
    assert "secret" not in (await put_system(provider)).json()
    answer = await provider.token(("sys-market", secret), grant_type="client_credentials")
    actor = actor_from_claims(provider.claims(answer.json()["access_token"]))
    assert (actor.kind, actor.department, actor.region) == ("system", DEPARTMENT, "511602000000")
    assert actor.scopes == {"exchange.subscribe", "certificates.supply"}
    assert "refresh_token" not in answer.json()
    narrowed = await provider.token(("sys-market", secret), grant_type="client_credentials", scope="exchange.subscribe")
    assert narrowed.json()["scope"] == "exchange.subscribe"
    nothing = await provider.token(("sys-market", secret), grant_type="client_credentials", scope="approval.work")
    assert_refused(nothing, "invalid_scope")


async def test_a_wrong_or_missing_secret_is_refused_and_says_how_to_prove_oneself(provider: Provider) -> None:
    await provider.put_department()
    await put_system(provider, secret="s" * 43)
    for auth in [("sys-market", "t" * 43), ("sys-market", ""), ("nobody", "s" * 43)]:
        answer = await provider.token(auth, grant_type="client_credentials")
        assert_refused(answer, "invalid_client", 401)
        assert answer.headers["www-authenticate"].startswith("Basic")
    assert (await provider.token(("sys-market", "s" * 43), grant_type="client_credentials")).status_code == 200


async def test_an_unreadable_authorization_header_is_a_refusal(provider: Provider) -> None:
    no_colon, no_text = base64.b64encode(b"no-colon").decode(), base64.b64encode(b"\xff\xfe:").decode()
    for header in ("Basic", "Basic !!!", "Bearer abc", f"Basic {no_colon}", f"Basic {no_text}"):
        answer = await provider.http.post("/token", data={"grant_type": "client_credentials"}, headers={"Authorization": header})
        assert_refused(answer, "invalid_client", 401)


async def test_a_client_that_authenticates_in_two_ways_is_refused(provider: Provider) -> None:
    answer = await provider.token(("hall", "x"), grant_type="client_credentials", client_id="hall", client_secret="x")
    assert_refused(answer, "invalid_request")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "client_id": "tongban-demo"}, "unauthorized_client"),
    ],
)
async def test_a_request_that_is_no_grant_of_ours_is_refused(provider: Provider, form: dict[str, str], error: str) -> None:
    assert_refused(await provider.token(**form), error)


async def test_what_is_not_a_form_is_refused(provider: Provider) -> None:
    answer = await provider.http.post("/token", content=b"\xff\xfe=\x00", headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert_refused(answer, "invalid_request")
    assert_refused(await provider.http.post("/token", json={"grant_type": "client_credentials"}), "invalid_request")
    nul = await provider.token(grant_type="client_credentials", client_id="a\x00b")
    assert nul.status_code == 400


async def acting(provider: Provider, token: str, organisation_id: str, **change: str) -> httpx.Response:
    form = {"grant_type": EXCHANGE, "client_id": "tongban-demo", "subject_token": token, "acting_for": organisation_id}
    return await provider.token(**{**form, **change})


async def bind_noodles(provider: Provider, token: str) -> str:
    answer = await provider.http.post("/organisations", json={"name": NOODLES.name, "uscc": NOODLES.uscc}, headers=bearer(token))
    assert answer.status_code == 201, answer.text
    organisation_id: str = answer.json()["id"]
    return organisation_id


async def test_a_representative_acts_for_the_organisation_and_both_are_in_the_token(provider: Provider) -> None:
    person = (await provider.sign_up()).json()
    token = (await provider.tokens(WANG.citizen_id))["access_token"]
    organisation_id = await bind_noodles(provider, token)
    answer = await acting(provider, token, organisation_id)
    body = answer.json()
    actor = actor_from_claims(provider.claims(body["access_token"]))
    assert (actor.kind, str(actor.subject), actor.name, actor.assurance) == ("organisation", organisation_id, NOODLES.name, 2)
    assert actor.holder_index == provider.service.runtime.keys.blind_index("uscc", NOODLES.uscc)
    assert actor.via is not None
    assert (str(actor.via.subject), actor.via.name) == (person["id"], "王小明")
    assert "intake.apply" in actor.scopes
    assert body["issued_token_type"] == "urn:ietf:params:oauth:token-type:access_token"
    me = (await provider.http.get("/me", headers=bearer(body["access_token"]))).json()
    assert (me["kind"], me["uscc"], me["acting_person"]) == ("organisation", NOODLES.uscc, "王小明")


async def test_an_exchange_never_widens_the_scopes(provider: Provider) -> None:
    await provider.sign_up()
    organisation_id = await bind_noodles(provider, (await provider.tokens(WANG.citizen_id))["access_token"])
    narrow = (await provider.tokens(WANG.citizen_id, scope="identity.self"))["access_token"]
    assert (await acting(provider, narrow, organisation_id)).json()["scope"] == "identity.self"
    assert (await acting(provider, narrow, organisation_id, scope="openid intake.apply")).json()["scope"] == ""


async def test_nobody_acts_for_what_they_do_not_represent(provider: Provider) -> None:
    await provider.sign_up()
    token = (await provider.tokens(WANG.citizen_id))["access_token"]
    organisation_id = await bind_noodles(provider, token)
    for target in ("", "not-a-uuid", provider.claims(token)["sub"]):
        assert_refused(await acting(provider, token, target), "invalid_target")
    assert_refused(await acting(provider, "rubbish", organisation_id), "invalid_request")
    assert_refused(await acting(provider, "", organisation_id), "invalid_request")
    assert_refused(await acting(provider, token, organisation_id, client_id="hall"), "invalid_request")
    assert_refused(await acting(provider, token, organisation_id, subject_token_type="urn:x"), "invalid_request")
    organisation = (await acting(provider, token, organisation_id)).json()["access_token"]
    assert_refused(await acting(provider, organisation, organisation_id), "invalid_request")
    clerk = provider.service.issuer.token("staff", client_id="tongban-demo")
    assert_refused(await acting(provider, clerk, organisation_id), "invalid_request")

"""The OpenID Foundation's conformance suite, Basic OP profile (oidcc-basic-certification-test-plan), retold.

Each test carries the public name of the check it retells; logout's checks are those of the RP-initiated profile. Two things differ
from the suite: every request carries PKCE, which we demand and the plan sends only in -ensure-request-with-valid-pkce-succeeds; and what
we refuse by design (implicit and hybrid flows, request objects) is retold as a refusal. Not retold: -userinfo-post-body.
"""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey
from joserfc.jws import extract_compact
import pytest

from tests.identity.api.test_sign_in import PageReader
from tests.identity.pages import read_page
from tests.identity.provider import CALLBACK, VERIFIER, WANG, Provider, bearer, redirect_parameters, request_parameters

SECRET = "s" * 43


@pytest.fixture
async def op(provider: Provider) -> Provider:
    """A provider with one person and a confidential client, as the suite registers it."""
    provider.follow_keys()
    await provider.sign_up()
    await provider.put_client("suite", kind="confidential", secret=SECRET)
    return provider


async def sign_in(op: Provider, **change: str) -> dict[str, str]:
    """The authorization response of somebody who signs in on the page."""
    answer = await op.submit_sign_in(WANG.citizen_id, **{"client_id": "suite", **change})
    assert answer.status_code == 303, answer.text
    return redirect_parameters(answer)


async def again(op: Provider, **change: str) -> Any:
    """The answer to a request from the browser that signed in before."""
    return await op.ask(**{"client_id": "suite", **change})


async def tokens(op: Provider, code: str, **change: str) -> dict[str, Any]:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER, **change}
    answer = await op.token(("suite", SECRET), **form)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def id_token(op: Provider, response: dict[str, str]) -> dict[str, Any]:
    return op.claims((await tokens(op, response["code"]))["id_token"])


def is_page(answer: Any) -> bool:
    return answer.status_code == 200 and "password" in PageReader(answer.text).inputs


async def test_oidcc_server(op: Provider) -> None:
    """oidcc-server, oidcc-alternate-happy-flow, oidcc-ensure-request-with-valid-pkce-succeeds: code, id token with every required claim, userinfo of the same subject."""
    response = await sign_in(op)
    body = await tokens(op, response["code"])
    claims = op.claims(body["id_token"])
    assert {"iss", "sub", "aud", "exp", "iat", "nonce", "auth_time"} <= set(claims)
    assert (claims["iss"], claims["aud"], claims["nonce"]) == ("http://127.0.0.1:8000", "suite", "n-1")
    assert body["token_type"] == "Bearer" and body["expires_in"] > 0
    userinfo = (await op.http.get("/userinfo", headers=bearer(body["access_token"]))).json()
    assert userinfo["sub"] == claims["sub"]


async def test_oidcc_discovery_endpoint_verification(op: Provider) -> None:
    """oidcc-discovery-endpoint-verification, oidcc-rp-initiated-logout-discovery-endpoint-verification: what is listed is below the issuer and answers."""
    document = (await op.http.get("/openid-configuration")).json()
    required = {
        "issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "response_types_supported", "subject_types_supported",
        "id_token_signing_alg_values_supported", "userinfo_endpoint", "scopes_supported", "claims_supported",
    }  # fmt: skip
    assert required <= set(document)
    for name, address in document.items():
        if name.endswith(("_endpoint", "_uri")):
            assert address.startswith(document["issuer"] + "/api/identity/v1/")
            path = address.removeprefix(document["issuer"] + "/api/identity/v1")
            assert (await op.http.get(path)).status_code not in (404, 500, 501), name


async def test_oidcc_response_type_missing(op: Provider) -> None:
    """oidcc-response-type-missing"""
    assert redirect_parameters(await again(op, response_type=""))["error"] in ("invalid_request", "unsupported_response_type")


@pytest.mark.parametrize("kind", ["token", "id_token", "id_token token", "code id_token", "code token"])
async def test_oidcc_response_types_beyond_the_profile_are_refused(op: Provider, kind: str) -> None:
    """The implicit and hybrid profiles' response types, which OAuth 2.1 drops."""
    assert redirect_parameters(await again(op, response_type=kind))["error"] == "unsupported_response_type"


async def test_oidcc_userinfo_get(op: Provider) -> None:
    """oidcc-userinfo-get"""
    body = await tokens(op, (await sign_in(op))["code"])
    assert (await op.http.get("/userinfo", headers=bearer(body["access_token"]))).status_code == 200


async def test_oidcc_userinfo_post_header(op: Provider) -> None:
    """oidcc-userinfo-post-header"""
    body = await tokens(op, (await sign_in(op))["code"])
    assert (await op.http.post("/userinfo", headers=bearer(body["access_token"]))).status_code == 200


async def test_oidcc_ensure_request_without_nonce_succeeds_for_code_flow(op: Provider) -> None:
    """oidcc-ensure-request-without-nonce-succeeds-for-code-flow"""
    assert "nonce" not in await id_token(op, await sign_in(op, nonce=""))


@pytest.mark.parametrize("scope", ["profile", "email", "address", "phone", "profile email address phone"])
async def test_oidcc_scope(op: Provider, scope: str) -> None:
    """oidcc-scope-profile, -email, -address, -phone, -all: asking for more than there is is no error."""
    body = await tokens(op, (await sign_in(op, scope=f"openid {scope}"))["code"])
    assert "openid" in body["scope"].split()


async def test_oidcc_ensure_other_scope_order_succeeds(op: Provider) -> None:
    """ensure-other-scope-order-succeeds, which FAPI 2.0 has in its plan."""
    assert "sub" in await id_token(op, await sign_in(op, scope="identity.self openid"))


@pytest.mark.parametrize("display", ["page", "popup"])
async def test_oidcc_display(op: Provider, display: str) -> None:
    """oidcc-display-page, oidcc-display-popup"""
    assert is_page(await op.http.get("/authorize", params={**request_parameters(client_id="suite"), "display": display}))


async def test_oidcc_prompt_login(op: Provider) -> None:
    """oidcc-prompt-login: the second sign-in is later than the first."""
    first = await id_token(op, await sign_in(op))
    op.service.clock.advance(timedelta(seconds=2))
    assert is_page(await again(op, prompt="login"))
    second = await id_token(op, await sign_in(op, prompt="login"))
    assert second["auth_time"] > first["auth_time"] and second["sub"] == first["sub"]


async def test_oidcc_prompt_none_not_logged_in(op: Provider) -> None:
    """oidcc-prompt-none-not-logged-in"""
    assert redirect_parameters(await again(op, prompt="none"))["error"] == "login_required"


async def test_oidcc_prompt_none_logged_in(op: Provider) -> None:
    """oidcc-prompt-none-logged-in"""
    first = await id_token(op, await sign_in(op))
    second = await id_token(op, redirect_parameters(await again(op, prompt="none")))
    assert (second["sub"], second["auth_time"]) == (first["sub"], first["auth_time"])


async def test_oidcc_max_age_1(op: Provider) -> None:
    """oidcc-max-age-1"""
    first = await id_token(op, await sign_in(op))
    op.service.clock.advance(timedelta(seconds=2))
    assert is_page(await again(op, max_age="1"))
    second = await id_token(op, await sign_in(op, max_age="1"))
    assert second["auth_time"] > first["auth_time"]


async def test_oidcc_max_age_10000(op: Provider) -> None:
    """oidcc-max-age-10000"""
    first = await id_token(op, await sign_in(op))
    second = await id_token(op, redirect_parameters(await again(op, max_age="10000")))
    assert second["auth_time"] == first["auth_time"]


async def test_oidcc_ensure_request_with_unknown_parameter_succeeds(op: Provider) -> None:
    """oidcc-ensure-request-with-unknown-parameter-succeeds"""
    assert is_page(await op.http.get("/authorize", params={**request_parameters(client_id="suite"), "extra": "foobar"}))


async def test_oidcc_id_token_hint(op: Provider) -> None:
    """oidcc-id-token-hint: prompt=none with the hint of who is signed on."""
    first = await tokens(op, (await sign_in(op))["code"])
    second = await id_token(op, redirect_parameters(await again(op, prompt="none", id_token_hint=first["id_token"])))
    assert second["sub"] == op.claims(first["id_token"])["sub"]


async def test_oidcc_login_hint(op: Provider) -> None:
    """oidcc-login-hint"""
    assert is_page(await again(op, login_hint="someone@example.cn"))


@pytest.mark.parametrize("locales", ["se", "zh-CN en", "en-GB"])
async def test_oidcc_ui_locales(op: Provider, locales: str) -> None:
    """oidcc-ui-locales, oidcc-claims-locales: no error for locales we do not have."""
    parameters = {**request_parameters(client_id="suite"), "ui_locales": locales, "claims_locales": locales}
    assert is_page(await op.http.get("/authorize", params=parameters))


async def test_oidcc_ensure_request_with_acr_values_succeeds(op: Provider) -> None:
    """oidcc-ensure-request-with-acr-values-succeeds: values unknown or reached are no matter; who is below may go on as they are."""
    claims = await id_token(op, await sign_in(op, acr_values="1 urn:tongban:assurance:4 urn:tongban:assurance:2"))
    assert claims["acr"] == "urn:tongban:assurance:2"
    page = await again(op, acr_values="1 urn:tongban:assurance:4")
    assert page.status_code == 200
    went_on = await op.http.post("/authorize/step-up", data={**read_page(page).hidden, "decision": "go-on"})
    assert (await id_token(op, redirect_parameters(went_on)))["acr"] == "urn:tongban:assurance:2"


async def test_oidcc_codereuse(op: Provider) -> None:
    """oidcc-codereuse"""
    code = (await sign_in(op))["code"]
    await tokens(op, code)
    answer = await op.token(
        ("suite", SECRET), grant_type="authorization_code", code=code, redirect_uri=CALLBACK, code_verifier=VERIFIER
    )  # fmt: skip
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


async def test_oidcc_codereuse_30seconds(op: Provider) -> None:
    """oidcc-codereuse-30seconds: what the first use brought is not good for refreshing any more."""
    code = (await sign_in(op))["code"]
    refresh = (await tokens(op, code))["refresh_token"]
    op.service.clock.advance(timedelta(seconds=30))
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    assert (await op.token(("suite", SECRET), **form)).json()["error"] == "invalid_grant"
    assert (await op.token(("suite", SECRET), grant_type="refresh_token", refresh_token=refresh)).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("uri", [CALLBACK.replace("/callback", "/other"), f"{CALLBACK}?foo=bar", CALLBACK.replace("http:", "https:")])
async def test_oidcc_ensure_registered_redirect_uri(op: Provider, uri: str) -> None:
    """oidcc-ensure-registered-redirect-uri, oidcc-redirect-uri-query-mismatch, oidcc-redirect-uri-query-added"""
    answer = await again(op, redirect_uri=uri)
    assert (answer.status_code, "location" in answer.headers) == (400, False)


async def test_oidcc_redirect_uri_query_ok(op: Provider) -> None:
    """oidcc-redirect-uri-query-OK: the registered query comes back with the answer beside it."""
    uri = f"{CALLBACK}?foo=bar"
    await op.put_client("suite", kind="confidential", secret=SECRET, redirect_uris=[uri])
    answer = await op.submit_sign_in(WANG.citizen_id, client_id="suite", redirect_uri=uri)
    found = parse_qs(urlsplit(answer.headers["location"]).query)
    assert found["foo"] == ["bar"] and "code" in found


async def test_oidcc_server_client_secret_post(op: Provider) -> None:
    """oidcc-server-client-secret-post"""
    answer = await op.redeem((await sign_in(op))["code"], client_id="suite", client_secret=SECRET)
    assert answer.status_code == 200


async def test_oidcc_unsigned_and_signed_request_objects_are_refused(op: Provider) -> None:
    """oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported, oidcc-ensure-request-object-with-redirect-uri"""
    assert redirect_parameters(await again(op, request="eyJhbGciOiJub25lIn0.e30."))["error"] == "request_not_supported"


async def test_oidcc_ensure_post_request_succeeds(op: Provider) -> None:
    """oidcc-ensure-post-request-succeeds"""
    assert is_page(await op.http.post("/authorize", data=request_parameters(client_id="suite")))


async def test_oidcc_refresh_token(op: Provider) -> None:
    """oidcc-refresh-token: the new id token keeps issuer, subject, audience and auth_time."""
    body = await tokens(op, (await sign_in(op))["code"])
    op.service.clock.advance(timedelta(seconds=5))
    answer = await op.token(("suite", SECRET), grant_type="refresh_token", refresh_token=body["refresh_token"])
    old, new = op.claims(body["id_token"]), op.claims(answer.json()["id_token"])
    assert [new[name] for name in ("iss", "sub", "aud", "auth_time")] == [old[name] for name in ("iss", "sub", "aud", "auth_time")]
    assert new["iat"] > old["iat"]


async def test_oidcc_refresh_token_of_another_client(op: Provider) -> None:
    """oidcc-refresh-token, its second client: another client cannot use it."""
    body = await tokens(op, (await sign_in(op))["code"])
    answer = await op.token(grant_type="refresh_token", client_id="tongban-demo", refresh_token=body["refresh_token"])
    assert answer.json()["error"] == "invalid_grant"


async def test_oidcc_server_rotate_keys(op: Provider) -> None:
    """oidcc-server-rotate-keys: a second key is published and then signs."""
    before = {key["kid"] for key in (await op.http.get("/jwks")).json()["keys"]}
    made = (await op.http.post("/signing-keys", headers=op.admin)).json()["kid"]
    after = {key["kid"] for key in (await op.http.get("/jwks")).json()["keys"]}
    assert after == before | {made} and made not in before


BYE = "http://127.0.0.1:53219/bye"


@pytest.fixture
async def logout_op(op: Provider) -> Provider:
    await op.put_client("suite", kind="confidential", secret=SECRET, post_logout_redirect_uris=[BYE])
    return op


@pytest.mark.parametrize("state", ["", "s-1"])
async def test_oidcc_rp_initiated_logout(logout_op: Provider, state: str) -> None:
    """oidcc-rp-initiated-logout, oidcc-rp-initiated-logout-no-state"""
    hint = (await tokens(logout_op, (await sign_in(logout_op))["code"]))["id_token"]
    parameters = {"id_token_hint": hint, "post_logout_redirect_uri": BYE, **({"state": state} if state else {})}
    answer = await logout_op.http.get("/logout", params=parameters)
    assert answer.headers["location"] == BYE + (f"?state={state}" if state else "")
    assert redirect_parameters(await again(logout_op, prompt="none"))["error"] == "login_required"


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"state": "s"},
        {"id_token_hint": "valid"},
        {"id_token_hint": "valid", "post_logout_redirect_uri": "http://127.0.0.1:53219/elsewhere"},
        {"id_token_hint": "valid", "post_logout_redirect_uri": f"{BYE}?foo=bar"},
        {"post_logout_redirect_uri": BYE},
        {"id_token_hint": "modified", "post_logout_redirect_uri": BYE},
        {"id_token_hint": "bad", "post_logout_redirect_uri": BYE},
    ],
    ids=[
        "no-params",
        "only-state",
        "no-post-logout-redirect-uri",
        "bad-post-logout-redirect-uri",
        "query-added-to-post-logout-redirect-uri",
        "no-id-token-hint",
        "modified-id-token-hint",
        "bad-id-token-hint",
    ],
)
async def test_oidcc_rp_initiated_logout_without_redirect(logout_op: Provider, parameters: dict[str, str]) -> None:
    """oidcc-rp-initiated-logout-* as its id says: a page of the provider, never a redirect."""
    valid = (await tokens(logout_op, (await sign_in(logout_op))["code"]))["id_token"]
    head, body, signature = valid.split(".")
    foreign = jwt.encode({"alg": "HS256"}, logout_op.claims(valid), OctKey.import_key(SECRET))
    hints = {"valid": valid, "modified": f"{head}.{body[:-2]}AA.{signature}", "bad": foreign}
    sent = {**parameters, **({"id_token_hint": hints[parameters["id_token_hint"]]} if "id_token_hint" in parameters else {})}
    answer = await logout_op.http.get("/logout", params=sent)
    assert answer.status_code in (200, 400) and "location" not in answer.headers


async def test_oidcc_idtoken_signature(op: Provider) -> None:
    """oidcc-idtoken-signature, oidcc-idtoken-unsigned: signed by a published key, never by none."""
    signed = (await tokens(op, (await sign_in(op))["code"]))["id_token"]
    header = extract_compact(signed.encode()).headers()
    document = (await op.http.get("/openid-configuration")).json()
    assert header["kid"] in {key["kid"] for key in (await op.http.get("/jwks")).json()["keys"]}
    assert [header["alg"]] == document["id_token_signing_alg_values_supported"]


async def test_oidcc_claims_essential(op: Provider) -> None:
    """oidcc-claims-essential: the parameter is not supported, and does no harm; the name is told anyway."""
    wish = '{"userinfo": {"name": {"essential": true}}}'
    answer = await op.http.get("/authorize", params={**request_parameters(client_id="suite"), "claims": wish})
    assert is_page(answer)
    body = await tokens(op, (await sign_in(op))["code"])
    assert (await op.http.get("/userinfo", headers=bearer(body["access_token"]))).json()["name"] == "王小明"
    assert (await op.http.get("/openid-configuration")).json()["claims_parameter_supported"] is False


async def test_oidcc_request_uri_unsigned(op: Provider) -> None:
    """oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported: a page, nothing is fetched."""
    answer = await again(op, request_uri="https://suite.example/request.jwt")
    assert (answer.status_code, "location" in answer.headers) == (400, False)

"""The OpenID Foundation's conformance suite, FAPI 2.0 Security Profile (test-plan), retold.

The client is registered as the profile asks: private_key_jwt, pushed requests, DPoP. Each test carries the public names of its checks,
below `fapi2-security-profile-final-`. Not retold: what needs signed request objects, `claims`, grant management or TLS of the suite itself.
"""

from datetime import timedelta
from typing import Any

import httpx
from joserfc.jwk import RSAKey
import pytest

from tests.identity.api.test_sign_in import PageReader
from tests.identity.client_keys import ASSERTION, SystemWithKey, new_key, public_set
from tests.identity.provider import CALLBACK, PASSWORD, VERIFIER, WANG, Provider, redirect_parameters, request_parameters
from tests.support.possession import Holder
from tests.support.tokens import ISSUER


class Fapi:
    """A client of the profile and its person's browser."""

    def __init__(self, provider: Provider, client_id: str = "fapi-client") -> None:
        self.op = provider
        self.client = SystemWithKey(provider, client_id=client_id)
        self.holder = Holder(lambda: provider.service.clock.now().timestamp())

    async def register(self) -> None:
        await self.client.register(
            redirect_uris=[CALLBACK], require_pushed_authorization_requests=True, dpop_bound_access_tokens=True, scopes=["identity.self"]
        )

    async def push(self, assertion: str | None = None, **change: str) -> httpx.Response:
        request = request_parameters(client_id=self.client.client_id, **change)
        return await self.client.post("/par", assertion, **request)

    async def sign_in(self, reference: str | None = None) -> dict[str, str]:
        uri = reference or (await self.push()).json()["request_uri"]
        form = {"client_id": self.client.client_id, "request_uri": uri, "login": WANG.citizen_id, "password": PASSWORD}
        return redirect_parameters(await self.op.http.post("/authorize", data=form))

    async def redeem(self, code: str, *, proof: str | None = None, assertion: str | None = None, **change: str) -> httpx.Response:
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER,
            "client_assertion_type": ASSERTION, "client_assertion": assertion or self.client.assertion(), **change,
        }  # fmt: skip
        headers = {"DPoP": self.holder.proof("POST", "/token") if proof is None else proof}
        return await self.op.http.post("/token", data=form, headers=headers if headers["DPoP"] else {})

    async def tokens(self) -> dict[str, Any]:
        answer = await self.redeem((await self.sign_in())["code"])
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body


@pytest.fixture
async def fapi(provider: Provider) -> Fapi:
    provider.follow_keys()
    await provider.sign_up()
    fapi = Fapi(provider)
    await fapi.register()
    return fapi


def assert_error(answer: httpx.Response, *errors: str) -> None:
    assert answer.status_code in (400, 401), answer.text
    assert answer.json()["error"] in errors


async def test_happy_flow(fapi: Fapi) -> None:
    """happy-flow"""
    tokens = await fapi.tokens()
    assert tokens["token_type"] == "DPoP"
    answer = await fapi.op.http.get("/userinfo", headers=fapi.holder.headers("GET", "/userinfo", tokens["access_token"]))
    assert answer.json()["sub"] == fapi.op.claims(tokens["id_token"])["sub"]


async def test_discovery_end_point_verification(fapi: Fapi) -> None:
    """discovery-end-point-verification"""
    document = (await fapi.op.http.get("/openid-configuration")).json()
    assert document["pushed_authorization_request_endpoint"].endswith("/par")
    assert document["authorization_response_iss_parameter_supported"] is True
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert "private_key_jwt" in document["token_endpoint_auth_methods_supported"]
    allowed = {"ES256", "PS256", "EdDSA"}
    assert set(document["token_endpoint_auth_signing_alg_values_supported"]) <= allowed
    assert set(document["dpop_signing_alg_values_supported"]) <= allowed
    assert set(document["id_token_signing_alg_values_supported"]) <= allowed


async def test_ensure_authorization_response_names_its_issuer(fapi: Fapi) -> None:
    """happy-flow, its condition on `iss` (RFC 9207): a mixed-up issuer is seen; also in an error."""
    assert (await fapi.sign_in())["iss"] == ISSUER
    reference = (await fapi.push(prompt="none")).json()["request_uri"]
    fapi.op.forget_cookies()
    parameters = {"client_id": fapi.client.client_id, "request_uri": reference}
    answer = redirect_parameters(await fapi.op.http.get("/authorize", params=parameters))
    assert (answer["error"], answer["iss"]) == ("login_required", ISSUER)


async def test_ensure_unsigned_authorization_request_without_using_par_fails(fapi: Fapi) -> None:
    """ensure-unsigned-authorization-request-without-using-par-fails"""
    assert redirect_parameters(await fapi.op.ask(client_id=fapi.client.client_id))["error"] == "invalid_request"


@pytest.mark.parametrize("challenge", [{"code_challenge": ""}, {"code_challenge_method": "plain"}, {"code_challenge_method": ""}])
async def test_par_pkce_required(fapi: Fapi, challenge: dict[str, str]) -> None:
    """par-ensure-pkce-required, par-plain-pkce-rejected"""
    assert_error(await fapi.push(**challenge), "invalid_request")


@pytest.mark.parametrize("verifier", ["", VERIFIER[:-1] + "x"])
async def test_incorrect_pkce_code_verifier_rejected(fapi: Fapi, verifier: str) -> None:
    """incorrect-pkce-code-verifier-rejected, ensure-pkce-code-verifier-required"""
    assert_error(await fapi.redeem((await fapi.sign_in())["code"], code_verifier=verifier), "invalid_grant", "invalid_request")


async def test_par_attempt_reuse_request_uri(fapi: Fapi) -> None:
    """par-attempt-reuse-request_uri"""
    reference = (await fapi.push()).json()["request_uri"]
    await fapi.sign_in(reference)
    parameters = {"client_id": fapi.client.client_id, "request_uri": reference}
    assert (await fapi.op.http.get("/authorize", params=parameters)).status_code == 400


async def test_par_attempt_to_use_expired_request_uri(fapi: Fapi) -> None:
    """par-attempt-to-use-expired-request_uri; the profile wants less than 600 seconds."""
    answer = (await fapi.push()).json()
    assert 5 <= answer["expires_in"] < 600
    fapi.op.service.clock.advance(timedelta(seconds=answer["expires_in"]))
    parameters = {"client_id": fapi.client.client_id, "request_uri": answer["request_uri"]}
    assert (await fapi.op.http.get("/authorize", params=parameters)).status_code == 400


async def test_par_attempt_to_use_request_uri_for_different_client(fapi: Fapi) -> None:
    """par-attempt-to-use-request_uri-for-different-client"""
    other = Fapi(fapi.op, "fapi-client-2")
    await other.register()
    parameters = {"client_id": "fapi-client-2", "request_uri": (await fapi.push()).json()["request_uri"]}
    assert (await fapi.op.http.get("/authorize", params=parameters)).status_code == 400


async def test_par_authorization_request_containing_request_uri(fapi: Fapi) -> None:
    """par-authorization-request-containing-request_uri-form-param"""
    reference = (await fapi.push()).json()["request_uri"]
    assert_error(await fapi.push(request_uri=reference), "invalid_request")


async def test_par_with_bad_redirect_uri(fapi: Fapi) -> None:
    """ensure-redirect-uri-in-authorization-request, ensure-registered-redirect-uri"""
    assert_error(await fapi.push(redirect_uri=""), "invalid_request")
    assert_error(await fapi.push(redirect_uri="https://evil.example/"), "invalid_request")


@pytest.mark.parametrize("kind", ["token", "code id_token"])
async def test_response_types_beyond_code_fail(fapi: Fapi, kind: str) -> None:
    """ensure-response-type-token-fails, ensure-response-type-code-idtoken-fails"""
    assert_error(await fapi.push(response_type=kind), "unsupported_response_type", "invalid_request")


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "https://other.example"},
        {"aud": [ISSUER]},
        {"aud": f"{ISSUER}/api/identity/v1/par"},
        {"aud": f"{ISSUER}/api/identity/v1/token"},
        {"sub": None},
        {"iss": None},
        {"exp": None},
    ],
)
async def test_client_assertion_that_says_something_else(fapi: Fapi, change: dict[str, Any]) -> None:
    """ensure-client-assertion-with-wrong-aud-fails, -with-no-sub-fails, ensure-invalid-client-assertions-fail,
    par-test-array-as-audience-fails, par-test-par-endpoint-url-as-audience-fails, par-test-token-endpoint-url-as-audience-fails
    """
    assert_error(await fapi.push(fapi.client.assertion(**change)), "invalid_client")
    assert (await fapi.push(fapi.client.assertion(aud=ISSUER))).status_code == 201


async def test_client_assertion_five_minutes_old(fapi: Fapi) -> None:
    """ensure-client-assertion-with-exp-is-5-minutes-in-past-fails"""
    past = int(fapi.op.service.clock.now().timestamp()) - 300
    assert_error(await fapi.push(fapi.client.assertion(exp=past)), "invalid_client")


async def test_client_assertion_with_rs256(fapi: Fapi) -> None:
    """ensure-signed-client-assertion-with-RS256-fails"""
    key = RSAKey.generate_key(2048, {"kid": "rsa"})
    await fapi.client.register(redirect_uris=[CALLBACK], jwks=public_set(key), scopes=["identity.self"])
    assert_error(await fapi.push(fapi.client.assertion(key=key, header={"alg": "RS256"})), "invalid_client")
    assert (await fapi.push(fapi.client.assertion(key=key))).status_code == 201


async def test_client_assertion_clock_skew(fapi: Fapi) -> None:
    """par-ensure-jwt-client-assertions-nbf-8-seconds-in-the-future-is-accepted, -nbf-over-60-seconds-in-the-future-fails"""
    now = int(fapi.op.service.clock.now().timestamp())
    assert (await fapi.push(fapi.client.assertion(iat=now + 8, nbf=now + 8))).status_code == 201
    assert_error(await fapi.push(fapi.client.assertion(nbf=now + 65, exp=now + 120)), "invalid_client")


async def test_client_id_and_assertion_at_the_token_endpoint(fapi: Fapi) -> None:
    """ensure-client-id-in-token-endpoint, ensure-client-assertion-in-token-endpoint"""
    code = (await fapi.sign_in())["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    bare = {**form, "client_id": fapi.client.client_id}
    headers = {"DPoP": fapi.holder.proof("POST", "/token")}
    assert_error(await fapi.op.http.post("/token", data=bare, headers=headers), "invalid_client")
    assert_error(await fapi.redeem(code, client_id="fapi-client-2"), "invalid_client")
    assert (await fapi.redeem(code, client_id=fapi.client.client_id)).status_code == 200


async def test_client_assertion_signed_by_another_client(fapi: Fapi) -> None:
    """ensure-invalid-client-assertions-fail: the key of another client."""
    other = Fapi(fapi.op, "fapi-client-2")
    await other.register()
    assert_error(await fapi.push(fapi.client.assertion(key=other.client.key)), "invalid_client")


async def test_ensure_authorization_code_is_bound_to_client(fapi: Fapi) -> None:
    """ensure-authorization-code-is-bound-to-client"""
    other = Fapi(fapi.op, "fapi-client-2")
    await other.register()
    code = (await fapi.sign_in())["code"]
    assert_error(await other.redeem(code), "invalid_grant")
    assert (await fapi.redeem(code)).status_code == 200


async def test_attempt_reuse_authorization_code(fapi: Fapi) -> None:
    """attempt-reuse-authorization-code-after-one-second"""
    code = (await fapi.sign_in())["code"]
    await fapi.redeem(code)
    fapi.op.service.clock.advance(timedelta(seconds=1))
    assert_error(await fapi.redeem(code), "invalid_grant")


async def test_authorization_code_is_good_for_a_minute(fapi: Fapi) -> None:
    """ensure-token-endpoint-fails-with-expired-auth-code; the profile (5.3.2.1) wants at most 60 seconds."""
    code = (await fapi.sign_in())["code"]
    fapi.op.service.clock.advance(timedelta(seconds=60))
    assert_error(await fapi.redeem(code), "invalid_grant")


async def test_ensure_token_endpoint_requires_dpop(fapi: Fapi) -> None:
    """ensure-holder-of-key-required"""
    assert_error(await fapi.redeem((await fapi.sign_in())["code"], proof=""), "invalid_dpop_proof", "invalid_request")


@pytest.mark.parametrize("change", [{"htm": "GET"}, {"htu": f"{ISSUER}/api/identity/v1/other"}, {"iat": 1_000_000}, {"jti": None}])
async def test_dpop_negative_tests(fapi: Fapi, change: dict[str, Any]) -> None:
    """dpop-negative-tests"""
    proof = fapi.holder.proof("POST", "/token", **change)
    assert_error(await fapi.redeem((await fapi.sign_in())["code"], proof=proof), "invalid_dpop_proof")


async def test_ensure_holder_of_key_at_the_resource(fapi: Fapi) -> None:
    """dpop-negative-tests, its blocks at the resource: the token alone, or with another key, opens nothing."""
    token = (await fapi.tokens())["access_token"]
    other = Fapi(fapi.op).holder
    for headers in ({"Authorization": f"Bearer {token}"}, other.headers("GET", "/userinfo", token)):
        assert (await fapi.op.http.get("/userinfo", headers=headers)).status_code == 401


async def test_refresh_token(fapi: Fapi) -> None:
    """refresh-token: bound to the client, whose key of possession may change (RFC 9449, 5)."""
    refresh = (await fapi.tokens())["refresh_token"]
    other = Fapi(fapi.op, "fapi-client-2")
    await other.register()
    form = {"grant_type": "refresh_token", "refresh_token": refresh, "client_assertion_type": ASSERTION}
    stolen = {**form, "client_assertion": other.client.assertion()}
    assert_error(await fapi.op.http.post("/token", data=stolen, headers={"DPoP": other.holder.proof("POST", "/token")}), "invalid_grant")
    mine = {**form, "client_assertion": fapi.client.assertion()}
    answer = await fapi.op.http.post("/token", data=mine, headers={"DPoP": other.holder.proof("POST", "/token")})
    assert fapi.op.claims(answer.json()["access_token"])["cnf"] == {"jkt": other.holder.thumbprint}


async def test_access_token_type_header_case_sensitivity(fapi: Fapi) -> None:
    """access-token-type-header-case-sensitivity"""
    token = (await fapi.tokens())["access_token"]
    for scheme in ("dpop", "DPOP", "DpOp"):
        headers = {"Authorization": f"{scheme} {token}", "DPoP": fapi.holder.proof("GET", "/userinfo", token)}
        assert (await fapi.op.http.get("/userinfo", headers=headers)).status_code == 200


async def test_ensure_other_client_keys_work_after_rotation(fapi: Fapi) -> None:
    """oidcc-refresh-token-rp-key-rotation, its idea: a second key in the set works beside the first."""
    new = new_key()
    await fapi.client.register(redirect_uris=[CALLBACK], jwks=public_set(fapi.client.key, new), scopes=["identity.self"])
    assert (await fapi.push(fapi.client.assertion(key=new))).status_code == 201
    assert (await fapi.push()).status_code == 201


async def test_state_only_outside_request_object_not_used(fapi: Fapi) -> None:
    """state-only-outside-request-object-not-used"""
    reference = (await fapi.push(state="")).json()["request_uri"]
    form = {
        "client_id": fapi.client.client_id, "request_uri": reference, "login": WANG.citizen_id, "password": PASSWORD, "state": "outside",
    }  # fmt: skip
    assert "state" not in redirect_parameters(await fapi.op.http.post("/authorize", data=form))


async def test_plain_fapi_client_id_mismatch(fapi: Fapi) -> None:
    """ensure-client-id-in-token-endpoint, retold for PAR: client_id is that of the assertion."""
    request = request_parameters(client_id="tongban-demo")
    assert_error(await fapi.client.post("/par", None, **request), "invalid_client", "invalid_request")


@pytest.mark.parametrize("change", [{"iat": -10}, {"iat": 10}, {"iat": 0, "nbf": 0, "exp": 60}], ids=["before", "after", "nbf-exp"])
async def test_dpop_proofs_with_tolerated_times(fapi: Fapi, change: dict[str, int]) -> None:
    """ensure-dpopproof-with-iat-10seconds-before-succeeds, -after-succeeds, check-dpop-proof-nbf-exp"""
    now = int(fapi.op.service.clock.now().timestamp())
    times: dict[str, Any] = {name: now + shift for name, shift in change.items()}
    proof = fapi.holder.proof("POST", "/token", **times)
    assert (await fapi.redeem((await fapi.sign_in())["code"], proof=proof)).status_code == 200


async def test_dpop_bound_code(fapi: Fapi) -> None:
    """ensure-dpop-auth-code-binding-success, ensure-token-endpoint-fails-with-mismatched-dpop-jkt"""
    reference = (await fapi.push(dpop_jkt=fapi.holder.thumbprint)).json()["request_uri"]
    code = (await fapi.sign_in(reference))["code"]
    other = Fapi(fapi.op).holder
    assert_error(await fapi.redeem(code, proof=other.proof("POST", "/token")), "invalid_grant", "invalid_dpop_proof")
    assert (await fapi.redeem(code)).status_code == 200


async def test_dpop_bound_push(fapi: Fapi) -> None:
    """ensure-dpopproof-at-par-endpoint-binding-success, ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt,
    ensure-mismatched-dpop-jkt-fails
    """
    request = request_parameters(client_id=fapi.client.client_id)
    form = {**request, "client_assertion_type": ASSERTION}

    async def push_with_proof(**change: str) -> httpx.Response:
        data = {**form, "client_assertion": fapi.client.assertion(), **change}
        return await fapi.op.http.post("/par", data=data, headers={"DPoP": fapi.holder.proof("POST", "/par")})

    other = Fapi(fapi.op).holder
    assert_error(await push_with_proof(dpop_jkt=other.thumbprint), "invalid_dpop_proof", "invalid_request")
    code = (await fapi.sign_in((await push_with_proof()).json()["request_uri"]))["code"]
    assert_error(await fapi.redeem(code, proof=other.proof("POST", "/token")), "invalid_grant", "invalid_dpop_proof")
    assert (await fapi.redeem(code)).status_code == 200


async def test_reused_request_uri_before_anybody_signed_in(fapi: Fapi) -> None:
    """par-ensure-reused-request-uri-prior-to-auth-completion-succeeds"""
    reference = (await fapi.push()).json()["request_uri"]
    parameters = {"client_id": fapi.client.client_id, "request_uri": reference}
    for _ in range(2):
        assert (await fapi.op.http.get("/authorize", params=parameters)).status_code == 200
    assert "code" in await fapi.sign_in(reference)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_par_invalid_http_method(fapi: Fapi, method: str) -> None:
    """par-attempt-invalid-http-method"""
    assert (await fapi.op.http.request(method, "/par")).status_code == 405


@pytest.mark.parametrize(
    "change",
    [{"state": ""}, {"nonce": ""}, {"nonce": "n" * 64}, {"state": "s" * 384}, {"nonce": "n" * 384}, {"scope": "identity.self openid"}],
    ids=["no-state", "no-nonce", "nonce-64", "long-state", "long-nonce", "scope-order"],
)
async def test_variants_of_a_good_request(fapi: Fapi, change: dict[str, str]) -> None:
    """ensure-authorization-request-without-state-success, -without-nonce-success, -with-64-char-nonce-success, -with-long-state,
    -with-long-nonce, ensure-other-scope-order-succeeds, par-without-duplicate-parameters
    """
    answer = await fapi.push(**change)
    back = await fapi.sign_in(answer.json()["request_uri"])
    tokens = (await fapi.redeem(back["code"])).json()
    asked = request_parameters(**change)
    assert back.get("state") == asked.get("state")
    assert fapi.op.claims(tokens["id_token"]).get("nonce") == asked.get("nonce")


async def test_user_rejects_authentication(fapi: Fapi) -> None:
    """user-rejects-authentication"""
    await fapi.client.register(redirect_uris=[CALLBACK], asks_consent=True, scopes=["identity.self"])
    reference = (await fapi.push()).json()["request_uri"]
    form = {"client_id": fapi.client.client_id, "request_uri": reference, "login": WANG.citizen_id, "password": PASSWORD}
    page = PageReader((await fapi.op.http.post("/authorize", data=form)).text)
    shown = {name: str(one["value"]) for name, one in page.inputs.items()}
    back = redirect_parameters(await fapi.op.http.post("/authorize/consent", data={**shown, "decision": "decline"}))
    assert (back["error"], back["iss"], back["state"]) == ("access_denied", ISSUER, "st&te")

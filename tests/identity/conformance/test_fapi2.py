"""The OpenID Foundation's conformance suite, FAPI 2.0 Security Profile (fapi2-security-profile-final-test-plan), retold.

The client is registered as the profile asks: private_key_jwt, pushed requests, DPoP. Each test carries the public name of its check.
"""

from datetime import timedelta
from typing import Any

import httpx
import pytest

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
    """fapi2-security-profile-final-happy-flow"""
    tokens = await fapi.tokens()
    assert tokens["token_type"] == "DPoP"
    answer = await fapi.op.http.get("/userinfo", headers=fapi.holder.headers("GET", "/userinfo", tokens["access_token"]))
    assert answer.json()["sub"] == fapi.op.claims(tokens["id_token"])["sub"]


async def test_discovery_end_point_verification(fapi: Fapi) -> None:
    """fapi2-security-profile-final-discovery-end-point-verification"""
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
    """fapi2-security-profile-final-happy-flow, CheckForIss (RFC 9207): a mixed-up issuer is seen; also in an error."""
    assert (await fapi.sign_in())["iss"] == ISSUER
    reference = (await fapi.push(prompt="none")).json()["request_uri"]
    fapi.op.forget_cookies()
    parameters = {"client_id": fapi.client.client_id, "request_uri": reference}
    answer = redirect_parameters(await fapi.op.http.get("/authorize", params=parameters))
    assert (answer["error"], answer["iss"]) == ("login_required", ISSUER)


async def test_ensure_unsigned_authorization_request_without_using_par_fails(fapi: Fapi) -> None:
    """fapi2-security-profile-final-ensure-unsigned-authorization-request-without-using-par-fails"""
    assert redirect_parameters(await fapi.op.ask(client_id=fapi.client.client_id))["error"] == "invalid_request"


@pytest.mark.parametrize("challenge", [{"code_challenge": ""}, {"code_challenge_method": "plain"}, {"code_challenge_method": ""}])
async def test_par_pkce_required(fapi: Fapi, challenge: dict[str, str]) -> None:
    """fapi2-…-ensure-request-object-without-pkce-fails, fapi2-…-par-plain-pkce-rejected"""
    assert_error(await fapi.push(**challenge), "invalid_request")


@pytest.mark.parametrize("verifier", ["", VERIFIER[:-1] + "x"])
async def test_incorrect_pkce_code_verifier_rejected(fapi: Fapi, verifier: str) -> None:
    """fapi2-security-profile-final-par-incorrect-pkce-code-verifier-rejected, …-ensure-token-endpoint-fails-with-missing-verifier"""
    assert_error(await fapi.redeem((await fapi.sign_in())["code"], code_verifier=verifier), "invalid_grant", "invalid_request")


async def test_par_attempt_reuse_request_uri(fapi: Fapi) -> None:
    """fapi2-security-profile-final-par-attempt-reuse-request_uri"""
    reference = (await fapi.push()).json()["request_uri"]
    await fapi.sign_in(reference)
    parameters = {"client_id": fapi.client.client_id, "request_uri": reference}
    assert (await fapi.op.http.get("/authorize", params=parameters)).status_code == 400


async def test_par_attempt_to_use_expired_request_uri(fapi: Fapi) -> None:
    """fapi2-security-profile-final-par-attempt-to-use-expired-request_uri; the profile wants less than 600 seconds."""
    answer = (await fapi.push()).json()
    assert 5 <= answer["expires_in"] < 600
    fapi.op.service.clock.advance(timedelta(seconds=answer["expires_in"]))
    parameters = {"client_id": fapi.client.client_id, "request_uri": answer["request_uri"]}
    assert (await fapi.op.http.get("/authorize", params=parameters)).status_code == 400


async def test_par_attempt_to_use_request_uri_for_different_client(fapi: Fapi) -> None:
    """fapi2-security-profile-final-par-attempt-to-use-request_uri-for-different-client"""
    other = Fapi(fapi.op, "fapi-client-2")
    await other.register()
    parameters = {"client_id": "fapi-client-2", "request_uri": (await fapi.push()).json()["request_uri"]}
    assert (await fapi.op.http.get("/authorize", params=parameters)).status_code == 400


async def test_par_authorization_request_containing_request_uri(fapi: Fapi) -> None:
    """fapi2-security-profile-final-par-authorization-request-containing-request_uri"""
    reference = (await fapi.push()).json()["request_uri"]
    assert_error(await fapi.push(request_uri=reference), "invalid_request")


async def test_par_with_bad_redirect_uri(fapi: Fapi) -> None:
    """fapi2-security-profile-final-ensure-redirect-uri-in-authorization-request, …-par-ensure-registered-redirect-uri"""
    assert_error(await fapi.push(redirect_uri=""), "invalid_request")
    assert_error(await fapi.push(redirect_uri="https://evil.example/"), "invalid_request")


async def test_response_type_token_fails(fapi: Fapi) -> None:
    """fapi2-security-profile-final-par-response-type-token-fails"""
    assert_error(await fapi.push(response_type="token"), "unsupported_response_type", "invalid_request")


async def test_client_assertion_checks(fapi: Fapi) -> None:
    """fapi2-…-ensure-client-assertion-with-exp-is-5-minutes-in-past-fails, -with-wrong-aud-fails, -with-iss-aud-succeeds, -with-no-sub-fails"""
    now = int(fapi.op.service.clock.now().timestamp())
    for change in ({"exp": now - 300}, {"aud": "https://other.example"}, {"sub": None}, {"iss": None}):
        assert_error(await fapi.push(fapi.client.assertion(**change)), "invalid_client")
    assert (await fapi.push(fapi.client.assertion(aud=ISSUER))).status_code == 201


async def test_client_assertion_clock_skew(fapi: Fapi) -> None:
    """fapi2-…-par-test-iat-is-10-seconds-in-future-succeeds, -nbf-10-seconds-in-the-future-is-accepted"""
    soon = int(fapi.op.service.clock.now().timestamp()) + 8
    assert (await fapi.push(fapi.client.assertion(iat=soon, nbf=soon))).status_code == 201


async def test_client_assertion_signed_by_another_client(fapi: Fapi) -> None:
    """fapi2-security-profile-final-ensure-signed-client-assertion-with-different-client-fails"""
    other = Fapi(fapi.op, "fapi-client-2")
    await other.register()
    assert_error(await fapi.push(fapi.client.assertion(key=other.client.key)), "invalid_client")


async def test_ensure_authorization_code_is_bound_to_client(fapi: Fapi) -> None:
    """fapi2-security-profile-final-ensure-authorization-code-is-bound-to-client"""
    other = Fapi(fapi.op, "fapi-client-2")
    await other.register()
    code = (await fapi.sign_in())["code"]
    assert_error(await other.redeem(code), "invalid_grant")
    assert (await fapi.redeem(code)).status_code == 200


async def test_attempt_reuse_authorization_code(fapi: Fapi) -> None:
    """fapi2-security-profile-final-attempt-reuse-authorization-code-after-one-second"""
    code = (await fapi.sign_in())["code"]
    await fapi.redeem(code)
    fapi.op.service.clock.advance(timedelta(seconds=1))
    assert_error(await fapi.redeem(code), "invalid_grant")


async def test_authorization_code_is_good_for_a_minute(fapi: Fapi) -> None:
    """FAPI 2.0 Security Profile 5.3.2.1: codes with a lifetime of at most 60 seconds."""
    code = (await fapi.sign_in())["code"]
    fapi.op.service.clock.advance(timedelta(seconds=60))
    assert_error(await fapi.redeem(code), "invalid_grant")


async def test_ensure_token_endpoint_requires_dpop(fapi: Fapi) -> None:
    """fapi2-security-profile-final-ensure-holder-of-key-required"""
    assert_error(await fapi.redeem((await fapi.sign_in())["code"], proof=""), "invalid_dpop_proof", "invalid_request")


@pytest.mark.parametrize("change", [{"htm": "GET"}, {"htu": f"{ISSUER}/api/identity/v1/other"}, {"iat": 1_000_000}, {"jti": None}])
async def test_dpop_negative_tests(fapi: Fapi, change: dict[str, Any]) -> None:
    """fapi2-security-profile-final-dpop-negative-tests"""
    proof = fapi.holder.proof("POST", "/token", **change)
    assert_error(await fapi.redeem((await fapi.sign_in())["code"], proof=proof), "invalid_dpop_proof")


async def test_ensure_holder_of_key_at_the_resource(fapi: Fapi) -> None:
    """fapi2-…-ensure-mtls-or-dpop-at-resource: the token alone, or with another key, opens nothing."""
    token = (await fapi.tokens())["access_token"]
    other = Fapi(fapi.op).holder
    for headers in ({"Authorization": f"Bearer {token}"}, other.headers("GET", "/userinfo", token)):
        assert (await fapi.op.http.get("/userinfo", headers=headers)).status_code == 401


async def test_refresh_token(fapi: Fapi) -> None:
    """fapi2-security-profile-final-refresh-token: bound to the client, whose key of possession may change (RFC 9449, 5)."""
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
    """fapi2-security-profile-final-access-token-type-header-case-sensitivity"""
    token = (await fapi.tokens())["access_token"]
    for scheme in ("dpop", "DPOP", "DpOp"):
        headers = {"Authorization": f"{scheme} {token}", "DPoP": fapi.holder.proof("GET", "/userinfo", token)}
        assert (await fapi.op.http.get("/userinfo", headers=headers)).status_code == 200


async def test_ensure_other_client_keys_work_after_rotation(fapi: Fapi) -> None:
    """fapi2-…-client keys: a second key in the set works beside the first."""
    new = new_key()
    await fapi.client.register(redirect_uris=[CALLBACK], jwks=public_set(fapi.client.key, new), scopes=["identity.self"])
    assert (await fapi.push(fapi.client.assertion(key=new))).status_code == 201
    assert (await fapi.push()).status_code == 201


async def test_state_only_outside_request_object_not_used(fapi: Fapi) -> None:
    """fapi2-security-profile-final-state-only-outside-request-object-not-used"""
    reference = (await fapi.push(state="")).json()["request_uri"]
    form = {
        "client_id": fapi.client.client_id, "request_uri": reference, "login": WANG.citizen_id, "password": PASSWORD, "state": "outside",
    }  # fmt: skip
    assert "state" not in redirect_parameters(await fapi.op.http.post("/authorize", data=form))


async def test_plain_fapi_client_id_mismatch(fapi: Fapi) -> None:
    """fapi2-security-profile-final-ensure-different-client-id-in-par-fails: client_id is that of the assertion."""
    request = request_parameters(client_id="tongban-demo")
    assert_error(await fapi.client.post("/par", None, **request), "invalid_client", "invalid_request")

"""Tokens bound to keys (DPoP, RFC 9449): issued to a key, refreshed with it, accepted with its proofs only; and the attacks."""

import base64
from datetime import timedelta
import hashlib
import hmac
from typing import Any

import httpx
from joserfc.jwk import ECKey, RSAKey
import orjson
import pytest

from tests.identity.api.test_tokens import acting, assert_refused, bind_noodles
from tests.identity.client_keys import SystemWithKey
from tests.identity.provider import CALLBACK, VERIFIER, WANG, Provider, bearer
from tests.support.possession import Holder

RSA = RSAKey.generate_key(2048)


@pytest.fixture
async def holder(provider: Provider) -> Holder:
    provider.follow_keys()
    await provider.sign_up()
    return Holder(lambda: provider.service.clock.now().timestamp())


async def redeem(provider: Provider, proof: str | None, *, login: str = WANG.citizen_id, **change: str) -> httpx.Response:
    code = await provider.code(login, **change)
    form = {
        "grant_type": "authorization_code", "client_id": "tongban-demo", "code": code, "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }  # fmt: skip
    return await provider.http.post("/token", data=form, headers={"DPoP": proof} if proof else {})


async def refresh(provider: Provider, token: str, proof: str | None, client_id: str = "tongban-demo") -> httpx.Response:
    form = {"grant_type": "refresh_token", "client_id": client_id, "refresh_token": token}
    return await provider.http.post("/token", data=form, headers={"DPoP": proof} if proof else {})


async def bound(provider: Provider, holder: Holder, **change: str) -> dict[str, Any]:
    answer = await redeem(provider, holder.proof("POST", "/token"), **change)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


@pytest.mark.parametrize("key", [None, RSA], ids=["ES256", "PS256"])
async def test_a_bound_token_is_accepted_with_a_proof_of_its_key(provider: Provider, holder: Holder, key: RSAKey | None) -> None:
    holder.key = key or holder.key
    tokens = await bound(provider, holder)
    token = tokens["access_token"]
    assert tokens["token_type"] == "DPoP"
    assert provider.claims(token)["cnf"] == {"jkt": holder.thumbprint}
    for query in ("", "?x=1"):
        assert (await provider.http.get(f"/me{query}", headers=holder.headers("GET", "/me", token))).status_code == 200
    assert (await provider.http.get("/userinfo", headers=holder.headers("GET", "/userinfo", token))).json()["name"] == "王小明"


async def test_attack_a_stolen_bound_token_is_worth_nothing_without_the_key(provider: Provider, holder: Holder) -> None:
    token = (await bound(provider, holder))["access_token"]
    thief = Holder(lambda: provider.service.clock.now().timestamp())
    attempts: list[dict[str, str]] = [
        bearer(token),
        {"Authorization": f"DPoP {token}"},
        {**bearer(token), "DPoP": holder.proof("GET", "/me", token)},
        thief.headers("GET", "/me", token),
        {**bearer(token), "X-Passed-On-By": token},
        {**bearer(token), "X-Passed-On-By": "rubbish"},
        {**bearer(token), "X-Passed-On-By": provider.service.issuer.token("system")},
    ]
    for headers in attempts:
        answer = await provider.http.get("/me", headers=headers)
        assert answer.status_code == 401, headers
        assert answer.headers["www-authenticate"].split()[0] in ("DPoP", "Bearer")


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("wrong method", {"htm": "POST"}),
        ("no method", {"htm": None}),
        ("wrong path", {"htu": "http://127.0.0.1:8000/api/identity/v1/userinfo"}),
        ("wrong host", {"htu": "http://127.0.0.1:9000/api/identity/v1/me"}),
        ("wrong scheme", {"htu": "https://127.0.0.1:8000/api/identity/v1/me"}),
        ("no url", {"htu": 5}),
        ("unreadable url", {"htu": "http://[/"}),
        ("wrong token", {"ath": "x" * 43}),
        ("no token", {"ath": None}),
        ("token of another kind", {"ath": 5}),
        ("no id", {"jti": None}),
        ("empty id", {"jti": ""}),
        ("no time", {"iat": None}),
        ("truth as a time", {"iat": True}),
        ("long ago", {"iat": 1_700_000_000}),
        ("far ahead", {"iat": 1e300}),
        ("kind", {"header": {"typ": "JWT"}}),
        ("no key", {"header": {"jwk": None}}),
        ("key by id only", {"header": {"jwk": None, "kid": "x"}}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_attack_a_proof_for_something_else_is_refused(provider: Provider, holder: Holder, what: str, change: dict[str, Any]) -> None:
    token = (await bound(provider, holder))["access_token"]
    proof = holder.proof("GET", "/me", token, **change)
    answer = await provider.http.get("/me", headers={"Authorization": f"DPoP {token}", "DPoP": proof})
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:tongban:problem:proof-refused")
    assert 'error="invalid_dpop_proof"' in answer.headers["www-authenticate"]


def forged(holder: Holder, token: str, alg: str, key: bytes, jwk: object = None) -> str:
    def encoded(part: bytes) -> str:
        return base64.urlsafe_b64encode(part).decode().rstrip("=")

    head = orjson.dumps({"typ": "dpop+jwt", "alg": alg, "jwk": jwk or holder.key.as_dict(private=False)})
    signed = f"{encoded(head)}.{holder.proof('GET', '/me', token).split('.')[1]}"
    return f"{signed}.{encoded(hmac.new(key, signed.encode(), hashlib.sha256).digest()) if key else ''}"


async def test_attack_algorithm_confusion_in_a_proof_is_refused(provider: Provider, holder: Holder) -> None:
    token = (await bound(provider, holder))["access_token"]
    stranger = Holder(lambda: provider.service.clock.now().timestamp())
    proofs = [
        forged(holder, token, "none", b""),
        forged(holder, token, "HS256", holder.key.as_pem(private=False)),
        forged(holder, token, "ES256", b"x"),
        forged(holder, token, "ES256", b"x", jwk="text"),
        forged(holder, token, "ES256", b"x", jwk={"kty": "EC", "crv": "P-256", "x": 1, "y": "AA"}),
        forged(holder, token, "PS256", b"x", jwk={"kty": "oct", "k": "AA"}),
        stranger.proof("GET", "/me", token, header={"jwk": holder.key.as_dict(private=False)}),
        holder.proof("GET", "/me", token, header={"jwk": holder.key.as_dict(private=True)}),
        Holder(stranger._now, RSA).proof("GET", "/me", token, header={"alg": "RS256"}),
        "rubbish",
        "é",
    ]
    for proof in proofs:
        headers = [(b"Authorization", f"DPoP {token}".encode()), (b"DPoP", proof.encode())]
        assert (await provider.http.get("/me", headers=headers)).status_code == 401, proof[:40]


async def test_attack_a_proof_replayed_is_refused_at_a_route_and_at_the_token_endpoint(provider: Provider, holder: Holder) -> None:
    proof = holder.proof("POST", "/token")
    tokens = (await redeem(provider, proof)).json()
    assert_refused(await redeem(provider, proof), "invalid_dpop_proof")
    headers = holder.headers("GET", "/me", tokens["access_token"])
    assert (await provider.http.get("/me", headers=headers)).status_code == 200
    provider.service.clock.advance(timedelta(seconds=59))
    assert (await provider.http.get("/me", headers=headers)).status_code == 401


async def test_attack_a_proof_kept_for_later_or_made_ahead_is_refused(provider: Provider, holder: Holder) -> None:
    token = (await bound(provider, holder))["access_token"]
    headers = holder.headers("GET", "/me", token)
    provider.service.clock.advance(timedelta(seconds=61))
    assert (await provider.http.get("/me", headers=headers)).status_code == 401
    ahead = holder.headers("GET", "/me", token)
    provider.service.clock.advance(timedelta(seconds=-61))
    assert (await provider.http.get("/me", headers=ahead)).status_code == 401


async def test_two_proofs_or_a_proof_for_a_bearer_token_are_refused(provider: Provider, holder: Holder) -> None:
    token = (await bound(provider, holder))["access_token"]
    twice = [("Authorization", f"DPoP {token}"), *(("DPoP", holder.proof("GET", "/me", token)) for _ in range(2))]
    assert (await provider.http.get("/me", headers=twice)).status_code == 401
    unbound = (await provider.tokens(WANG.citizen_id))["access_token"]
    assert (await provider.http.get("/me", headers=holder.headers("GET", "/me", unbound))).status_code == 401


async def test_a_public_client_refreshes_with_its_key_only(provider: Provider, holder: Holder) -> None:
    first = (await bound(provider, holder))["refresh_token"]
    thief = Holder(lambda: provider.service.clock.now().timestamp())
    assert_refused(await refresh(provider, first, None), "invalid_grant")
    assert_refused(await refresh(provider, first, thief.proof("POST", "/token")), "invalid_grant")
    again = await refresh(provider, first, holder.proof("POST", "/token"))
    assert (again.status_code, again.json()["token_type"]) == (200, "DPoP")


async def test_a_code_asked_for_with_a_key_is_redeemed_with_it(provider: Provider, holder: Holder) -> None:
    thief = Holder(lambda: provider.service.clock.now().timestamp())
    jkt = holder.thumbprint
    assert_refused(await redeem(provider, thief.proof("POST", "/token"), dpop_jkt=jkt), "invalid_grant")
    assert_refused(await redeem(provider, None, dpop_jkt=jkt), "invalid_grant")
    assert (await redeem(provider, holder.proof("POST", "/token"), dpop_jkt=jkt)).status_code == 200


async def test_a_client_registered_for_bound_tokens_gets_no_others(provider: Provider, holder: Holder) -> None:
    system = SystemWithKey(provider)
    await system.register(dpop_bound_access_tokens=True)
    assert_refused(await system.token(), "invalid_dpop_proof")
    form = {
        "grant_type": "client_credentials", "client_assertion": system.assertion(),
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }  # fmt: skip
    answer = await provider.http.post("/token", data=form, headers={"DPoP": holder.proof("POST", "/token")})
    assert (answer.json()["token_type"], provider.claims(answer.json()["access_token"])["cnf"]) == ("DPoP", {"jkt": holder.thumbprint})


@pytest.mark.parametrize("change", [{"htm": "GET"}, {"htu": "http://127.0.0.1:8000/api/identity/v1/par"}, {"iat": 0}])
async def test_the_token_endpoint_judges_proofs_like_every_route(provider: Provider, holder: Holder, change: dict[str, Any]) -> None:
    assert_refused(await redeem(provider, holder.proof("POST", "/token", **change)), "invalid_dpop_proof")


async def test_an_exchange_keeps_the_key(provider: Provider, holder: Holder) -> None:
    organisation_id = await bind_noodles(provider, (await provider.tokens(WANG.citizen_id))["access_token"])
    token = (await bound(provider, holder))["access_token"]
    assert_refused(await acting(provider, token, organisation_id), "invalid_dpop_proof")
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange", "client_id": "tongban-demo", "subject_token": token,
        "acting_for": organisation_id,
    }  # fmt: skip
    answer = await provider.http.post("/token", data=form, headers={"DPoP": holder.proof("POST", "/token")})
    exchanged = answer.json()["access_token"]
    assert answer.json()["token_type"] == "DPoP"
    assert (await provider.http.get("/me", headers=holder.headers("GET", "/me", exchanged))).json()["kind"] == "organisation"


async def test_a_service_passes_a_bound_token_on_and_a_bearer_token_as_it_is(provider: Provider, holder: Holder) -> None:
    token = (await bound(provider, holder))["access_token"]
    passing = {**bearer(token), "X-Passed-On-By": provider.service.issuer.token("service")}
    assert (await provider.http.get("/me", headers=passing)).status_code == 200


def test_a_key_has_the_thumbprint_of_the_standards_example() -> None:
    """RFC 9449, 5 and 6.1."""
    key = ECKey.import_key({
        "kty": "EC", "crv": "P-256", "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs", "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
    })  # fmt: skip
    assert Holder(lambda: 0, key).thumbprint == "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"

"""Tokens and answers that are not this issuer's, or not what they say: each refused, by the name of the attack."""

import base64
import hmac
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey
import orjson
import pytest

from services.identity.parts import parts_of
from tests.identity.provider import CALLBACK, VERIFIER, WANG, Provider, bearer, redirect_parameters, request_parameters

ISSUER = "http://127.0.0.1:8000"
EVIL = "https://evil.example"


@pytest.fixture
async def claims(provider: Provider) -> dict[str, Any]:
    """Of a good access token."""
    provider.follow_keys()
    await provider.sign_up()
    token = (await provider.tokens(WANG.citizen_id))["access_token"]
    assert await status(provider, token) == 200
    return provider.claims(token)


async def status(provider: Provider, token: str) -> int:
    return (await provider.http.get("/me", headers=bearer(token))).status_code


def signed_here(provider: Provider, claims: dict[str, Any]) -> str:
    """By identity's own key, whatever it says."""
    return parts_of(provider.service.runtime).signer.access_token(claims)


def encoded(part: Any) -> str:
    raw = part if isinstance(part, bytes) else orjson.dumps(part)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


async def test_attack_mixed_up_issuer_every_answer_names_who_gave_it_whatever_the_request_says(provider: Provider) -> None:
    """RFC 9207: a client that talks to several issuers can tell whose answer it holds."""
    await provider.sign_up()
    document = (await provider.http.get("/openid-configuration")).json()
    assert document["authorization_response_iss_parameter_supported"] is True
    good = await provider.submit_sign_in(WANG.citizen_id)
    smuggled = await provider.http.get("/authorize", params={**request_parameters(prompt="none"), "iss": EVIL})
    refused = await provider.ask(prompt="none login")
    for answer in (good, smuggled, refused):
        assert parse_qs(urlsplit(answer.headers["location"]).query)["iss"] == [document["issuer"]] == [ISSUER]
    assert "error" in redirect_parameters(refused)


async def test_attack_mixed_up_issuer_a_token_that_names_another_is_refused_even_under_our_key(
    provider: Provider, claims: dict[str, Any]
) -> None:
    assert await status(provider, signed_here(provider, claims)) == 200
    for change in ({"iss": EVIL}, {"iss": f"{ISSUER}/"}, {"iss": [ISSUER, EVIL]}, {"aud": "somebody-else"}, {"iss": None}):
        assert await status(provider, signed_here(provider, {**claims, **change})) == 401


async def test_attack_algorithm_confusion_an_access_token_is_es256_or_nothing(provider: Provider, claims: dict[str, Any]) -> None:
    [public] = [key for key in provider.keys["keys"] if key["alg"] == "ES256"][:1]
    key_id, header = public["kid"], {"typ": "at+jwt", "kid": public["kid"]}
    pem = ECKey.import_key(public).as_pem(private=False)
    body = encoded(claims)
    confused = f"{encoded({**header, 'alg': 'HS256'})}.{body}"
    secrets = (pem, pem.strip(), orjson.dumps(public), public["x"].encode(), key_id.encode(), b"")
    forged = [f"{confused}.{encoded(hmac.new(secret, confused.encode(), 'sha256').digest())}" for secret in secrets]
    forged += [f"{encoded({**header, 'alg': alg})}.{body}." for alg in ("none", "None", "NONE", "")]
    forged += [f"{encoded({**header, 'alg': 'ES256'})}.{body}.{encoded(signature)}" for signature in (b"", bytes(64), b"\xff" * 64)]
    forged += [f"{encoded({**header, 'alg': 'ES256', 'jwk': public})}.{body}.{encoded(bytes(64))}"]
    for token in forged:
        assert await status(provider, token) == 401


async def test_attack_a_key_the_token_brings_along_is_not_believed(provider: Provider, claims: dict[str, Any]) -> None:
    own = ECKey.generate_key("P-256", {"kid": provider.keys["keys"][0]["kid"]})
    for extra in ({}, {"jwk": own.as_dict(private=False)}, {"jku": f"{EVIL}/jwks"}, {"x5u": f"{EVIL}/x"}):
        token = jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": own.kid, **extra}, claims, own)
        assert await status(provider, token) == 401
    stranger = ECKey.generate_key("P-256", {"kid": "../../keys/mine"})
    assert await status(provider, jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": stranger.kid}, claims, stranger)) == 401


async def test_attack_an_id_or_logout_token_is_no_access_token(provider: Provider, claims: dict[str, Any]) -> None:
    signer = parts_of(provider.service.runtime).signer
    assert await status(provider, signer.id_token(claims)) == 401
    assert await status(provider, signer.logout_token(claims)) == 401


async def test_attack_an_expired_token_is_refused_and_so_is_one_without_an_end(provider: Provider, claims: dict[str, Any]) -> None:
    now = int(provider.service.clock.now().timestamp())
    without_end = {name: value for name, value in claims.items() if name != "exp"}
    for wrong in ({**claims, "exp": now - 60}, without_end, {**claims, "exp": "never"}, {**claims, "exp": None}):
        assert await status(provider, signed_here(provider, wrong)) == 401


@pytest.mark.parametrize("verifier", ["", VERIFIER[:-1] + "x", VERIFIER + "x", VERIFIER[:42], VERIFIER.lower(), "é" * 43])
async def test_attack_wrong_verifier_redeems_nothing(provider: Provider, verifier: str) -> None:
    await provider.sign_up()
    code = await provider.code(WANG.citizen_id)
    assert (await provider.redeem(code, code_verifier=verifier)).json()["error"] in ("invalid_grant", "invalid_request")
    assert (await provider.redeem(code, code_verifier=VERIFIER)).status_code == 200


async def test_attack_redirect_tricks_a_code_goes_to_the_address_it_was_asked_for_and_redeems_there_only(provider: Provider) -> None:
    await provider.sign_up()
    code = await provider.code(WANG.citizen_id)
    for trick in (f"{CALLBACK}/", f"{CALLBACK}?a=b", CALLBACK.upper(), f"{CALLBACK}#x", f"{CALLBACK}@evil.example", ""):
        assert (await provider.redeem(code, redirect_uri=trick)).json()["error"] == "invalid_grant"
    assert (await provider.redeem(code)).status_code == 200

"""The authorization request and PKCE."""

from dataclasses import replace

import pytest

from services.identity.rules.authorization import AuthorizationRequest, fault_of, is_proof

# RFC 7636, appendix B
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

GOOD = AuthorizationRequest("code", "hall", "http://127.0.0.1/callback", "openid", "s", "n", CHALLENGE, "S256", "")


def test_the_verifier_of_the_rfcs_appendix_proves_its_challenge() -> None:
    assert is_proof(VERIFIER, CHALLENGE)


@pytest.mark.parametrize("verifier", ["", VERIFIER[:-1], VERIFIER + "x", CHALLENGE, "a" * 129, VERIFIER[:-1] + "é"])
def test_any_other_verifier_proves_nothing(verifier: str) -> None:
    assert not is_proof(verifier, CHALLENGE)


def test_a_complete_request_has_no_fault() -> None:
    assert fault_of(GOOD) is None


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": ""}, "unsupported_response_type"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge": CHALLENGE + "A"}, "invalid_request"),
        ({"code_challenge": VERIFIER[:-1] + "."}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
    ],
)
def test_a_fault_is_named_for_the_client(change: dict[str, str], error: str) -> None:
    fault = fault_of(replace(GOOD, **change))
    assert fault is not None
    assert fault.error == error

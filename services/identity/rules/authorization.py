"""The authorization request (OAuth 2.1 code flow, PKCE S256 always) and the proof that redeems its code."""

import base64
from dataclasses import dataclass
from datetime import timedelta
import hashlib
import hmac
import re

CODE_LIFETIME = timedelta(seconds=60)
ACCESS_LIFETIME = timedelta(minutes=15)
PUSHED_LIFETIME = timedelta(seconds=60)
"""How long a pushed request waits for the person."""
PUSHED_OPEN_LIFETIME = timedelta(minutes=10)
"""How long the person then has to sign in."""

PROMPTS = frozenset({"none", "login", "consent", "select_account"})

_SECONDS = re.compile(r"[0-9]{0,9}", re.ASCII)
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What a client asks the sign-in page for. All as sent; empty where absent."""

    response_type: str
    client_id: str
    redirect_uri: str
    scope: str
    state: str
    nonce: str
    code_challenge: str
    code_challenge_method: str
    prompt: str = ""
    max_age: str = ""
    login_hint: str = ""
    id_token_hint: str = ""
    acr_values: str = ""
    response_mode: str = ""
    request: str = ""
    dpop_jkt: str = ""

    @property
    def prompts(self) -> frozenset[str]:
        return frozenset(self.prompt.split())


@dataclass(frozen=True, slots=True)
class Fault:
    """An OAuth error code and a sentence for the client's developer."""

    error: str
    description: str


def fault_of(request: AuthorizationRequest) -> Fault | None:
    """What is wrong with a request whose client and redirect address are good; sent to the client, not shown to the person."""
    if request.response_type != "code":
        return Fault("unsupported_response_type", "response_type must be code")
    if request.code_challenge_method != "S256" or not _CHALLENGE.fullmatch(request.code_challenge):
        return Fault("invalid_request", "PKCE is required: code_challenge of 43 characters with code_challenge_method=S256")
    if request.request:
        return Fault("request_not_supported", "the request is sent as parameters, not as a signed object")
    if request.response_mode not in ("", "query"):
        return Fault("invalid_request", "response_mode is query")
    if request.prompts - PROMPTS or ("none" in request.prompts and len(request.prompts) > 1):
        return Fault("invalid_request", "prompt is none alone, or some of login, consent and select_account")
    if request.dpop_jkt and not _CHALLENGE.fullmatch(request.dpop_jkt):
        return Fault("invalid_request", "dpop_jkt is the thumbprint of a key")
    if not _SECONDS.fullmatch(request.max_age):
        return Fault("invalid_request", "max_age is a number of seconds")
    return None


def is_proof(verifier: str, challenge: str) -> bool:
    """Whether the verifier is the one whose S256 challenge opened the request (RFC 7636, 4.6)."""
    if not _VERIFIER.fullmatch(verifier):
        return False
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).rstrip(b"=")
    return hmac.compare_digest(digest, challenge.encode("ascii"))

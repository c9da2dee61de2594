"""Signing in as a browser and its application would: authorization code with PKCE, the page really fetched and its form posted."""

import base64
import hashlib
from html.parser import HTMLParser
import secrets
from urllib.parse import parse_qs, urljoin, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet

from host.demo.gateway import Gateway

CLIENT = "tongban-demo"
CALLBACK = "http://127.0.0.1/callback"
_IDENTITY = "/api/identity/v1"


class SignInFailed(Exception):
    """The provider did not keep to the protocol; the message says where."""


class Form(HTMLParser):
    """The first form of a page: where it goes, and its hidden fields."""

    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.action = given.get("action") or ""
        if tag == "input" and given.get("type") == "hidden":
            self.fields[given.get("name") or ""] = given.get("value") or ""


async def sign_in(gateway: Gateway, login: str, password: str) -> str:
    """The access token. Raises Refused for a wrong password, SignInFailed, Unreachable."""
    verifier, state, nonce = (secrets.token_urlsafe(48) for _ in range(3))
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": CLIENT,
        "redirect_uri": CALLBACK,
        "scope": "openid",
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    page = await gateway.call("GET", f"{_IDENTITY}/authorize", params=asked)
    form = Form()
    form.feed(page.text)
    filled = {**form.fields, "login": login, "password": password}
    answer = await gateway.call("POST", urljoin(f"{_IDENTITY}/authorize", form.action), data=filled, expect=(303,))
    code = _code(answer.headers["location"], state)
    redeemed = {
        "grant_type": "authorization_code",
        "client_id": CLIENT,
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": verifier,
    }
    tokens = (await gateway.call("POST", f"{_IDENTITY}/token", data=redeemed)).json()
    await _check_id_token(gateway, tokens["id_token"], nonce)
    return str(tokens["access_token"])


async def act_for(gateway: Gateway, token: str, organisation_id: str) -> str:
    """An access token of the organisation, with the person behind `token` named as the one who acts. Raises Refused, Unreachable."""
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "client_id": CLIENT,
        "subject_token": token,
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "acting_for": organisation_id,
    }
    return str((await gateway.call("POST", f"{_IDENTITY}/token", data=form)).json()["access_token"])


async def sign_in_system(gateway: Gateway, client_id: str, secret: str) -> str:
    """The access token of a department's system, by its own credentials. Raises Refused, Unreachable."""
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    return str((await gateway.call("POST", f"{_IDENTITY}/token", data=form)).json()["access_token"])


def _code(location: str, state: str) -> str:
    if not location.startswith(CALLBACK + "?"):
        raise SignInFailed(f"the sign-in page led to {urlsplit(location).netloc}, not back to the application")
    answer = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
    if answer.get("state") != state or "code" not in answer:
        raise SignInFailed(f"the sign-in page answered {answer.get('error', 'with another state')}")
    return answer["code"]


async def _check_id_token(gateway: Gateway, id_token: str, nonce: str) -> None:
    keys = KeySet.import_key_set((await gateway.call("GET", f"{_IDENTITY}/jwks")).json())
    claims = jwt.decode(id_token, keys, algorithms=["ES256"]).claims
    if claims.get("nonce") != nonce or claims.get("aud") != CLIENT:
        raise SignInFailed("the id token is not for this sign-in")

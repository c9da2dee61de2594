"""An authorization request as it arrives, checked: whose it is, what it asks, and what the pages carry along."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from chassis import context
from chassis.context import Language
from chassis.crypto import KeyRing
from chassis.database import ReadTx
from services.identity.pages import dead_end_page
from services.identity.pages.sign_in import Visit
from services.identity.parts import Parts
from services.identity.queries.clients import find_client
from services.identity.rules.authorization import AuthorizationRequest, Fault, fault_of
from services.identity.rules.clients import Client, is_registered, secret_digest, with_parameters
from services.identity.rules.sessions import BrowserSession
from services.identity.store import pushed

PUSHED_PREFIX = "urn:ietf:params:oauth:request_uri:"

_OF_THE_PAGE = frozenset({"ui_locales", "way", "text_size"})


class AuthorizeParameters(BaseModel):
    """OAuth's parameters; unknown ones are ignored, as RFC 6749 asks."""

    response_type: str = Field(default="", max_length=50, description="`code`")
    client_id: str = Field(default="", max_length=64)
    redirect_uri: str = Field(default="", max_length=500)
    scope: str = Field(default="", max_length=1000)
    state: str = Field(default="", max_length=1000)
    nonce: str = Field(default="", max_length=500)
    code_challenge: str = Field(default="", max_length=128)
    code_challenge_method: str = Field(default="", max_length=20, description="`S256`")
    prompt: str = Field(default="", max_length=50, description="`none` alone, or some of `login`, `consent`, `select_account`")
    max_age: str = Field(default="", max_length=20, description="Seconds since the person last proved who they are")
    login_hint: str = Field(default="", max_length=200, description="Shown in the form's first field")
    id_token_hint: str = Field(default="", max_length=4096, description="Who is expected to be signed on")
    acr_values: str = Field(
        default="", max_length=200, description="Levels, any of which will do: who is below may raise theirs here; `acr` says what is so"
    )
    response_mode: str = Field(default="", max_length=20, description="`query`")
    request: str = Field(default="", max_length=8192, description="Not supported")
    dpop_jkt: str = Field(default="", max_length=100, description="The key that the code will be redeemed with (RFC 9449, 10)")
    request_uri: str = Field(default="", max_length=200, description="Of a request sent ahead; all other parameters but client_id then are")
    ui_locales: str = Field(default="", max_length=50, description="`zh-CN` or `en`; otherwise Accept-Language decides")
    way: str = Field(
        default="", max_length=20, description="The way to sign in that the page begins with: `password`, `code`, `passkey`, `qr`"
    )
    text_size: str = Field(default="", max_length=20, description="`large` for large print")

    def language(self) -> Language:
        return context.preferred_language(",".join(self.ui_locales.split())) if self.ui_locales else context.language()


@dataclass(frozen=True, slots=True)
class Asked:
    """A request whose client, redirect address and parameters are good. `carried` is what a page's form has to bring back.

    `pushed` is the digest of the reference of a request that was sent ahead.
    """

    client: Client
    request: AuthorizationRequest
    carried: Mapping[str, str]
    language: Language
    pushed: bytes | None

    @property
    def is_large(self) -> bool:
        return self.carried.get("text_size") == "large"

    @property
    def visit(self) -> Visit:
        """What every page of this sign-in shows and carries along."""
        return Visit(self.client.name, self.carried, self.language, self.request.redirect_uri, self.is_large)


def request_of(parameters: AuthorizeParameters) -> AuthorizationRequest:
    return AuthorizationRequest(**parameters.model_dump(include=set(AuthorizationRequest.__slots__)))


async def asked_of(tx: ReadTx, parameters: AuthorizeParameters, parts: Parts) -> Asked | Response:
    """The checked request, or what to answer instead."""
    public_url = parts.settings.public_url
    language, carried, digest = parameters.language(), parameters, None
    if parameters.request_uri:
        digest = secret_digest(parameters.request_uri.removeprefix(PUSHED_PREFIX))
        found = await pushed.parameters(tx, digest, parameters.client_id)
        if found is None:
            return dead_end_page(language)
        carried = AuthorizeParameters(**parameters.model_dump(include={"client_id", "request_uri", *_OF_THE_PAGE}))
        parameters = AuthorizeParameters(**found)
        language = carried.language() if carried.ui_locales else parameters.language()
    request = request_of(parameters)
    client = await find_client(tx, request.client_id, public_url=public_url)
    if client is None or not is_registered(client.redirect_uris, request.redirect_uri):
        return dead_end_page(language)
    fault = fault_of(request)
    if digest is None and client.require_pushed_authorization_requests:
        fault = Fault("invalid_request", "this client sends its requests ahead (pushed_authorization_request_endpoint)")
    if fault is None:
        fields = carried.model_dump(include=set(AuthorizeParameters.model_fields), exclude_defaults=True)
        return Asked(client, request, fields, language, digest)
    answer = {"error": fault.error, "error_description": fault.description, "state": request.state, "iss": public_url}
    return RedirectResponse(with_parameters(request.redirect_uri, **answer), status_code=303)


def confirmation_of(asked: Asked, session: BrowserSession, keys: KeyRing, page: Literal["consent", "step-up"] = "consent") -> str:
    """What proves that a page's form was made here, for this request and this sign-on."""
    shown = "\n".join(f"{name}={value}" for name, value in sorted(asked.carried.items()) if name not in _OF_THE_PAGE)
    return keys.blind_index(page, f"{session.id}\n{session.signed_in_at.isoformat()}\n{shown}")

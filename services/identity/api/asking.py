"""An authorization request as it arrives, checked: whose it is, what it asks, and what the pages carry along."""

from collections.abc import Mapping
from dataclasses import dataclass

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
from services.identity.rules.authorization import AuthorizationRequest, fault_of
from services.identity.rules.clients import Client, is_registered, with_parameters
from services.identity.rules.sessions import BrowserSession

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
    acr_values: str = Field(default="", max_length=200, description="Wished for; the id token's `acr` says what is so")
    response_mode: str = Field(default="", max_length=20, description="`query`")
    request: str = Field(default="", max_length=8192, description="Not supported")
    ui_locales: str = Field(default="", max_length=50, description="`zh-CN` or `en`; otherwise Accept-Language decides")
    way: str = Field(
        default="", max_length=20, description="The way to sign in that the page begins with: `password`, `code`, `passkey`, `qr`"
    )
    text_size: str = Field(default="", max_length=20, description="`large` for large print")

    def language(self) -> Language:
        return context.preferred_language(",".join(self.ui_locales.split())) if self.ui_locales else context.language()


@dataclass(frozen=True, slots=True)
class Asked:
    """A request whose client, redirect address and parameters are good. `carried` is what a page's form has to bring back."""

    client: Client
    request: AuthorizationRequest
    carried: Mapping[str, str]
    language: Language

    @property
    def is_large(self) -> bool:
        return self.carried.get("text_size") == "large"

    @property
    def visit(self) -> Visit:
        """What every page of this sign-in shows and carries along."""
        return Visit(self.client.name, self.carried, self.language, self.request.redirect_uri, self.is_large)


async def asked_of(tx: ReadTx, parameters: AuthorizeParameters, parts: Parts) -> Asked | Response:
    """The checked request, or what to answer instead."""
    public_url = parts.settings.public_url
    fields = parameters.model_dump(include=set(AuthorizationRequest.__slots__))
    request = AuthorizationRequest(**fields)
    client = await find_client(tx, request.client_id, public_url=public_url)
    if client is None or not is_registered(client.redirect_uris, request.redirect_uri):
        return dead_end_page(parameters.language())
    fault = fault_of(request)
    if fault is None:
        carried = parameters.model_dump(include=set(AuthorizeParameters.model_fields), exclude_defaults=True)
        return Asked(client, request, carried, parameters.language())
    answer = {"error": fault.error, "error_description": fault.description, "state": request.state, "iss": public_url}
    return RedirectResponse(with_parameters(request.redirect_uri, **answer), status_code=303)


def confirmation_of(asked: Asked, session: BrowserSession, keys: KeyRing) -> str:
    """What proves that a form of consent was made here, for this request and this sign-on."""
    shown = "\n".join(f"{name}={value}" for name, value in sorted(asked.carried.items()) if name not in _OF_THE_PAGE)
    return keys.blind_index("consent", f"{session.id}\n{session.signed_in_at.isoformat()}\n{shown}")

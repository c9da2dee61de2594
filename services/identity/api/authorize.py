"""The sign-in page: where a client sends people, and from where they come back with a code.

A request with an unknown client or redirect address gets a page, never a redirect; every other fault goes to the client.
"""

from typing import Annotated, Any

from fastapi import Form, Query, Request
from pydantic import BaseModel, Field, SecretStr
from starlette.responses import RedirectResponse, Response

from chassis import context
from chassis.app import service_router
from chassis.context import Language
from chassis.database import ReadTx
from chassis.edge import Reads
from services.identity.api.access import AnyoneSignsIn
from services.identity.api.authentication import Throttled, WrongPassword, authenticate
from services.identity.api.edge import HTML_CONTENT, PROBLEM_CONTENT, PartsHere, source_of
from services.identity.pages import SignInFault, dead_end_page, sign_in_page
from services.identity.parts import Parts
from services.identity.queries.clients import find_client
from services.identity.rules.authorization import AuthorizationRequest, fault_of
from services.identity.rules.clients import Client, is_registered, with_parameters

router = service_router("sign-in")


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
    prompt: str = Field(default="", max_length=50)
    ui_locales: str = Field(default="", max_length=50, description="`zh-CN` or `en`; otherwise Accept-Language decides")

    def request(self) -> AuthorizationRequest:
        return AuthorizationRequest(**self.model_dump(include=set(AuthorizationRequest.__slots__)))

    def language(self) -> Language:
        return context.preferred_language(",".join(self.ui_locales.split())) if self.ui_locales else context.language()


class SignInForm(AuthorizeParameters):
    login: str = Field(default="", max_length=64, description="Citizen ID number, mobile number or staff login")
    password: SecretStr = Field(default=SecretStr(""), max_length=128)


_REDIRECTS: dict[int | str, dict[str, Any]] = {
    303: {"description": "Back to the client, with `code` or `error`, `state` and `iss`"},
    400: {"description": "Unknown client or redirect address", "content": {**HTML_CONTENT, **PROBLEM_CONTENT}},
}
_PAGE: dict[int | str, dict[str, Any]] = {200: {"description": "The sign-in page", "content": HTML_CONTENT}}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    401: {"description": "The page again: wrong login or password", "content": {**HTML_CONTENT, **PROBLEM_CONTENT}},
    429: {"description": "The page again: too many attempts", "content": HTML_CONTENT},
}


@router.get("/authorize", response_class=Response, responses={**_PAGE, **_REDIRECTS})
async def show_sign_in(_: AnyoneSignsIn, asked: Annotated[AuthorizeParameters, Query()], tx: Reads, parts: PartsHere) -> Response:
    """The sign-in page of an authorization code request with PKCE (OpenID Connect)."""
    checked = await _checked(tx, asked, parts)
    if isinstance(checked, Response):
        return checked
    return sign_in_page(checked.name, asked.model_dump(exclude_defaults=True), language=asked.language())


@router.post("/authorize", status_code=303, response_class=Response, responses={**_REDIRECTS, **_REFUSALS})
async def sign_in(_: AnyoneSignsIn, request: Request, form: Annotated[SignInForm, Form()], parts: PartsHere) -> Response:
    """Sign in with the page's form; on success back to the client with a code."""
    async with parts.db.read() as tx:
        checked = await _checked(tx, form, parts)
    if isinstance(checked, Response):
        return checked
    asked = form.request()
    source = source_of(request, parts.settings.trusted_proxies)
    outcome = await authenticate(parts, asked, login=form.login, password=form.password.get_secret_value(), source=source)
    if isinstance(outcome, str):
        answer = with_parameters(asked.redirect_uri, code=outcome, state=asked.state, iss=parts.settings.public_url)
        return RedirectResponse(answer, status_code=303)
    fault = SignInFault.WRONG if isinstance(outcome, WrongPassword) else SignInFault.THROTTLED
    return sign_in_page(
        checked.name,
        form.model_dump(exclude_defaults=True, exclude={"login", "password"}),
        language=form.language(),
        login=form.login,
        fault=fault,
        seconds=outcome.seconds if isinstance(outcome, Throttled) else 0,
    )


async def _checked(tx: ReadTx, asked: AuthorizeParameters, parts: Parts) -> Client | Response:
    """The client, or what to answer instead of a sign-in page."""
    request = asked.request()
    client = await find_client(tx, request.client_id, public_url=parts.settings.public_url)
    if client is None or not is_registered(client.redirect_uris, request.redirect_uri):
        return dead_end_page(asked.language())
    fault = fault_of(request)
    if fault is None:
        return client
    answer = with_parameters(
        request.redirect_uri,
        error=fault.error,
        error_description=fault.description,
        state=request.state,
        iss=parts.settings.public_url,
    )
    return RedirectResponse(answer, status_code=303)

"""The authorization endpoint: where a client sends people, and from where they come back with a code.

A request with an unknown client or redirect address gets a page, never a redirect; every other fault goes to the client. Who is signed
on in this browser already, and has agreed where it is needed, goes straight back.
"""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import Form, Query, Request
from pydantic import Field, SecretStr
from starlette.responses import Response

from chassis.app import service_router
from services.identity.api.access import AnyoneSignsIn
from services.identity.api.arrival import (
    arrive,
    back,
    back_with_code,
    has_consent,
    level_of,
    narrowed,
    page_of_consent,
    page_of_step_up,
    refused,
    scopes_of,
)
from services.identity.api.asking import Asked, AuthorizeParameters, asked_of, confirmation_of
from services.identity.api.authentication import Throttled, authenticate
from services.identity.api.browser import is_from_another_site, session_cookie
from services.identity.api.edge import HTML_CONTENT, PROBLEM_CONTENT, PartsHere, source_of
from services.identity.api.qr import show_or_arrive
from services.identity.errors import ForeignForm
from services.identity.pages.one_time_code import phone_page
from services.identity.pages.passkey import passkey_page
from services.identity.pages.sign_in import SignInFault, Wrong, password_page
from services.identity.parts import Parts
from services.identity.queries.hints import read_hint
from services.identity.queries.principals import find_principal
from services.identity.rules.authorization import Fault
from services.identity.rules.claims import Principal
from services.identity.rules.clients import secret_digest
from services.identity.rules.sessions import needed_step
from services.identity.rules.ways import PASSWORD, is_organisation_code, way_of
from services.identity.store import pushed, sessions

router = service_router("sign-in")


class SignInForm(AuthorizeParameters):
    login: str = Field(default="", max_length=64, description="Citizen ID number, mobile number or staff login")
    password: SecretStr = Field(default=SecretStr(""), max_length=128)


class ConsentForm(AuthorizeParameters):
    confirmation: str = Field(default="", max_length=64, description="Made for this request and this session")
    decision: str = Field(default="", max_length=10, description="`agree`; anything else is a no")


_REDIRECTS: dict[int | str, dict[str, Any]] = {
    303: {"description": "Back to the client, with `code` or `error`, `state` and `iss`"},
    400: {"description": "Unknown client or redirect address", "content": {**HTML_CONTENT, **PROBLEM_CONTENT}},
}
_PAGE: dict[int | str, dict[str, Any]] = {200: {"description": "The sign-in page or the page of consent", "content": HTML_CONTENT}}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    401: {"description": "The page again: wrong login or password", "content": {**HTML_CONTENT, **PROBLEM_CONTENT}},
    422: {"description": "The page again: an organisation's code was typed", "content": {**HTML_CONTENT, **PROBLEM_CONTENT}},
    429: {"description": "The page again: too many attempts", "content": HTML_CONTENT},
}


@router.get("/authorize", response_class=Response, responses={**_PAGE, **_REDIRECTS})
async def ask(_: AnyoneSignsIn, request: Request, parameters: Annotated[AuthorizeParameters, Query()], parts: PartsHere) -> Response:
    """An authorization code request with PKCE (OpenID Connect): back at once for who is signed on, else the sign-in page."""
    return await _answer(request, parameters, parts)


@router.post("/authorize", status_code=303, response_class=Response, responses={**_PAGE, **_REDIRECTS, **_REFUSALS})
async def sign_in(_: AnyoneSignsIn, request: Request, form: Annotated[SignInForm, Form()], parts: PartsHere) -> Response:
    """Sign in with the page's form; on success back to the client with a code. Without `login` it is a request like GET's."""
    if "login" not in await request.form():
        return await _answer(request, form, parts)
    if is_from_another_site(request):
        raise ForeignForm()
    async with parts.db.read() as tx:
        asked = await asked_of(tx, form, parts)
    if isinstance(asked, Response):
        return asked
    if "none" in asked.request.prompts:
        return await _answer(request, form, parts)
    source = source_of(request, parts.settings.trusted_proxies)
    if is_organisation_code(form.login):
        return password_page(asked.visit, login=form.login, wrong=Wrong(SignInFault.ORGANISATION))
    outcome = await authenticate(parts, login=form.login, password=form.password.get_secret_value(), source=source)
    if isinstance(outcome, Principal):
        return await arrive(request, asked, outcome, parts, methods=PASSWORD)
    wrong = Wrong(SignInFault.THROTTLED, outcome.seconds) if isinstance(outcome, Throttled) else Wrong(SignInFault.WRONG)
    return password_page(asked.visit, login=form.login, wrong=wrong)


@router.post("/authorize/consent", status_code=303, response_class=Response, responses=_REDIRECTS)
async def consent(_: AnyoneSignsIn, request: Request, form: Annotated[ConsentForm, Form()], parts: PartsHere) -> Response:
    """Agree, or not, to what the page of consent says the client will get."""
    if is_from_another_site(request):
        raise ForeignForm()
    cookie = session_cookie(request, parts.settings.public_url)
    async with parts.db.write() as tx:
        asked = await asked_of(tx, form, parts)
        if isinstance(asked, Response):
            return asked
        session = await sessions.live_session(tx, secret_digest(cookie), lock=True) if cookie else None
        if session is None or form.confirmation != confirmation_of(asked, session, parts.keys):
            return back(asked, parts, error="login_required", error_description="the session ended before the person agreed")
        principal = await find_principal(tx, session.subject, session.kind)
        if principal is None or form.decision != "agree":
            return back(asked, parts, error="access_denied", error_description="the person did not agree")
        scopes = scopes_of(asked, principal)
        await sessions.keep_consent(tx, session.subject, asked.client.client_id, scopes)
        return await back_with_code(tx, asked, replace(asked.request, scope=" ".join(sorted(scopes))), session, parts)


async def _answer(request: Request, parameters: AuthorizeParameters, parts: Parts) -> Response:
    cookie = session_cookie(request, parts.settings.public_url)
    async with parts.db.write() as tx:
        asked = await asked_of(tx, parameters, parts)
        if isinstance(asked, Response):
            return asked
        hinted = None
        if asked.request.id_token_hint:
            hint = await read_hint(tx, asked.request.id_token_hint, issuer=parts.settings.public_url)
            if hint is None:
                return back(asked, parts, error="invalid_request", error_description="id_token_hint is not an id token of this issuer")
            hinted = hint.subject
        if asked.pushed is not None:
            await pushed.open_page(tx, asked.pushed)
        session = await sessions.live_session(tx, secret_digest(cookie), lock=True) if cookie else None
        principal = await find_principal(tx, session.subject, session.kind) if session is not None else None
        is_known = session is not None and principal is not None
        has_agreed = principal is not None and await has_consent(tx, asked, principal)
        step = needed_step(
            asked.request, session if is_known else None, now=tx.now, hinted=hinted, has_consent=has_agreed, level=level_of(principal)
        )
        if isinstance(step, Fault):
            return refused(asked, step, parts)
        if step == "go-on" and session is not None and principal is not None:
            return await back_with_code(tx, asked, narrowed(asked, principal), session, parts)
    if step in ("step-up", "consent") and session is not None and principal is not None:
        page = page_of_step_up if step == "step-up" else page_of_consent
        return page(asked, session, principal, parts)
    return await _sign_in_page(request, asked, parts)


async def _sign_in_page(request: Request, asked: Asked, parts: Parts) -> Response:
    match way_of(asked.carried.get("way", "")):
        case "code":
            return phone_page(asked.visit)
        case "passkey":
            return passkey_page(asked.visit)
        case "qr":
            return await show_or_arrive(request, asked, parts)
    return password_page(asked.visit, login=asked.request.login_hint[:64])

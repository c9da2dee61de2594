"""The authorization endpoint: where a client sends people, and from where they come back with a code.

A request with an unknown client or redirect address gets a page, never a redirect; every other fault goes to the client. Who is signed
on in this browser already, and has agreed where it is needed, goes straight back.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Form, Query, Request
from pydantic import Field, SecretStr
from starlette.responses import RedirectResponse, Response

from chassis.app import service_router
from chassis.database import ReadTx, WriteTx
from services.identity.api.access import AnyoneSignsIn
from services.identity.api.asking import Asked, AuthorizeParameters, asked_of, confirmation_of
from services.identity.api.authentication import Throttled, WrongPassword, authenticate
from services.identity.api.browser import is_from_another_site, session_cookie, set_session_cookie
from services.identity.api.edge import HTML_CONTENT, PROBLEM_CONTENT, PartsHere, source_of
from services.identity.commands.begin_session import begin_session
from services.identity.commands.issue_code import issue_code
from services.identity.errors import ForeignForm
from services.identity.pages import SignInFault, consent_page, dead_end_page, sign_in_page
from services.identity.parts import Parts
from services.identity.queries.hints import read_hint
from services.identity.queries.principals import find_principal
from services.identity.rules.authorization import AuthorizationRequest, Fault
from services.identity.rules.claims import Principal
from services.identity.rules.clients import secret_digest, with_parameters
from services.identity.rules.scopes import granted, parse_scope
from services.identity.rules.sessions import BrowserSession, Step, needed_step, step_after_sign_in
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
    outcome = await authenticate(parts, login=form.login, password=form.password.get_secret_value(), source=source)
    if isinstance(outcome, Principal):
        return await _signed_in(request, asked, outcome, parts)
    return sign_in_page(
        asked.client.name,
        asked.carried,
        language=asked.language,
        form_goes_to=asked.request.redirect_uri,
        login=form.login,
        fault=SignInFault.WRONG if isinstance(outcome, WrongPassword) else SignInFault.THROTTLED,
        seconds=outcome.seconds if isinstance(outcome, Throttled) else 0,
    )


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
            return _back(asked, parts, error="login_required", error_description="the session ended before the person agreed")
        principal = await find_principal(tx, session.subject, session.kind)
        if principal is None or form.decision != "agree":
            return _back(asked, parts, error="access_denied", error_description="the person did not agree")
        scopes = _scopes(asked, principal)
        await sessions.keep_consent(tx, session.subject, asked.client.client_id, scopes)
        return await _back_with_code(tx, asked, replace(asked.request, scope=" ".join(sorted(scopes))), session, parts)


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
                return _back(asked, parts, error="invalid_request", error_description="id_token_hint is not an id token of this issuer")
            hinted = hint.subject
        if asked.pushed is not None:
            await pushed.open_page(tx, asked.pushed)
        session = await sessions.live_session(tx, secret_digest(cookie), lock=True) if cookie else None
        principal = await find_principal(tx, session.subject, session.kind) if session is not None else None
        if session is None or principal is None:
            step = needed_step(asked.request, None, now=tx.now, hinted=hinted, has_consent=False)
            return _sign_in_page(asked) if step == "sign-in" else _fault(asked, step, parts)
        has_consent = await _has_consent(tx, asked, principal)
        step = needed_step(asked.request, session, now=tx.now, hinted=hinted, has_consent=has_consent)
        if step == "go-on":
            return await _back_with_code(tx, asked, _narrowed(asked, principal), session, parts)
    return _page_or_fault(step, asked, session, principal, parts)


async def _signed_in(request: Request, asked: Asked, principal: Principal, parts: Parts) -> Response:
    """The person has proven who they are: their browser is signed on, whatever becomes of the request."""
    public_url = parts.settings.public_url
    async with parts.db.write() as tx:
        session, secret = await begin_session(
            tx,
            subject=principal.subject,
            kind=principal.kind,
            lifetime=timedelta(hours=parts.settings.session_hours),
            cookie=session_cookie(request, public_url),
        )
        hint = await read_hint(tx, asked.request.id_token_hint, issuer=public_url) if asked.request.id_token_hint else None
        step: Step | Fault = step_after_sign_in(asked.request, has_consent=await _has_consent(tx, asked, principal))
        if hint is not None and hint.subject != principal.subject:
            step = Fault("login_required", "somebody other than the id token hint says signed in")
        if step == "go-on":
            response = await _back_with_code(tx, asked, _narrowed(asked, principal), session, parts)
        else:
            response = _page_or_fault(step, asked, session, principal, parts)
    set_session_cookie(response, secret, public_url)
    return response


def _page_or_fault(step: Step | Fault, asked: Asked, session: BrowserSession, principal: Principal, parts: Parts) -> Response:
    if isinstance(step, Fault):
        return _fault(asked, step, parts)
    if step == "sign-in":
        return _sign_in_page(asked)
    return consent_page(
        asked.client.name,
        {**asked.carried, "confirmation": confirmation_of(asked, session, parts.keys)},
        language=asked.language,
        form_goes_to=asked.request.redirect_uri,
        account=principal.name,
        scopes=sorted(_scopes(asked, principal)),
    )


def _sign_in_page(asked: Asked) -> Response:
    return sign_in_page(
        asked.client.name,
        asked.carried,
        language=asked.language,
        form_goes_to=asked.request.redirect_uri,
        login=asked.request.login_hint[:64],
    )  # fmt: skip


async def _has_consent(tx: ReadTx, asked: Asked, principal: Principal) -> bool:
    if not asked.client.asks_consent:
        return True
    return await sessions.has_agreed(tx, principal.subject, asked.client.client_id, _scopes(asked, principal))


def _scopes(asked: Asked, principal: Principal) -> frozenset[str]:
    return granted(principal.kind, parse_scope(asked.request.scope), ceiling=asked.client.scopes, posts=principal.posts)


def _narrowed(asked: Asked, principal: Principal) -> AuthorizationRequest:
    """What a client that asks for consent gets is what was agreed to, even if the person may do more tomorrow."""
    return replace(asked.request, scope=" ".join(sorted(_scopes(asked, principal)))) if asked.client.asks_consent else asked.request


async def _back_with_code(tx: WriteTx, asked: Asked, request: AuthorizationRequest, session: BrowserSession, parts: Parts) -> Response:
    """A request that was sent ahead is used up by its code."""
    if asked.pushed is not None and not await pushed.take(tx, asked.pushed):
        return dead_end_page(asked.language)
    return _back(asked, parts, code=await issue_code(tx, request, session))


def _fault(asked: Asked, fault: Step | Fault, parts: Parts) -> Response:
    assert isinstance(fault, Fault)
    return _back(asked, parts, error=fault.error, error_description=fault.description)


def _back(asked: Asked, parts: Parts, **parameters: str) -> RedirectResponse:
    """To the client, with the issuer in the answer so that it knows whose it is (RFC 9207)."""
    address = with_parameters(asked.request.redirect_uri, **parameters, state=asked.request.state, iss=parts.settings.public_url)
    return RedirectResponse(address, status_code=303)

"""What follows once somebody has proven who they are, whichever way: their browser is signed on, and they go on to the client."""

from dataclasses import replace
from datetime import timedelta

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from chassis.database import ReadTx, WriteTx
from services.identity.api.asking import Asked, confirmation_of
from services.identity.api.browser import device_of, session_cookie, set_session_cookie
from services.identity.commands.begin_session import begin_session
from services.identity.commands.issue_code import issue_code
from services.identity.pages import consent_page, dead_end_page
from services.identity.pages.step_up import step_up_page
from services.identity.parts import Parts
from services.identity.queries.hints import read_hint
from services.identity.rules.authorization import AuthorizationRequest, Fault
from services.identity.rules.claims import Principal, needed_level
from services.identity.rules.clients import with_parameters
from services.identity.rules.scopes import granted, parse_scope
from services.identity.rules.sessions import BrowserSession, step_after_sign_in
from services.identity.rules.verification import ways_to
from services.identity.store import pushed, sessions


async def arrive(request: Request, asked: Asked, principal: Principal, parts: Parts, *, methods: tuple[str, ...]) -> Response:
    """Sign the browser on, whatever becomes of the request. `methods` is how they proved it (`amr`)."""
    public_url = parts.settings.public_url
    async with parts.db.write() as tx:
        session, secret = await begin_session(
            tx,
            subject=principal.subject,
            kind=principal.kind,
            lifetime=timedelta(hours=parts.settings.session_hours),
            cookie=session_cookie(request, public_url),
            methods=methods,
            device=device_of(request),
        )
        hint = await read_hint(tx, asked.request.id_token_hint, issuer=public_url) if asked.request.id_token_hint else None
        if hint is not None and hint.subject != principal.subject:
            fault = Fault("login_required", "somebody other than the id token hint says signed in")
            response: Response = refused(asked, fault, parts)
        else:
            response = await go_on(tx, asked, session, principal, parts)
    set_session_cookie(response, secret, public_url)
    return response


async def go_on(tx: WriteTx, asked: Asked, session: BrowserSession, principal: Principal, parts: Parts) -> Response:
    """Whatever comes next for somebody who is signed on as the request wants it."""
    step = step_after_sign_in(asked.request, has_consent=await has_consent(tx, asked, principal), level=level_of(principal))
    match step:
        case Fault():
            return refused(asked, step, parts)
        case "go-on":
            return await back_with_code(tx, asked, narrowed(asked, principal), session, parts)
        case "step-up":
            return page_of_step_up(asked, session, principal, parts)
    return page_of_consent(asked, session, principal, parts)


def level_of(principal: Principal | None) -> int | None:
    """How sure we are of a person; None for staff, of whom their department is."""
    return principal.assurance if principal is not None and principal.kind == "person" else None


def page_of_step_up(
    asked: Asked, session: BrowserSession, principal: Principal, parts: Parts, *, fault: str = "", status: int = 200
) -> Response:  # fmt: skip
    """`fault` is a sentence: why the level is what it was."""
    needed = needed_level(asked.request.acr_values)
    return step_up_page(
        asked.visit, {**asked.carried, "confirmation": confirmation_of(asked, session, parts.keys, "step-up")},
        needed=needed, actual=principal.assurance, ways=ways_to(needed), fault=fault, status=status,
    )  # fmt: skip


def page_of_consent(asked: Asked, session: BrowserSession, principal: Principal, parts: Parts) -> Response:
    return consent_page(
        asked.client.name,
        {**asked.carried, "confirmation": confirmation_of(asked, session, parts.keys)},
        language=asked.language,
        form_goes_to=asked.request.redirect_uri,
        account=principal.name,
        scopes=sorted(scopes_of(asked, principal)),
        is_large=asked.is_large,
    )


async def has_consent(tx: ReadTx, asked: Asked, principal: Principal) -> bool:
    if not asked.client.asks_consent:
        return True
    return await sessions.has_agreed(tx, principal.subject, asked.client.client_id, scopes_of(asked, principal))


def scopes_of(asked: Asked, principal: Principal) -> frozenset[str]:
    """What the client would get of this person."""
    return granted(principal.kind, parse_scope(asked.request.scope), ceiling=asked.client.scopes, posts=principal.posts)


def narrowed(asked: Asked, principal: Principal) -> AuthorizationRequest:
    """What a client that asks for consent gets is what was agreed to, even if the person may do more tomorrow."""
    if not asked.client.asks_consent:
        return asked.request
    return replace(asked.request, scope=" ".join(sorted(scopes_of(asked, principal))))


async def back_with_code(tx: WriteTx, asked: Asked, request: AuthorizationRequest, session: BrowserSession, parts: Parts) -> Response:
    """A request that was sent ahead is used up by its code."""
    if asked.pushed is not None and not await pushed.take(tx, asked.pushed):
        return dead_end_page(asked.language)
    return back(asked, parts, code=await issue_code(tx, request, session))


def refused(asked: Asked, fault: Fault, parts: Parts) -> RedirectResponse:
    return back(asked, parts, error=fault.error, error_description=fault.description)


def back(asked: Asked, parts: Parts, **parameters: str) -> RedirectResponse:
    """To the client, with the issuer in the answer so that it knows whose it is (RFC 9207)."""
    address = with_parameters(asked.request.redirect_uri, **parameters, state=asked.request.state, iss=parts.settings.public_url)
    return RedirectResponse(address, status_code=303)

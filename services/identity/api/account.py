"""The account page: who one is here, where one is signed on, one's passkeys. It needs no script but to add a passkey.

It stands on the browser's session, not on a token. To get one it sends people through the sign-in like any client; the code it gets back
is of no use to anybody, because the verifier of its challenge was thrown away. Forms prove by a confirmation that they were shown here.
"""

from dataclasses import dataclass
from datetime import timedelta
import hmac
import secrets
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Form, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from chassis import context
from chassis.app import service_router
from chassis.context import Language
from chassis.database import ReadTx
from chassis.problems import Forbidden, NotFound, Text
from services.identity.api.access import AnyoneKeepsAccount
from services.identity.api.browser import clear_session_cookie, is_from_another_site, session_cookie
from services.identity.api.edge import HTML_CONTENT, PROBLEM_CONTENT, PartsHere
from services.identity.api.passkeys import MOST_CREDENTIAL, read_credential
from services.identity.commands.begin_passkey import begin_passkey
from services.identity.commands.end_session import end_session
from services.identity.commands.register_passkey import register_passkey
from services.identity.commands.register_person import citizen_id_context
from services.identity.errors import ForeignForm, PasskeyExists, PasskeyRefused, TooManyPasskeys
from services.identity.pages import signed_off_page
from services.identity.pages.account import AccountShown, PasskeyShown, SessionShown, account_page
from services.identity.pages.frame import HERE
from services.identity.parts import Parts
from services.identity.passkeys import creation_options
from services.identity.queries.principals import find_principal
from services.identity.queries.sessions import find_sessions
from services.identity.rules.claims import Principal
from services.identity.rules.clients import ACCOUNT, account_address, secret_digest
from services.identity.rules.devices import device_label
from services.identity.rules.passkeys import relying_party_of
from services.identity.rules.sessions import BrowserSession
from services.identity.store import passkeys, sessions, subjects
from standards import citizen_id

router = service_router("account")

FRESH = timedelta(minutes=15)
"""Whoever adds a passkey can sign in ever after; so it takes somebody who has just proven who they are."""


class Look(BaseModel):
    ui_locales: str = Field(default="", max_length=50, description="`zh-CN` or `en`; otherwise Accept-Language decides")
    text_size: str = Field(default="", max_length=20, description="`large` for large print")

    def language(self) -> Language:
        return context.preferred_language(",".join(self.ui_locales.split())) if self.ui_locales else context.language()

    def carried(self) -> dict[str, str]:
        """What links and forms of the page bring along."""
        return self.model_dump(include=set(Look.model_fields), exclude_defaults=True)


class AccountParameters(Look):
    again: str = Field(default="", max_length=5, description="`yes`: sign in anew, even if signed on")


class AccountForm(Look):
    confirmation: str = Field(default="", max_length=64, description="Of the page that holds the form")


class SessionForm(AccountForm):
    session_id: str = Field(default="", max_length=64)


class PasskeyRemoval(AccountForm):
    passkey_id: str = Field(default="", max_length=64)


class PasskeyAddition(AccountForm):
    name: str = Field(default="", max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$", description="What you call it")
    credential: str = Field(default="", max_length=MOST_CREDENTIAL)


class SignInAgain(Forbidden):
    slug = "sign-in-again"
    detail = Text("请先重新登录，确认是您本人，然后再添加通行密钥。", "Sign in again first, to show that it is you; then add the passkey.")


@dataclass(frozen=True, slots=True)
class Keeper:
    """Who is signed on in this browser."""

    session: BrowserSession
    principal: Principal


_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "A page", "content": HTML_CONTENT},
    303: {"description": "To the sign-in, or back to the page"},
    403: {"description": "The form was not shown here", "content": PROBLEM_CONTENT},
}
_OPTIONS: dict[int | str, dict[str, Any]] = {200: {"description": "Options for the browser, as Web Authentication's JSON"}}
_ADDED: dict[int | str, dict[str, Any]] = {**_ANSWERS, 409: {"description": "The page again", "content": HTML_CONTENT}}


@router.get("/account", response_class=Response, responses=_ANSWERS)
async def show_account(
    _: AnyoneKeepsAccount, request: Request, parameters: Annotated[AccountParameters, Query()], parts: PartsHere
) -> Response:
    """Your account as a page; who is not signed on is sent to sign in."""
    async with parts.db.read() as tx:
        keeper = await keeper_of(tx, request, parts)
        if keeper is None or parameters.again:
            return to_sign_in(parts, parameters, account_address(parts.settings.public_url), again=bool(parameters.again))
        shown = await _shown(tx, keeper, parts)
    return account_page(shown, parameters.carried(), language=parameters.language())


@router.post("/account/sessions/end", status_code=303, response_class=Response, responses=_ANSWERS)
async def end_own_session(_: AnyoneKeepsAccount, request: Request, form: Annotated[SessionForm, Form()], parts: PartsHere) -> Response:
    """Sign off one browser, which may be this one."""
    async with parts.db.write() as tx:
        keeper = await _keeper_with_form(tx, request, form.confirmation, parts)
        await end_session(tx, _id(form.session_id), subject=keeper.principal.subject)
    if form.session_id != str(keeper.session.id):
        return _to_account(form)
    response = signed_off_page(form.language())
    clear_session_cookie(response, parts.settings.public_url)
    return response


@router.post("/account/passkeys/remove", status_code=303, response_class=Response, responses=_ANSWERS)
async def remove_passkey(_: AnyoneKeepsAccount, request: Request, form: Annotated[PasskeyRemoval, Form()], parts: PartsHere) -> Response:
    """Remove one of your passkeys."""
    async with parts.db.write() as tx:
        keeper = await _keeper_with_form(tx, request, form.confirmation, parts)
        if not await passkeys.delete_passkey(tx, _id(form.passkey_id), subject=keeper.principal.subject):
            raise NotFound()
    return _to_account(form)


@router.post("/account/passkeys/options", responses={**_OPTIONS, 403: _ANSWERS[403]})
async def begin_adding_passkey(_: AnyoneKeepsAccount, request: Request, parts: PartsHere) -> dict[str, Any]:
    """Options to make a passkey with; for the page's script, within a quarter of an hour after signing in."""
    if is_from_another_site(request):
        raise ForeignForm()
    async with parts.db.write() as tx:
        keeper = await keeper_of(tx, request, parts)
        if keeper is None or not _is_fresh(keeper, parts):
            raise SignInAgain()
        subject, name = keeper.principal.subject, keeper.principal.name
        present = await passkeys.credential_ids_of(tx, subject)
        challenge = await begin_passkey(tx, subject=subject)
    return creation_options(relying_party_of(parts.settings.public_url), challenge, subject=subject, name=name, present=present)


@router.post("/account/passkeys", status_code=303, response_class=Response, responses=_ADDED)
async def add_passkey(_: AnyoneKeepsAccount, request: Request, form: Annotated[PasskeyAddition, Form()], parts: PartsHere) -> Response:
    """Register the passkey that the page's script had made."""
    try:
        async with parts.db.write() as tx:
            keeper = await _keeper_with_form(tx, request, form.confirmation, parts)
            credential = read_credential(form.credential)
            if not _is_fresh(keeper, parts):
                raise SignInAgain()
            if credential is None or not form.name.strip():
                raise PasskeyRefused()
            await register_passkey(
                tx, credential, name=form.name.strip(), subject=keeper.principal.subject, kind=keeper.principal.kind,
                party=relying_party_of(parts.settings.public_url),
            )  # fmt: skip
    except (SignInAgain, PasskeyRefused, PasskeyExists, TooManyPasskeys) as problem:
        async with parts.db.read() as tx:
            shown = await _shown(tx, keeper, parts)
        said = (problem.detail or problem.title).render(form.language(), problem.facts)
        return account_page(shown, form.carried(), language=form.language(), fault=said, status=problem.status)
    return _to_account(form)


async def keeper_of(tx: ReadTx, request: Request, parts: Parts) -> Keeper | None:
    """By the cookie; None for a browser in which nobody is."""
    cookie = session_cookie(request, parts.settings.public_url)
    session = await sessions.live_session(tx, secret_digest(cookie)) if cookie else None
    principal = await find_principal(tx, session.subject, session.kind) if session is not None else None
    return Keeper(session, principal) if session is not None and principal is not None else None


async def _keeper_with_form(tx: ReadTx, request: Request, confirmation: str, parts: Parts) -> Keeper:
    """Raises ForeignForm for a form that this browser's person was not shown."""
    keeper = None if is_from_another_site(request) else await keeper_of(tx, request, parts)
    if keeper is None or not hmac.compare_digest(confirmation.encode(), _confirmation(keeper.session, parts).encode()):
        raise ForeignForm()
    return keeper


def _confirmation(session: BrowserSession, parts: Parts) -> str:
    return parts.keys.blind_index("account", f"{session.id}\n{session.signed_in_at.isoformat()}")


def _is_fresh(keeper: Keeper, parts: Parts) -> bool:
    return parts.clock.now() - keeper.session.signed_in_at <= FRESH


async def _shown(tx: ReadTx, keeper: Keeper, parts: Parts) -> AccountShown:
    principal, number = keeper.principal, ""
    if principal.kind == "person":
        row = await subjects.person(tx, principal.subject)
        if row is not None:
            number = citizen_id.mask(parts.keys.decrypt(row["citizen_id"], context=citizen_id_context(row["id"])))
    found = await find_sessions(tx, principal.subject, public_url=parts.settings.public_url)
    return AccountShown(
        name=principal.name,
        number=number,
        confirmation=_confirmation(keeper.session, parts),
        may_add_passkey=_is_fresh(keeper, parts),
        sessions=[
            SessionShown(
                str(one.session.id), one.session.kiosk or device_label(one.session.device), one.session.signed_in_at, one.session.methods, one.clients,
                is_here=one.session.id == keeper.session.id,
            )
            for one in found
        ],
        passkeys=[
            PasskeyShown(str(row["id"]), row["name"], row["created_at"], row["last_used_at"])
            for row in await passkeys.passkeys_of(tx, principal.subject)
        ],
    )  # fmt: skip


def to_sign_in(parts: Parts, look: Look, address: str, *, again: bool = False, state: str = "") -> Response:
    """Through the sign-in and back to the address, one of this very service's."""
    asked = {
        "response_type": "code",
        "client_id": ACCOUNT,
        "redirect_uri": address,
        "scope": "openid",
        "code_challenge": secrets.token_urlsafe(32),
        "code_challenge_method": "S256",
        **look.carried(),
        **({"prompt": "login"} if again else {}),
        **({"state": state} if state else {}),
    }
    return RedirectResponse(f"authorize?{urlencode(asked)}", status_code=303)


def _to_account(look: Look) -> Response:
    carried = urlencode(look.carried())
    return RedirectResponse(f"{HERE}/account" + (f"?{carried}" if carried else ""), status_code=303)


def _id(text: str) -> UUID:
    """Raises NotFound for what is no id."""
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound() from error

"""Signing in by a one-time code sent to the phone on record. No answer tells whether a number has an account."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Request
from pydantic import Field, SecretStr
from starlette.responses import Response

from chassis.app import service_router
from services.identity.api.access import AnyoneSignsIn
from services.identity.api.arrival import arrive
from services.identity.api.asking import AuthorizeParameters, asked_of
from services.identity.api.browser import is_from_another_site
from services.identity.api.edge import HTML_CONTENT, PROBLEM_CONTENT, PartsHere, seconds_to_wait_before, source_of
from services.identity.commands.begin_sign_in_code import begin_sign_in_code
from services.identity.commands.count_attempts import forgive_source
from services.identity.commands.redeem_sign_in_code import redeem_sign_in_code
from services.identity.errors import ForeignForm
from services.identity.pages.one_time_code import code_page, phone_page
from services.identity.pages.sign_in import SignInFault, Wrong
from services.identity.parts import Parts
from services.identity.queries.principals import find_principal
from services.identity.rules.claims import Principal
from services.identity.rules.sign_in_codes import CODES_PER_PHONE, CODES_PER_SOURCE, code_of, message_of, mobile_of
from services.identity.rules.throttling import SIGN_IN_PER_SOURCE
from services.identity.rules.ways import CODE

router = service_router("sign-in")


class PhoneForm(AuthorizeParameters):
    phone: str = Field(default="", max_length=20, description="Mobile number on record")


class CodeForm(PhoneForm):
    code_id: str = Field(default="", max_length=64, description="Of the page that asked for the code")
    code: SecretStr = Field(default=SecretStr(""), max_length=12, description="Six digits")


_HTML_OR_PROBLEM = {**HTML_CONTENT, **PROBLEM_CONTENT}
_PAGES: dict[int | str, dict[str, Any]] = {
    200: {"description": "A page", "content": HTML_CONTENT},
    303: {"description": "Back to the client, with `code` or `error`, `state` and `iss`"},
    400: {"description": "Unknown client or redirect address", "content": _HTML_OR_PROBLEM},
    422: {"description": "The page again: not a mobile number", "content": _HTML_OR_PROBLEM},
    429: {"description": "The page again: too many attempts", "content": HTML_CONTENT},
}
_DOWN: dict[int | str, dict[str, Any]] = {503: {"description": "The page again: messages cannot be sent now", "content": _HTML_OR_PROBLEM}}
_WRONG: dict[int | str, dict[str, Any]] = {
    401: {"description": "The page again: not the code, or no longer", "content": _HTML_OR_PROBLEM},
}


@router.post("/authorize/code", response_class=Response, responses={**_PAGES, **_DOWN})
async def send_code(_: AnyoneSignsIn, request: Request, form: Annotated[PhoneForm, Form()], parts: PartsHere) -> Response:
    """Send a one-time code to a phone, if it is on record; the page that asks for it, in any case."""
    if is_from_another_site(request):
        raise ForeignForm()
    async with parts.db.read() as tx:
        asked = await asked_of(tx, form, parts)
    if isinstance(asked, Response):
        return asked
    phone = mobile_of(form.phone)
    if phone is None:
        return phone_page(asked.visit, phone=form.phone, wrong=Wrong(SignInFault.PHONE))
    if not parts.messages.takes_more():
        return phone_page(asked.visit, phone=form.phone, wrong=Wrong(SignInFault.MESSAGES_DOWN))
    limits = {
        f"code-phone:{parts.keys.blind_index('code-phone', phone)}": CODES_PER_PHONE,
        f"code-source:{parts.keys.blind_index('source', source_of(request, parts.settings.trusted_proxies))}": CODES_PER_SOURCE,
    }
    if seconds := await seconds_to_wait_before(parts, limits):
        return phone_page(asked.visit, phone=form.phone, wrong=Wrong(SignInFault.CODES_THROTTLED, seconds))
    async with parts.db.write() as tx:
        code_id, code = await begin_sign_in_code(tx, phone, parts.keys)
    if code is not None:
        parts.messages.send_soon(phone, message_of(code, parts.settings.public_url, in_english=asked.language == "en"))
    return code_page(asked.visit, code_id=str(code_id), phone=phone)


@router.post("/authorize/code/check", response_class=Response, responses={**_PAGES, **_WRONG})
async def check_code(_: AnyoneSignsIn, request: Request, form: Annotated[CodeForm, Form()], parts: PartsHere) -> Response:
    """Sign in by the code; on success back to the client with an authorization code."""
    if is_from_another_site(request):
        raise ForeignForm()
    async with parts.db.read() as tx:
        asked = await asked_of(tx, form, parts)
    if isinstance(asked, Response):
        return asked
    phone = mobile_of(form.phone)
    if phone is None:
        return phone_page(asked.visit, phone=form.phone, wrong=Wrong(SignInFault.PHONE))
    source = source_of(request, parts.settings.trusted_proxies)
    by_source = f"sign-in:{parts.keys.blind_index('source', source)}"
    if seconds := await seconds_to_wait_before(parts, {by_source: SIGN_IN_PER_SOURCE}):
        return code_page(asked.visit, code_id=form.code_id, phone=phone, wrong=Wrong(SignInFault.THROTTLED, seconds))
    principal = await _redeem(parts, form, by_source)
    if principal is None:
        return code_page(asked.visit, code_id=form.code_id, phone=phone, wrong=Wrong(SignInFault.WRONG_CODE))
    return await arrive(request, asked, principal, parts, methods=CODE)


async def _redeem(parts: Parts, form: CodeForm, by_source: str) -> Principal | None:
    """The person the code was sent to. The try is counted in a commit of its own, whatever comes of it."""
    code = code_of(form.code.get_secret_value())
    try:
        code_id = UUID(form.code_id)
    except ValueError:
        return None
    if code is None:
        return None
    async with parts.db.write() as tx:
        subject = await redeem_sign_in_code(tx, code_id, code, parts.keys)
        if subject is None:
            return None
        await forgive_source(tx, by_source)
        return await find_principal(tx, subject, "person")

"""Where a person confirms a kiosk on their own telephone (RFC 8628, 3.3): the code, which kiosk shows it and what it asks, yes or no.

What can be relayed is the address with the code in it. So the page never confirms by itself: it repeats the code to be compared with the
screen, names the kiosk and its department, puts "Not me" first; and only registered kiosks can show a code at all (decision 0022).
"""

import hmac
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode

from fastapi import Form, Query, Request
from pydantic import Field
from starlette.responses import RedirectResponse, Response

from chassis.app import service_router
from chassis.database import ReadTx
from services.identity.api.access import AnyoneAtKiosk
from services.identity.api.account import Keeper, Look, keeper_of, to_sign_in
from services.identity.api.browser import is_from_another_site
from services.identity.api.edge import HTML_CONTENT, PROBLEM_CONTENT, PartsHere, seconds_to_wait_before, source_of
from services.identity.commands.answer_device_grant import answer_device_grant
from services.identity.commands.begin_device_grant import user_code_digest
from services.identity.commands.count_attempts import forgive_source
from services.identity.errors import ForeignForm, UserCodeOver
from services.identity.pages.device import KioskSeen, kiosk_answered_page, kiosk_ask_page, kiosk_code_page
from services.identity.pages.frame import HERE
from services.identity.parts import Parts
from services.identity.rules.clients import kiosk_page_address
from services.identity.rules.device_grants import (
    KIOSK_SCOPES,
    USER_CODES_PER_PERSON,
    USER_CODES_PER_SOURCE,
    shown_user_code,
    user_code_of,
)
from services.identity.rules.scopes import granted
from services.identity.store import device_grants

router = service_router("device-grants")


class DeviceLook(Look):
    user_code: str = Field(default="", max_length=40, description="What the kiosk shows, in any case, with or without what groups it")


class DeviceParameters(DeviceLook):
    state: str = Field(default="", max_length=400, description="Of the sign-in that came between: the parameters as they were")


class DeviceAnswer(DeviceLook):
    confirmation: str = Field(default="", max_length=64, description="Of the page that asked")
    decision: str = Field(default="", max_length=10, description="`agree`; anything else is a no")


_HTML_OR_PROBLEM = {**HTML_CONTENT, **PROBLEM_CONTENT}
_PAGES: dict[int | str, dict[str, Any]] = {
    200: {"description": "A page", "content": HTML_CONTENT},
    303: {"description": "To the sign-in, or back from it"},
    403: {"description": "The form was not shown here, or it is not a person's own account", "content": _HTML_OR_PROBLEM},
    409: {"description": "The page again: no kiosk shows this code, or no longer", "content": _HTML_OR_PROBLEM},
    429: {"description": "The page again: too many codes", "content": HTML_CONTENT},
}


@router.get("/device", response_class=Response, responses=_PAGES)
async def show(_: AnyoneAtKiosk, request: Request, look: Annotated[DeviceParameters, Query()], parts: PartsHere) -> Response:
    """Where a kiosk's code is typed, or a telephone's camera leads. Who is not signed on signs in first and comes back."""
    if look.state:
        before = {name: value[:40] for name, value in parse_qsl(look.state) if name in DeviceLook.model_fields}
        return RedirectResponse(f"{HERE}/device?{urlencode(before)}", status_code=303)
    return await _asked(request, look, parts)


@router.post("/device", response_class=Response, responses=_PAGES)
async def look_up(_: AnyoneAtKiosk, request: Request, form: Annotated[DeviceLook, Form()], parts: PartsHere) -> Response:
    """The code as typed: which kiosk shows it, and the question."""
    if is_from_another_site(request):
        raise ForeignForm()
    return await _asked(request, form, parts)


@router.post("/device/answer", response_class=Response, responses=_PAGES)
async def answer(_: AnyoneAtKiosk, request: Request, form: Annotated[DeviceAnswer, Form()], parts: PartsHere) -> Response:
    """Agree, or not."""
    code, agrees = user_code_of(form.user_code) or "", form.decision == "agree"
    try:
        async with parts.db.write() as tx:
            keeper = None if is_from_another_site(request) else await keeper_of(tx, request, parts)
            if keeper is None or not hmac.compare_digest(form.confirmation.encode(), _confirmation(keeper, code, parts).encode()):
                raise ForeignForm()
            await answer_device_grant(tx, code, agrees=agrees, subject=keeper.principal.subject, keys=parts.keys)
    except UserCodeOver:
        return kiosk_code_page(form.carried(), form.language(), fault="over")
    return kiosk_answered_page("agreed" if agrees else "declined", form.language())


async def _asked(request: Request, look: DeviceLook, parts: Parts) -> Response:
    async with parts.db.read() as tx:
        keeper = await keeper_of(tx, request, parts)
    if keeper is None:
        return to_sign_in(parts, look, kiosk_page_address(parts.settings.public_url), state=_kept(look))
    if keeper.principal.kind != "person":
        return kiosk_answered_page("not_a_person", look.language(), status=403)
    if not look.user_code.strip():
        return kiosk_code_page(look.carried(), look.language())
    source = parts.keys.blind_index("source", source_of(request, parts.settings.trusted_proxies))
    keys = {f"user-code:{keeper.principal.subject}": USER_CODES_PER_PERSON, f"user-code-source:{source}": USER_CODES_PER_SOURCE}
    if seconds := await seconds_to_wait_before(parts, keys):
        return kiosk_code_page(look.carried(), look.language(), typed=look.user_code, fault="throttled", seconds=seconds)
    code = user_code_of(look.user_code) or ""
    async with parts.db.write() as tx:
        seen = await _seen(tx, code, parts)
        if seen is not None:
            for key in keys:
                await forgive_source(tx, key)
    if seen is None:
        return kiosk_code_page(look.carried(), look.language(), typed=look.user_code, fault="over")
    carried = {**look.carried(), "user_code": shown_user_code(code), "confirmation": _confirmation(keeper, code, parts)}
    return kiosk_ask_page(seen, carried, look.language(), account=keeper.principal.name)


async def _seen(tx: ReadTx, code: str, parts: Parts) -> KioskSeen | None:
    """None for a code that no kiosk in service waits with."""
    found = await device_grants.by_user_code(tx, user_code_digest(parts.keys, code))
    if found is None or found.state(tx.now) != "waiting":
        return None
    kiosk = await device_grants.kiosk_of(tx, found.device_id)
    scopes = sorted(granted("person", found.scopes, ceiling=KIOSK_SCOPES))
    return KioskSeen(shown_user_code(code), kiosk["name"], kiosk["department_name"], scopes) if kiosk["is_active"] else None


def _kept(look: DeviceLook) -> str:
    """The page's parameters for the way through the sign-in; not empty, so that the way back is known for one."""
    return urlencode({"user_code": look.user_code, **look.carried()})


def _confirmation(keeper: Keeper, code: str, parts: Parts) -> str:
    return parts.keys.blind_index("device-answer", f"{keeper.session.id}\n{keeper.session.signed_in_at.isoformat()}\n{code}")

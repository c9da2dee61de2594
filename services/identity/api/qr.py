"""Signing in by QR code: a browser shows it, a device that is signed on confirms it, the browser goes on.

What the code holds is worth nothing without the cookie of the browser that shows it. The device is told which application and which
browser it would sign on, and from where that asks, before anything can be confirmed (decision 0015 says against what that helps).
"""

import hmac
from typing import Annotated, Any

from fastapi import Form, Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from chassis.app import service_router
from chassis.edge import Reads, Writes
from chassis.schema import Body, View
from services.identity.api.access import AnyoneSignsIn, CanKeepAccount
from services.identity.api.account import Keeper, Look, keeper_of
from services.identity.api.arrival import arrive
from services.identity.api.asking import Asked
from services.identity.api.browser import clear_qr_cookie, device_of, is_from_another_site, qr_cookie, set_qr_cookie
from services.identity.api.edge import HTML_CONTENT, PROBLEM_CONTENT, PartsHere, seconds_to_wait_before, source_of
from services.identity.commands.answer_qr import answer_qr
from services.identity.commands.begin_qr import begin_qr, handle_of
from services.identity.errors import ForeignForm, QrOver
from services.identity.pages.frame import HERE
from services.identity.pages.qr import QrShown, qr_answered_page, qr_ask_page, qr_page
from services.identity.pages.sign_in import SignInFault, Wrong
from services.identity.parts import Parts
from services.identity.queries.principals import find_principal
from services.identity.rules.clients import secret_digest
from services.identity.rules.devices import device_label
from services.identity.rules.qr import SHOWN_PER_SOURCE, QrSignIn, QrState
from services.identity.rules.ways import QR
from services.identity.store import qr

router = service_router("qr-sign-in")

Handle = Annotated[str, Path(min_length=32, max_length=32, pattern=r"^[0-9a-f]+$", description="What the QR code's address ends in")]


class AnswerForm(Look):
    confirmation: str = Field(default="", max_length=64, description="Of the page that asked")
    decision: str = Field(default="", max_length=10, description="`agree`; anything else is a no")


class AnswerBody(Body):
    agree: bool = Field(description="false: it was not me; the code is worth nothing from then on")


class QrView(View):
    """What the person has to see before they agree."""

    client: str = Field(description="The application that will be signed in to")
    device: str = Field(description="The browser that shows the code, as far as known")
    source: str = Field(description="The address it asks from")


class QrStateView(View):
    state: QrState


_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "A page", "content": HTML_CONTENT},
    403: {"description": "The form was not shown here", "content": PROBLEM_CONTENT},
    409: {"description": "A page: the code is answered, used or expired", "content": HTML_CONTENT},
}


async def show_or_arrive(request: Request, asked: Asked, parts: Parts) -> Response:
    """The page with the code; or, once it is confirmed, what follows a sign-in. Each code signs on once."""
    secret = qr_cookie(request, parts.settings.public_url)
    async with parts.db.write() as tx:
        digest, client_id = secret_digest(secret or ""), asked.client.client_id
        found = await qr.by_browser(tx, digest, client_id, parts.keys, lock=True) if secret else None
        state = found.state(tx.now) if found is not None else "over"
        principal = None
        if found is not None and state == "confirmed" and found.subject is not None:
            await qr.mark_used(tx, found.id)
            principal = await find_principal(tx, found.subject, str(found.kind))
    if principal is not None:
        response = await arrive(request, asked, principal, parts, methods=QR)
        clear_qr_cookie(response, parts.settings.public_url)
        return response
    if state == "declined":
        response = qr_page(asked.visit, None, wrong=Wrong(SignInFault.QR_DECLINED))
        clear_qr_cookie(response, parts.settings.public_url)
        return response
    if secret is None or state != "waiting":
        source = source_of(request, parts.settings.trusted_proxies)
        if seconds := await seconds_to_wait_before(parts, {f"qr:{parts.keys.blind_index('source', source)}": SHOWN_PER_SOURCE}):
            return qr_page(asked.visit, None, wrong=Wrong(SignInFault.THROTTLED, seconds))
        async with parts.db.write() as tx:
            secret = await begin_qr(
                tx, client_id=client_id, client_name=asked.client.name, device=device_of(request), source=source, keys=parts.keys
            )
    response = qr_page(asked.visit, QrShown(_address(secret, parts)))
    set_qr_cookie(response, secret, parts.settings.public_url)
    return response


@router.get("/authorize/qr/state")
async def qr_state(
    _: AnyoneSignsIn, request: Request, tx: Reads, parts: PartsHere, client_id: Annotated[str, Query(max_length=64)] = ""
) -> QrStateView:
    """How it stands with the code this browser shows, for the page's script."""
    secret = qr_cookie(request, parts.settings.public_url)
    found = await qr.by_browser(tx, secret_digest(secret), client_id, parts.keys) if secret else None
    return QrStateView(state=found.state(tx.now) if found is not None else "over")


@router.get("/qr/{handle}", response_class=Response, responses=_ANSWERS)
async def scan(_: AnyoneSignsIn, request: Request, handle: Handle, look: Annotated[Look, Query()], parts: PartsHere) -> Response:
    """Where a telephone's camera leads: what would be signed on, and the question whether to."""
    language = look.language()
    async with parts.db.read() as tx:
        keeper = await keeper_of(tx, request, parts)
        found = await qr.by_handle(tx, secret_digest(handle), parts.keys)
        is_waiting = found is not None and found.state(tx.now) == "waiting"
    if found is None or not is_waiting:
        return qr_answered_page("over", language, status=409)
    if keeper is None:
        return qr_answered_page("sign_in_first", language, status=200)
    return qr_ask_page(
        _seen(found),
        {**look.carried(), "confirmation": _confirmation(keeper, handle, parts)},
        language=language,
        action=f"{HERE}/qr/{handle}",
        account=keeper.principal.name,
    )  # fmt: skip


@router.post("/qr/{handle}", response_class=Response, responses=_ANSWERS)
async def answer(_: AnyoneSignsIn, request: Request, handle: Handle, form: Annotated[AnswerForm, Form()], parts: PartsHere) -> Response:
    """Agree, or not, on the telephone's page."""
    agrees = form.decision == "agree"
    try:
        async with parts.db.write() as tx:
            keeper = None if is_from_another_site(request) else await keeper_of(tx, request, parts)
            if keeper is None or not hmac.compare_digest(form.confirmation.encode(), _confirmation(keeper, handle, parts).encode()):
                raise ForeignForm()
            principal = keeper.principal
            await answer_qr(tx, handle, agrees=agrees, subject=principal.subject, kind=principal.kind, keys=parts.keys)
    except QrOver:
        return qr_answered_page("over", form.language(), status=409)
    return qr_answered_page("agreed" if agrees else "declined", form.language(), status=200)


@router.get("/me/qr-sign-ins/{handle}")
async def scanned(actor: CanKeepAccount, handle: Handle, tx: Reads, parts: PartsHere) -> QrView:
    """For the suite's own application on a telephone: what a scanned code would sign on. Show it before you ask."""
    found = await qr.by_handle(tx, secret_digest(handle), parts.keys)
    if found is None or found.state(tx.now) != "waiting":
        raise QrOver()
    return _seen(found)


@router.post("/me/qr-sign-ins/{handle}", status_code=204)
async def answer_in_app(actor: CanKeepAccount, handle: Handle, body: AnswerBody, tx: Writes, parts: PartsHere) -> None:
    """Agree, or not."""
    await answer_qr(tx, handle, agrees=body.agree, subject=actor.subject, kind=actor.kind, keys=parts.keys)


def _address(secret: str, parts: Parts) -> str:
    return f"{parts.settings.public_url.rstrip('/')}{HERE}/qr/{handle_of(secret, parts.keys)}"


def _seen(found: QrSignIn) -> QrView:
    return QrView(client=found.client_name, device=device_label(found.device), source=found.source)


def _confirmation(keeper: Keeper, handle: str, parts: Parts) -> str:
    return parts.keys.blind_index("qr-answer", f"{keeper.session.id}\n{keeper.session.signed_in_at.isoformat()}\n{handle}")

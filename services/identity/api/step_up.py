"""Raising one's level on the way to a client that asks for a higher one (`acr_values`; RFC 9470 tells clients when to ask).

Nobody is kept here: who cannot or will not be verified goes on, and the tokens say the level that is so.
"""

from dataclasses import replace
import hmac
import re
from typing import Annotated, Any

from fastapi import Form, Request
from pydantic import Field
from starlette.responses import Response

from chassis.app import service_router
from chassis.database import WriteTx
from services.identity.api.access import AnyoneSignsIn
from services.identity.api.account import Keeper, keeper_of
from services.identity.api.arrival import back, go_on, page_of_step_up
from services.identity.api.asking import Asked, AuthorizeParameters, asked_of, confirmation_of
from services.identity.api.browser import is_from_another_site, session_cookie
from services.identity.api.edge import HTML_CONTENT, PROBLEM_CONTENT, PartsHere, seconds_to_wait_before
from services.identity.api.verifications import LIVENESS, NOTICES, card_of, evidence_of
from services.identity.commands.record_verification import record_verification
from services.identity.errors import BankCardInvalid, ForeignForm
from services.identity.pages.texts_step_up import STEP_UP
from services.identity.parts import Parts
from services.identity.rules.claims import Principal
from services.identity.rules.clients import secret_digest
from services.identity.rules.throttling import VERIFICATIONS_PER_PERSON
from services.identity.rules.verification import Check, verdict_of
from services.identity.store import sessions, subjects

router = service_router("sign-in")


class StepUpForm(AuthorizeParameters):
    confirmation: str = Field(default="", max_length=64, description="Of the page that asked")
    decision: str = Field(default="", max_length=10, description="`verify`; anything else is to go on at the present level")
    bank_card: str = Field(default="", max_length=40)
    liveness_reference: str = Field(default="", max_length=128, description="Of a liveness check just passed at the face service")


_HTML_OR_PROBLEM = {**HTML_CONTENT, **PROBLEM_CONTENT}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The page of consent", "content": HTML_CONTENT},
    303: {"description": "Back to the client, with `code` or `error`, `state` and `iss`"},
    400: {"description": "Unknown client or redirect address", "content": _HTML_OR_PROBLEM},
    403: {"description": "Another site's form", "content": PROBLEM_CONTENT},
    422: {"description": "The page again: the level is what it was, and why", "content": _HTML_OR_PROBLEM},
    429: {"description": "The page again: too many verifications", "content": HTML_CONTENT},
}


@router.post("/authorize/step-up", status_code=303, response_class=Response, responses=_ANSWERS)
async def step_up(_: AnyoneSignsIn, request: Request, form: Annotated[StepUpForm, Form()], parts: PartsHere) -> Response:
    """Be verified by what is given (nothing: by the population base) and go on to the client; or go on as you are."""
    if is_from_another_site(request):
        raise ForeignForm()
    async with parts.db.read() as tx:
        asked = await asked_of(tx, form, parts)
        keeper = await keeper_of(tx, request, parts)
    if isinstance(asked, Response):
        return asked
    if keeper is None or not _is_confirmed(form, asked, keeper, parts):
        return _session_ended(asked, parts)
    if form.decision == "verify":
        return await _verify(request, form, asked, keeper, parts)
    content = replace(asked, request=replace(asked.request, acr_values=""))
    async with parts.db.write() as tx:
        return await _go_on(tx, request, content, keeper.principal, parts)


def _is_confirmed(form: StepUpForm, asked: Asked, keeper: Keeper, parts: Parts) -> bool:
    expected = confirmation_of(asked, keeper.session, parts.keys, "step-up")
    return keeper.principal.kind == "person" and hmac.compare_digest(form.confirmation.encode("utf-8", "surrogatepass"), expected.encode())


def _session_ended(asked: Asked, parts: Parts) -> Response:
    return back(asked, parts, error="login_required", error_description="the session ended before the person answered")


async def _go_on(tx: WriteTx, request: Request, asked: Asked, principal: Principal, parts: Parts) -> Response:
    """Unless they have signed off meanwhile."""
    cookie = session_cookie(request, parts.settings.public_url)
    session = await sessions.live_session(tx, secret_digest(cookie), lock=True) if cookie else None
    if session is None or session.subject != principal.subject:
        return _session_ended(asked, parts)
    return await go_on(tx, asked, session, principal, parts)


async def _verify(request: Request, form: StepUpForm, asked: Asked, keeper: Keeper, parts: Parts) -> Response:
    texts, principal = STEP_UP[asked.language], keeper.principal
    try:
        card = card_of(form.bank_card.strip() or None)
    except BankCardInvalid:
        return page_of_step_up(asked, keeper.session, principal, parts, fault=texts["fault_card"], status=422)
    liveness = form.liveness_reference.strip()
    if liveness and not re.fullmatch(LIVENESS, liveness, re.ASCII):  # a source that refuses what is sent would look as if it were down
        return page_of_step_up(asked, keeper.session, principal, parts, fault=texts["fault_liveness"], status=422)
    async with parts.db.read() as tx:
        person = await subjects.person(tx, principal.subject)
    assert person is not None
    evidence = evidence_of(person, parts, bank_card=card, liveness_reference=liveness or None)
    if not parts.verifiers.sources_for(evidence, above=principal.assurance):
        return page_of_step_up(asked, keeper.session, principal, parts, fault=texts["fault_nothing"], status=422)
    if seconds := await seconds_to_wait_before(parts, {f"verify:{principal.subject}": VERIFICATIONS_PER_PERSON}):
        said = texts["fault_throttled"].format(minutes=-(-seconds // 60))
        return page_of_step_up(asked, keeper.session, principal, parts, fault=said, status=429)
    checks: list[Check] = await parts.verifiers.verify_person(evidence, above=principal.assurance)
    async with parts.db.write() as tx:
        level = await record_verification(tx, principal.subject, checks)
        risen = replace(principal, assurance=level)
        if level > principal.assurance:
            return await _go_on(tx, request, asked, risen, parts)
    said = NOTICES[verdict_of(checks)].render(asked.language, {})
    return page_of_step_up(asked, keeper.session, risen, parts, fault=said, status=422)

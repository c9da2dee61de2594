"""Sign-off (OpenID Connect RP-Initiated Logout 1.0): one ends the session for every client, which hear of it behind the browser's back.

An id token of the session is proof that its client asks. Without one the person is asked, so that no link can sign people off.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Form, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from chassis import context
from chassis.app import service_router
from chassis.context import Language
from chassis.database import ReadTx
from services.identity.api.access import AnyoneSignsOff
from services.identity.api.browser import clear_session_cookie, is_from_another_site, session_cookie
from services.identity.api.edge import HTML_CONTENT, PROBLEM_CONTENT, PartsHere
from services.identity.pages import dead_end_page, sign_off_page, signed_off_page
from services.identity.parts import Parts
from services.identity.queries.clients import find_client
from services.identity.queries.hints import IdTokenHint, read_hint
from services.identity.rules.clients import is_registered, secret_digest, with_parameters
from services.identity.rules.logout import speaks_of
from services.identity.rules.sessions import BrowserSession
from services.identity.store import sessions

router = service_router("sign-off")


class LogoutParameters(BaseModel):
    """As the standard names them; unknown ones are ignored."""

    id_token_hint: str = Field(default="", max_length=4096)
    client_id: str = Field(default="", max_length=64)
    post_logout_redirect_uri: str = Field(default="", max_length=500, description="One of those registered")
    state: str = Field(default="", max_length=1000)
    ui_locales: str = Field(default="", max_length=50)

    def language(self) -> Language:
        return context.preferred_language(",".join(self.ui_locales.split())) if self.ui_locales else context.language()


class LogoutForm(LogoutParameters):
    confirmation: str = Field(default="", max_length=64, description="Of the page that asks the person")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request to sign off whose parts belong together; `back` is empty where the person stays here."""

    hint: IdTokenHint | None
    back: str
    state: str


_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "A page: signed off, or a question whether to", "content": HTML_CONTENT},
    303: {"description": "Signed off; to the client's address, with `state`"},
    400: {"description": "An id token, client or address that is not known", "content": {**HTML_CONTENT, **PROBLEM_CONTENT}},
}


@router.get("/logout", response_class=Response, responses=_ANSWERS)
async def ask_to_sign_off(
    _: AnyoneSignsOff, request: Request, parameters: Annotated[LogoutParameters, Query()], parts: PartsHere
) -> Response:
    """End the session of this browser, everywhere it was used."""
    return await _sign_off(request, parameters, "", parts)


@router.post("/logout", response_class=Response, responses=_ANSWERS)
async def sign_off(_: AnyoneSignsOff, request: Request, form: Annotated[LogoutForm, Form()], parts: PartsHere) -> Response:
    """The same, by a client's form or by the page's."""
    return await _sign_off(request, form, "" if is_from_another_site(request) else form.confirmation, parts)


async def _sign_off(request: Request, parameters: LogoutParameters, confirmation: str, parts: Parts) -> Response:
    public_url = parts.settings.public_url
    cookie = session_cookie(request, public_url)
    async with parts.db.write() as tx:
        asked = await _asked(tx, parameters, parts)
        if asked is None:
            return dead_end_page(parameters.language())
        session = await sessions.live_session(tx, secret_digest(cookie), lock=True) if cookie else None
        hint = asked.hint
        if session is not None:
            expected = parts.keys.blind_index("sign-off", str(session.id))
            if confirmation != expected and not _is_asked_for(session, hint):
                carried = parameters.model_dump(include=set(LogoutParameters.model_fields), exclude_defaults=True)
                return sign_off_page({**carried, "confirmation": expected}, language=parameters.language(), form_goes_to=asked.back)
            await sessions.end_sessions(tx, session_id=session.id)
        elif hint is not None and hint.session_id is not None:
            await sessions.end_sessions(tx, session_id=hint.session_id)
    response: Response = signed_off_page(parameters.language())
    if asked.back:
        response = RedirectResponse(with_parameters(asked.back, state=asked.state), status_code=303)
    clear_session_cookie(response, public_url)
    return response


def _is_asked_for(session: BrowserSession, hint: IdTokenHint | None) -> bool:
    return hint is not None and speaks_of(session, subject=hint.subject, session_id=hint.session_id)


async def _asked(tx: ReadTx, parameters: LogoutParameters, parts: Parts) -> _Asked | None:
    """None where the token, the client and the address do not belong together."""
    hint = None
    client_id = parameters.client_id
    if parameters.id_token_hint:
        hint = await read_hint(tx, parameters.id_token_hint, issuer=parts.settings.public_url)
        if hint is None or (client_id and client_id != hint.client_id):
            return None
        client_id = hint.client_id
    back = parameters.post_logout_redirect_uri
    if back:
        client = await find_client(tx, client_id, public_url=parts.settings.public_url)
        if client is None or not is_registered(client.post_logout_redirect_uris, back):
            return None
    return _Asked(hint, back, parameters.state)

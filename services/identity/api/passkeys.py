"""Passkeys: signing in with one, and a person's own list of them."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Request
import orjson
from pydantic import Field
from starlette.responses import JSONResponse, Response

from chassis.app import service_router
from chassis.edge import Reads, Writes
from chassis.problems import NotFound
from chassis.schema import Body, View
from services.identity.api.access import AnyoneSignsIn, CanKeepAccount
from services.identity.api.arrival import arrive
from services.identity.api.asking import AuthorizeParameters, asked_of
from services.identity.api.browser import is_from_another_site
from services.identity.api.edge import (
    HTML_CONTENT,
    PROBLEM_CONTENT,
    TOO_MANY_ATTEMPTS,
    PartsHere,
    SecretWrites,
    seconds_to_wait_before,
    source_of,
)
from services.identity.commands.begin_passkey import begin_passkey
from services.identity.commands.count_attempts import forgive_source
from services.identity.commands.register_passkey import register_passkey
from services.identity.commands.use_passkey import use_passkey
from services.identity.errors import ForeignForm, TooManyAttempts
from services.identity.pages.passkey import passkey_page
from services.identity.pages.sign_in import SignInFault, Wrong
from services.identity.parts import Parts
from services.identity.passkeys import creation_options, request_options
from services.identity.queries.principals import find_principal
from services.identity.rules.claims import Principal
from services.identity.rules.passkeys import relying_party_of
from services.identity.rules.throttling import SIGN_IN_PER_SOURCE
from services.identity.rules.ways import PASSKEY
from services.identity.store import passkeys

router = service_router("passkeys")

PasskeyName = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]+$")]
MOST_CREDENTIAL = 16_384


class PasskeyForm(AuthorizeParameters):
    credential: str = Field(default="", max_length=MOST_CREDENTIAL, description="The authenticator's answer (AuthenticationResponseJSON)")


class NewPasskeyBody(Body):
    name: PasskeyName = Field(description="What you call it: the device it lives on")
    credential: dict[str, Any] = Field(description="The authenticator's answer (RegistrationResponseJSON)")


class PasskeyView(View):
    id: UUID
    name: str
    is_synced: bool = Field(description="It lives in an account of its maker and so on more than one device")
    created_at: datetime
    last_used_at: datetime | None = None


class PasskeysView(View):
    data: list[PasskeyView]


_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The page of consent", "content": HTML_CONTENT},
    303: {"description": "Back to the client, with `code` or `error`, `state` and `iss`"},
    400: {"description": "Unknown client or redirect address", "content": {**HTML_CONTENT, **PROBLEM_CONTENT}},
    401: {"description": "The page again: no such passkey", "content": {**HTML_CONTENT, **PROBLEM_CONTENT}},
    429: {"description": "The page again: too many attempts", "content": HTML_CONTENT},
}
_OPTIONS: dict[int | str, dict[str, Any]] = {200: {"description": "Options for the browser, as Web Authentication's JSON"}}


@router.post("/authorize/passkey/options", responses={**_OPTIONS, **TOO_MANY_ATTEMPTS})
async def begin_sign_in(_: AnyoneSignsIn, request: Request, parts: PartsHere) -> dict[str, Any]:
    """A challenge for signing in with a passkey, good once. It names no account."""
    if seconds := await seconds_to_wait_before(parts, {_by_source(request, parts): SIGN_IN_PER_SOURCE}):
        raise TooManyAttempts(seconds)
    async with parts.db.write() as tx:
        challenge = await begin_passkey(tx, subject=None)
    return request_options(relying_party_of(parts.settings.public_url), challenge)


@router.post("/authorize/passkey", status_code=303, response_class=Response, responses=_ANSWERS)
async def sign_in_by_passkey(_: AnyoneSignsIn, request: Request, form: Annotated[PasskeyForm, Form()], parts: PartsHere) -> Response:
    """Sign in with the answer of a passkey; on success back to the client with a code."""
    if is_from_another_site(request):
        raise ForeignForm()
    async with parts.db.read() as tx:
        asked = await asked_of(tx, form, parts)
    if isinstance(asked, Response):
        return asked
    by_source = _by_source(request, parts)
    if seconds := await seconds_to_wait_before(parts, {by_source: SIGN_IN_PER_SOURCE}):
        return passkey_page(asked.visit, wrong=Wrong(SignInFault.THROTTLED, seconds))
    principal = await _owner(parts, form.credential, by_source)
    if principal is None:
        return passkey_page(asked.visit, wrong=Wrong(SignInFault.WRONG_PASSKEY))
    return await arrive(request, asked, principal, parts, methods=PASSKEY)


@router.get("/me/passkeys")
async def own_passkeys(actor: CanKeepAccount, tx: Reads) -> PasskeysView:
    """Your passkeys, the oldest first."""
    return PasskeysView(data=[PasskeyView.model_validate(dict(row)) for row in await passkeys.passkeys_of(tx, actor.subject)])


@router.post("/me/passkeys/options", response_class=JSONResponse, responses=_OPTIONS)
async def begin_registration(actor: CanKeepAccount, tx: SecretWrites, parts: PartsHere) -> dict[str, Any]:
    """What to give `navigator.credentials.create` (or a platform's equal) to make a passkey; good once."""
    present = await passkeys.credential_ids_of(tx, actor.subject)
    challenge = await begin_passkey(tx, subject=actor.subject)
    party = relying_party_of(parts.settings.public_url)
    return creation_options(party, challenge, subject=actor.subject, name=actor.name, present=present)


@router.post("/me/passkeys", status_code=201)
async def register(actor: CanKeepAccount, body: NewPasskeyBody, tx: Writes, parts: PartsHere) -> PasskeyView:
    """Register the passkey that was made for the options; ten at most."""
    party = relying_party_of(parts.settings.public_url)
    made = await register_passkey(tx, body.credential, name=body.name, subject=actor.subject, kind=actor.kind, party=party)
    [row] = [row for row in await passkeys.passkeys_of(tx, actor.subject) if row["id"] == made]
    return PasskeyView.model_validate(dict(row))


@router.delete("/me/passkeys/{passkey_id}", status_code=204)
async def remove(actor: CanKeepAccount, passkey_id: UUID, tx: Writes) -> None:
    """Remove a passkey: it signs nobody in any more. What it had signed on goes on; see `/me/sessions`."""
    if not await passkeys.delete_passkey(tx, passkey_id, subject=actor.subject):
        raise NotFound()


def _by_source(request: Request, parts: Parts) -> str:
    return f"sign-in:{parts.keys.blind_index('source', source_of(request, parts.settings.trusted_proxies))}"


async def _owner(parts: Parts, answer: str, by_source: str) -> Principal | None:
    """Whose passkey answered, as they are now."""
    credential = read_credential(answer)
    if credential is None:
        return None
    async with parts.db.write() as tx:
        found = await use_passkey(tx, credential, relying_party_of(parts.settings.public_url))
        if found is None:
            return None
        await forgive_source(tx, by_source)
        return await find_principal(tx, *found)


def read_credential(text: str) -> dict[str, Any] | None:
    """What a page's form brought of the authenticator; None for what is no JSON object."""
    try:
        credential = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return credential if isinstance(credential, dict) else None

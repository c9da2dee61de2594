"""The token endpoint. Each grant: authenticate the client, redeem what it holds, sign what follows from the account as it is now.

A refusal that also changes something (a stolen token ends its sign-in) is answered after its transaction has committed.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from pydantic import Field, SecretStr

from chassis.problems import Unauthenticated
from services.identity.api.access import AnyClient
from services.identity.api.client_authentication import ClientForm, authenticated_client
from services.identity.api.edge import PROBLEM_CONTENT, PartsHere
from services.identity.api.possession import held_key
from services.identity.api.quick_tokens import QuickTokenRoute
from services.identity.api.tokens_issued import TokenView, for_itself, for_sign_in, signed
from services.identity.commands.redeem import HeldKey, Redeemed, redeem_code, redeem_refresh_token
from services.identity.commands.redeem_device_code import redeem_device_code
from services.identity.errors import OAuthRefused
from services.identity.parts import Parts
from services.identity.queries.acting import find_acting
from services.identity.queries.principals import find_principal
from services.identity.rules.authorization import ACCESS_LIFETIME, Fault
from services.identity.rules.clients import KIOSK_PREFIX, Client
from services.identity.rules.scopes import granted, parse_scope
from services.identity.signing import verified_claims

router = APIRouter(route_class=QuickTokenRoute, tags=["token"])

TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
ACCESS_TOKEN_TYPE = "urn:ietf:params:oauth:token-type:access_token"


class TokenForm(ClientForm):
    """The parameters of all grants; unknown ones are ignored, as RFC 6749 asks."""

    grant_type: str = Field(default="", max_length=100)
    scope: str = Field(default="", max_length=1000)
    code: SecretStr = Field(default=SecretStr(""), max_length=200)
    redirect_uri: str = Field(default="", max_length=500)
    code_verifier: SecretStr = Field(default=SecretStr(""), max_length=128)
    refresh_token: SecretStr = Field(default=SecretStr(""), max_length=200)
    device_code: SecretStr = Field(default=SecretStr(""), max_length=200, description="A kiosk's, of POST /device-authorization")
    subject_token: SecretStr = Field(default=SecretStr(""), max_length=8192, description="Token exchange: the person's access token")
    subject_token_type: str = Field(default="", max_length=100)
    acting_for: str = Field(
        default="", max_length=64, description="Token exchange: id of the organisation or person to act for, or of the mandate"
    )


Grant = Callable[[TokenForm, Client, Parts, HeldKey], Awaitable[TokenView]]

_OAUTH_ERROR: dict[str, Any] = {
    "application/json": {
        "schema": {
            "allOf": [
                {"$ref": "#/components/schemas/Problem"},
                {"type": "object", "properties": {"error": {"type": "string"}, "error_description": {"type": "string"}}},
            ]
        }
    },
    **PROBLEM_CONTENT,
}
REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"description": "The grant is refused: RFC 6749, 5.2, with the members of a problem", "content": _OAUTH_ERROR},
    401: {"description": "The client is refused (`invalid_client`)", "content": _OAUTH_ERROR},
}


@router.post("/token", response_model_exclude_none=True, responses=REFUSALS)
async def token(_: AnyClient, request: Request, form: Annotated[TokenForm, Form()], parts: PartsHere) -> TokenView:
    """Tokens for a code, a refresh token, a client's own credentials, or (exchange) for acting for somebody."""
    grant = _GRANTS.get(form.grant_type)
    if grant is None:
        error = "unsupported_grant_type" if form.grant_type else "invalid_request"
        raise OAuthRefused(Fault(error, f"grant_type is one of {', '.join(_GRANTS)}"))
    client = await authenticated_client(request, form, parts)
    return await grant(form, client, parts, await held_key(request, client, parts))


async def _by_code(form: TokenForm, client: Client, parts: Parts, key: HeldKey) -> TokenView:
    async with parts.db.write() as tx:
        redeemed = await redeem_code(
            tx,
            form.code.get_secret_value(),
            client_id=client.client_id,
            redirect_uri=form.redirect_uri,
            code_verifier=form.code_verifier.get_secret_value(),
            key=key,
        )
        principal = await find_principal(tx, redeemed.subject, redeemed.kind) if isinstance(redeemed, Redeemed) else None
    return for_sign_in(redeemed, principal, client, parts, key, narrowed_to=frozenset())


async def _by_refresh_token(form: TokenForm, client: Client, parts: Parts, key: HeldKey) -> TokenView:
    async with parts.db.write() as tx:
        redeemed = await redeem_refresh_token(tx, form.refresh_token.get_secret_value(), client_id=client.client_id, key=key)
        principal = await find_principal(tx, redeemed.subject, redeemed.kind) if isinstance(redeemed, Redeemed) else None
    return for_sign_in(redeemed, principal, client, parts, key, narrowed_to=parse_scope(form.scope))


async def _by_own_credentials(form: TokenForm, client: Client, parts: Parts, key: HeldKey) -> TokenView:
    return for_itself(form.scope, client, parts, key)


async def _by_device_code(form: TokenForm, client: Client, parts: Parts, key: HeldKey) -> TokenView:
    if client.kind != "kiosk":
        raise OAuthRefused(Fault("unauthorized_client", "this grant is for registered kiosks"))
    device_id = UUID(client.client_id.removeprefix(KIOSK_PREFIX))
    async with parts.db.write() as tx:
        redeemed = await redeem_device_code(tx, form.device_code.get_secret_value(), client=client, device_id=device_id)
        principal = await find_principal(tx, redeemed.subject, redeemed.kind) if isinstance(redeemed, Redeemed) else None
    return for_sign_in(redeemed, principal, client, parts, key, narrowed_to=frozenset())


async def _by_exchange(form: TokenForm, client: Client, parts: Parts, key: HeldKey) -> TokenView:
    """The person's token becomes one of the principal, with the person in `act` (RFC 8693); never with wider scopes, never in a chain."""
    if form.subject_token_type not in ("", ACCESS_TOKEN_TYPE):
        raise OAuthRefused(Fault("invalid_request", f"subject_token_type is {ACCESS_TOKEN_TYPE}"))
    try:
        actor = await parts.verifier.verify(form.subject_token.get_secret_value())
    except Unauthenticated as error:
        raise OAuthRefused(Fault("invalid_request", "subject_token is not a valid access token")) from error
    if actor.kind != "person" or actor.via is not None or actor.client_id != client.client_id:
        raise OAuthRefused(Fault("invalid_request", "subject_token is not a person's token of this client"))
    if actor.key_thumbprint not in (None, "", key.thumbprint):  # "": bound to what this client has just proven itself by
        raise OAuthRefused(Fault("invalid_dpop_proof", "subject_token is bound to another key than the proof's"))
    target = _uuid(form.acting_for)
    async with parts.db.read() as tx:
        acting = await find_acting(tx, target, actor.subject) if target else Fault("invalid_target", "acting_for is the id of a principal")
    if isinstance(acting, Fault):
        raise OAuthRefused(acting)
    ceiling = acting.ceiling(client.scopes & actor.scopes)
    scopes = granted(acting.principal.kind, parse_scope(form.scope), ceiling=ceiling) & actor.scopes & acting.ceiling(actor.scopes)
    return TokenView(
        access_token=signed(
            parts,
            acting.principal,
            client,
            scopes,
            key,
            acting=acting,
            grant_id=_uuid(str(verified_claims(actor.raw_token).get("grant_id"))),
        ),
        token_type=key.token_type,
        expires_in=acting.seconds_left(parts.clock.now(), ACCESS_LIFETIME),
        scope=" ".join(sorted(scopes)),
        issued_token_type=ACCESS_TOKEN_TYPE,
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


_GRANTS: Mapping[str, Grant] = {
    "authorization_code": _by_code,
    "refresh_token": _by_refresh_token,
    "client_credentials": _by_own_credentials,
    TOKEN_EXCHANGE: _by_exchange,
    DEVICE_CODE: _by_device_code,
}

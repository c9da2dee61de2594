"""The token endpoint. Each grant: authenticate the client, redeem what it holds, sign what follows from the account as it is now.

A refusal that also changes something (a stolen token ends its sign-in) is answered after its transaction has committed.
"""

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any
from urllib.parse import unquote_plus
from uuid import UUID

from fastapi import Form, Request
from pydantic import BaseModel, Field, SecretStr

from chassis.app import service_router
from chassis.problems import Unauthenticated
from chassis.schema import View
from services.identity.api.access import AnyClient
from services.identity.api.edge import PROBLEM_CONTENT, PartsHere
from services.identity.commands.redeem import Redeemed, redeem_code, redeem_refresh_token
from services.identity.errors import ClientRefused, OAuthRefused
from services.identity.parts import Parts
from services.identity.queries.clients import find_client, is_proven
from services.identity.queries.principals import find_principal, find_represented, own_principal
from services.identity.rules.authorization import ACCESS_LIFETIME, Fault
from services.identity.rules.claims import Principal, access_claims, id_claims
from services.identity.rules.clients import Client
from services.identity.rules.scopes import granted, parse_scope

router = service_router("token")

TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN_TYPE = "urn:ietf:params:oauth:token-type:access_token"


class TokenForm(BaseModel):
    """The parameters of all grants; unknown ones are ignored, as RFC 6749 asks."""

    grant_type: str = Field(default="", max_length=100)
    client_id: str = Field(default="", max_length=64)
    client_secret: SecretStr = Field(default=SecretStr(""), max_length=200)
    scope: str = Field(default="", max_length=1000)
    code: SecretStr = Field(default=SecretStr(""), max_length=200)
    redirect_uri: str = Field(default="", max_length=500)
    code_verifier: SecretStr = Field(default=SecretStr(""), max_length=128)
    refresh_token: SecretStr = Field(default=SecretStr(""), max_length=200)
    subject_token: SecretStr = Field(default=SecretStr(""), max_length=8192, description="Token exchange: the person's access token")
    subject_token_type: str = Field(default="", max_length=100)
    acting_for: str = Field(default="", max_length=64, description="Token exchange: id of the organisation the person represents")


class TokenView(View):
    access_token: str
    token_type: str = "Bearer"
    expires_in: int = int(ACCESS_LIFETIME.total_seconds())
    scope: str
    refresh_token: str | None = None
    id_token: str | None = None
    issued_token_type: str | None = None


Grant = Callable[[TokenForm, Client, Parts], Awaitable[TokenView]]

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
_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"description": "The grant is refused: RFC 6749, 5.2, with the members of a problem", "content": _OAUTH_ERROR},
    401: {"description": "The client is refused (`invalid_client`)", "content": _OAUTH_ERROR},
}


@router.post("/token", response_model_exclude_none=True, responses=_REFUSALS)
async def token(_: AnyClient, request: Request, form: Annotated[TokenForm, Form()], parts: PartsHere) -> TokenView:
    """Tokens for a code, a refresh token, a client's own credentials, or (exchange) for acting for an organisation."""
    grant = _GRANTS.get(form.grant_type)
    if grant is None:
        error = "unsupported_grant_type" if form.grant_type else "invalid_request"
        raise OAuthRefused(Fault(error, f"grant_type is one of {', '.join(_GRANTS)}"))
    return await grant(form, await _client(request, form, parts), parts)


async def _client(request: Request, form: TokenForm, parts: Parts) -> Client:
    """The client, authenticated by HTTP Basic, by the form, or (public) by nothing but its id. Raises ClientRefused."""
    client_id, secret = form.client_id, form.client_secret.get_secret_value()
    header = request.headers.get("authorization")
    if header is not None:
        basic_id, basic_secret = _basic(header)
        if secret or (client_id and client_id != basic_id):
            raise OAuthRefused(Fault("invalid_request", "the client authenticates in two ways at once"))
        client_id, secret = basic_id, basic_secret
    async with parts.db.read() as tx:
        client = await find_client(tx, client_id, public_url=parts.settings.public_url)
    if client is None or not is_proven(client, secret, parts.keys):
        raise ClientRefused("unknown client, or not its secret")
    return client


def _basic(header: str) -> tuple[str, str]:
    """Both halves of a Basic header, form-decoded (RFC 6749, 2.3.1). Raises ClientRefused."""
    scheme, _, encoded = header.partition(" ")
    try:
        if scheme.lower() != "basic":
            raise ValueError(scheme)
        client_id, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError) as error:
        raise ClientRefused("the Authorization header is not Basic credentials") from error
    if not colon:
        raise ClientRefused("the Authorization header is not Basic credentials")
    return unquote_plus(client_id), unquote_plus(secret)


async def _by_code(form: TokenForm, client: Client, parts: Parts) -> TokenView:
    async with parts.db.write() as tx:
        redeemed = await redeem_code(
            tx,
            form.code.get_secret_value(),
            client_id=client.client_id,
            redirect_uri=form.redirect_uri,
            code_verifier=form.code_verifier.get_secret_value(),
        )
        principal = await find_principal(tx, redeemed.subject, redeemed.kind) if isinstance(redeemed, Redeemed) else None
    return _for_sign_in(redeemed, principal, client, parts, narrowed_to=frozenset())


async def _by_refresh_token(form: TokenForm, client: Client, parts: Parts) -> TokenView:
    async with parts.db.write() as tx:
        redeemed = await redeem_refresh_token(tx, form.refresh_token.get_secret_value(), client_id=client.client_id)
        principal = await find_principal(tx, redeemed.subject, redeemed.kind) if isinstance(redeemed, Redeemed) else None
    return _for_sign_in(redeemed, principal, client, parts, narrowed_to=parse_scope(form.scope))


def _for_sign_in(
    redeemed: Redeemed | Fault, principal: Principal | None, client: Client, parts: Parts, *, narrowed_to: frozenset[str]
) -> TokenView:
    if isinstance(redeemed, Fault):
        raise OAuthRefused(redeemed)
    if principal is None:
        raise OAuthRefused(Fault("invalid_grant", "the account is gone"))
    scopes = granted(principal.kind, redeemed.scopes, ceiling=client.scopes, posts=principal.posts)
    if narrowed_to:
        scopes &= granted(principal.kind, narrowed_to, ceiling=scopes, posts=principal.posts)
    id_token = None
    if "openid" in scopes:
        id_token = parts.signer.id_token(
            id_claims(
                principal,
                issuer=parts.settings.public_url,
                client_id=client.client_id,
                nonce=redeemed.nonce,
                now=parts.clock.now(),
                signed_in_at=redeemed.signed_in_at,
                session_id=redeemed.session_id,
                methods=redeemed.methods,
            )
        )
    return TokenView(
        access_token=_sign(parts, principal, client, scopes),
        scope=" ".join(sorted(scopes)),
        refresh_token=redeemed.refresh_token,
        id_token=id_token,
    )


async def _by_own_credentials(form: TokenForm, client: Client, parts: Parts) -> TokenView:
    principal = own_principal(client)
    if principal is None:
        raise OAuthRefused(Fault("unauthorized_client", "this client signs people in; it does not act for itself"))
    asked = parse_scope(form.scope)
    scopes = granted(principal.kind, asked, ceiling=client.scopes)
    if asked and not scopes:
        raise OAuthRefused(Fault("invalid_scope", "none of these scopes is for this client"))
    return TokenView(access_token=_sign(parts, principal, client, scopes), scope=" ".join(sorted(scopes)))


async def _by_exchange(form: TokenForm, client: Client, parts: Parts) -> TokenView:
    """The person's token becomes one of the organisation, with the person in `act` (RFC 8693); never with wider scopes."""
    if form.subject_token_type not in ("", ACCESS_TOKEN_TYPE):
        raise OAuthRefused(Fault("invalid_request", f"subject_token_type is {ACCESS_TOKEN_TYPE}"))
    try:
        actor = await parts.verifier.verify(form.subject_token.get_secret_value())
    except Unauthenticated as error:
        raise OAuthRefused(Fault("invalid_request", "subject_token is not a valid access token")) from error
    if actor.kind != "person" or actor.client_id != client.client_id:
        raise OAuthRefused(Fault("invalid_request", "subject_token is not a person's token of this client"))
    organisation_id = _uuid(form.acting_for)
    async with parts.db.read() as tx:
        found = await find_represented(tx, organisation_id, actor.subject) if organisation_id else None
    if found is None:
        raise OAuthRefused(Fault("invalid_target", "the person does not represent an organisation of this id"))
    organisation, person = found
    scopes = granted(organisation.kind, parse_scope(form.scope), ceiling=client.scopes & actor.scopes) & actor.scopes
    return TokenView(
        access_token=_sign(parts, organisation, client, scopes, delegate=person),
        scope=" ".join(sorted(scopes)),
        issued_token_type=ACCESS_TOKEN_TYPE,
    )


def _sign(parts: Parts, principal: Principal, client: Client, scopes: frozenset[str], *, delegate: Principal | None = None) -> str:
    return parts.signer.access_token(
        access_claims(
            principal,
            issuer=parts.settings.public_url,
            client_id=client.client_id,
            scopes=scopes,
            now=parts.clock.now(),
            token_id=parts.clock.new_id(),
            delegate=delegate,
        )
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
}

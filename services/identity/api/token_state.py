"""What has become of a token (RFC 7662), and its end before its time (RFC 7009)."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Request
from pydantic import Field, SecretStr
from starlette.responses import Response

from chassis.app import service_router
from chassis.problems import Unauthenticated
from chassis.schema import View
from services.identity.api.access import AnyClient
from services.identity.api.client_authentication import ClientForm, authenticated_client
from services.identity.api.edge import PartsHere
from services.identity.api.token import REFUSALS
from services.identity.errors import ClientRefused
from services.identity.parts import Parts
from services.identity.rules.clients import secret_digest
from services.identity.signing import verified_claims
from services.identity.store import grants, sessions

router = service_router("token")

_SHOWN = ("iss", "aud", "sub", "client_id", "scope", "iat", "exp", "jti", "cnf", "act", "acr", "auth_time")


class TokenStateForm(ClientForm):
    token: SecretStr = Field(default=SecretStr(""), max_length=8192)
    token_type_hint: str = Field(default="", max_length=50, description="Not needed")


class TokenStateView(View):
    """Of a token that is not active, only that."""

    active: bool
    token_type: str | None = None
    iss: str | None = None
    aud: str | None = None
    sub: str | None = None
    client_id: str | None = None
    scope: str | None = None
    iat: int | None = None
    exp: int | None = None
    jti: str | None = None
    cnf: dict[str, Any] | None = None
    act: dict[str, Any] | None = None
    acr: str | None = None
    auth_time: int | None = None


@router.post("/introspect", response_model_exclude_none=True, responses=REFUSALS)
async def introspect(_: AnyClient, request: Request, form: Annotated[TokenStateForm, Form()], parts: PartsHere) -> TokenStateView:
    """Whether a token is good now: any access token to a client that can keep a secret, a refresh token to its own client."""
    client = await authenticated_client(request, form, parts)
    if client.kind in ("public", "kiosk"):
        raise ClientRefused("a public client or a kiosk cannot ask about tokens")
    token = form.token.get_secret_value()
    async with parts.db.read() as tx:
        row = await grants.refresh_token(tx, secret_digest(token))
    if row is not None:
        is_live = row["used_at"] is None and row["revoked_at"] is None and row["expires_at"] > parts.clock.now()
        if not is_live or row["client_id"] != client.client_id:
            return TokenStateView(active=False)
        return TokenStateView(
            active=True, token_type="refresh_token", client_id=row["client_id"], sub=str(row["subject"]),
            iss=parts.settings.public_url, exp=int(row["expires_at"].timestamp()),
        )  # fmt: skip
    claims = await _good_claims(token, parts)
    if claims is None or await _is_revoked(claims, parts):
        return TokenStateView(active=False)
    kind = "DPoP" if "jkt" in claims.get("cnf", {}) else "Bearer"
    return TokenStateView(active=True, token_type=kind, **{name: claims.get(name) for name in _SHOWN})


@router.post("/revoke", response_class=Response, responses={**REFUSALS, 200: {"description": "It is not good any more, or never was"}})
async def revoke(_: AnyClient, request: Request, form: Annotated[TokenStateForm, Form()], parts: PartsHere) -> Response:
    """End a sign-in at the client that asks: its refresh token, and its access tokens where they are introspected."""
    client = await authenticated_client(request, form, parts)
    token = form.token.get_secret_value()
    async with parts.db.write() as tx:
        row = await grants.refresh_token(tx, secret_digest(token))
        if row is not None and row["client_id"] == client.client_id:
            await grants.revoke_family(tx, row["family_id"])
            if client.kind == "kiosk":  # nobody else is signed on from it: the person has gone
                await sessions.end_sessions(tx, session_id=row["session_id"])
    if row is None:
        claims = await _good_claims(token, parts)
        if claims is not None and claims.get("client_id") == client.client_id and "grant_id" in claims:
            async with parts.db.write() as tx:
                await grants.revoke_family(tx, UUID(claims["grant_id"]))
    return Response(status_code=200)


async def _good_claims(token: str, parts: Parts) -> dict[str, Any] | None:
    try:
        await parts.verifier.verify(token)
    except Unauthenticated:
        return None
    return verified_claims(token)


async def _is_revoked(claims: dict[str, Any], parts: Parts) -> bool:
    """Whether the sign-in it was issued from has ended."""
    if "grant_id" not in claims:
        return False
    async with parts.db.read() as tx:
        return not await grants.is_family_live(tx, UUID(claims["grant_id"]))

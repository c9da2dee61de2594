"""Pushed authorization requests (RFC 9126): a client sends its request ahead, proven, and the browser carries only a reference."""

from dataclasses import replace
import secrets
from typing import Annotated

from fastapi import Form, Request
from pydantic import Field

from chassis.app import service_router
from chassis.schema import View
from services.identity.api.access import AnyClient
from services.identity.api.asking import PUSHED_PREFIX, AuthorizeParameters, request_of
from services.identity.api.client_authentication import ClientForm, authenticated_client
from services.identity.api.edge import PartsHere
from services.identity.api.possession import held_key
from services.identity.api.token import REFUSALS
from services.identity.errors import OAuthRefused
from services.identity.rules.authorization import PUSHED_LIFETIME, Fault, fault_of
from services.identity.rules.clients import is_registered, secret_digest
from services.identity.store import pushed

router = service_router("sign-in")


class PushedForm(ClientForm, AuthorizeParameters):
    client_id: str = Field(default="", max_length=64)


class PushedView(View):
    request_uri: str
    expires_in: int = int(PUSHED_LIFETIME.total_seconds())


@router.post("/par", status_code=201, responses=REFUSALS)
async def push(_: AnyClient, request: Request, form: Annotated[PushedForm, Form()], parts: PartsHere) -> PushedView:
    """Send an authorization request ahead; good for one sign-in that begins within a minute."""
    client = await authenticated_client(request, form, parts)
    if form.request_uri:
        raise OAuthRefused(Fault("invalid_request", "request_uri is the answer here, not a parameter"))
    key = await held_key(request, replace(client, dpop_bound_access_tokens=False), parts)
    parameters = form.model_dump(include=set(AuthorizeParameters.model_fields), exclude_defaults=True)
    parameters["client_id"] = client.client_id
    if key.thumbprint is not None:
        if parameters.get("dpop_jkt", key.thumbprint) != key.thumbprint:
            raise OAuthRefused(Fault("invalid_dpop_proof", "dpop_jkt names another key than the proof"))
        parameters["dpop_jkt"] = key.thumbprint
    asked = request_of(AuthorizeParameters(**parameters))
    if not is_registered(client.redirect_uris, asked.redirect_uri):
        raise OAuthRefused(Fault("invalid_request", "redirect_uri is not one that the client registered"))
    if fault := fault_of(asked):
        raise OAuthRefused(fault)
    reference = secrets.token_urlsafe(32)
    async with parts.db.write() as tx:
        row = {
            "digest": secret_digest(reference),
            "client_id": client.client_id,
            "parameters": parameters,
            "expires_at": tx.now + PUSHED_LIFETIME,
        }
        await pushed.keep(tx, row)
    return PushedView(request_uri=PUSHED_PREFIX + reference)

"""How a client proves itself in a request: by a signed assertion, by HTTP Basic, by the form, by its connection's
certificate, or (public) by nothing but its id.
"""

import base64
import binascii
from urllib.parse import unquote_plus

from fastapi import Request
from pydantic import BaseModel, Field, SecretStr

from services.identity.api.presented_certificates import demand_certificate
from services.identity.errors import ClientRefused, OAuthRefused
from services.identity.parts import Parts
from services.identity.queries.clients import find_client, is_proven
from services.identity.rules.authorization import Fault
from services.identity.rules.client_keys import (
    ASSERTION_TYPE,
    AssertionRefused,
    KeysRefused,
    check_assertion,
    named_in,
    read_keys,
)
from services.identity.rules.clients import Client
from services.identity.store import once


class ClientForm(BaseModel):
    """What a client may prove itself with; unknown parameters are ignored, as RFC 6749 asks."""

    client_id: str = Field(default="", max_length=64)
    client_secret: SecretStr = Field(default=SecretStr(""), max_length=200)
    client_assertion_type: str = Field(default="", max_length=100)
    client_assertion: SecretStr = Field(default=SecretStr(""), max_length=8192, description="`private_key_jwt` (RFC 7523)")


async def authenticated_client(request: Request, form: ClientForm, parts: Parts) -> Client:
    """The client. Raises ClientRefused; OAuthRefused for one that proves itself in two ways at once."""
    header, secret = request.headers.get("authorization"), form.client_secret.get_secret_value()
    assertion = form.client_assertion.get_secret_value()
    if sum((header is not None, bool(secret), bool(assertion or form.client_assertion_type))) > 1:
        raise OAuthRefused(Fault("invalid_request", "the client authenticates in two ways at once"))
    if assertion or form.client_assertion_type:
        return await _by_assertion(request, form, assertion, parts)
    client_id = form.client_id
    if header is not None:
        basic_id, secret = basic_credentials(header)
        if client_id and client_id != basic_id:
            raise OAuthRefused(Fault("invalid_request", "the client authenticates in two ways at once"))
        client_id = basic_id
    async with parts.db.read() as tx:
        client = await find_client(tx, client_id, public_url=parts.settings.public_url)
    if client is not None and client.trust.token_endpoint_auth_method is not None and header is None and not secret:
        await demand_certificate(request, client, parts)
        return client
    if client is None or not is_proven(client, secret, parts.keys):
        raise ClientRefused("unknown client, or not its secret")
    return client


async def _by_assertion(request: Request, form: ClientForm, assertion: str, parts: Parts) -> Client:
    if form.client_assertion_type != ASSERTION_TYPE:
        raise ClientRefused(f"client_assertion_type is {ASSERTION_TYPE}")
    issuer = parts.settings.public_url
    api = f"{issuer.rstrip('/')}/api/identity/v1"
    try:
        client_id, key_id = named_in(assertion)
        if form.client_id not in ("", client_id):
            raise AssertionRefused("client_id is not the one the assertion names")
        async with parts.db.read() as tx:
            client = await find_client(tx, client_id, public_url=issuer)
        if client is None or not client.has_keys:
            raise AssertionRefused("unknown client, or one without keys")
        keys = read_keys(client.jwks) if client.jwks else await parts.key_sets.keys(client.jwks_uri or "", key_id)
        audiences = {issuer, f"{api}/token", issuer.rstrip("/") + request.url.path}
        if client.require_pushed_authorization_requests:
            audiences = {issuer}  # FAPI 2.0, 5.3.2.1: for nobody else than this issuer
        good = check_assertion(assertion, keys, client_id=client_id, audiences=audiences, now=parts.clock.now())
    except (AssertionRefused, KeysRefused) as refusal:
        raise ClientRefused(str(refusal)) from refusal
    async with parts.db.write() as tx:
        is_first = await once.use(tx, "client-assertion", client_id, good.jti, good.expires_at)
    if not is_first:
        raise ClientRefused("the assertion was used before")
    return client


def basic_credentials(header: str) -> tuple[str, str]:
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

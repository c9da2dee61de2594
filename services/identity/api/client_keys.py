"""The keys that clients sign their requests with, for the entrance, which checks the signatures."""

from typing import Annotated, Any

from fastapi import Path, Query

from chassis.app import service_router
from chassis.problems import NotFound
from chassis.schema import View
from services.identity.api.access import CanReadClientKeys
from services.identity.api.edge import PartsHere
from services.identity.queries.clients import find_client
from services.identity.rules.client_keys import KeysRefused, request_keys

router = service_router("clients")


class RequestKeysView(View):
    keys: list[dict[str, Any]]
    """Public JWKs of P-256 or Ed25519, each with a `kid`."""


@router.get("/clients/{client_id}/request-keys", responses={404: {"description": "No such client, or one without such keys"}})
async def keys(
    _: CanReadClientKeys,
    client_id: Annotated[str, Path(max_length=64, pattern=r"^[a-z][a-z0-9._-]*$")],
    parts: PartsHere,
    kid: Annotated[
        str | None, Query(max_length=200, description="One that a request names: where it is unknown, a published set is fetched anew")
    ] = None,
) -> RequestKeysView:
    """The public keys of one client, as they are now."""
    async with parts.db.read() as tx:
        client = await find_client(tx, client_id, public_url=parts.settings.public_url)
    if client is None or not client.trust.signs_requests:
        raise NotFound()
    try:
        document = client.jwks if client.jwks is not None else await parts.key_sets.document(client.jwks_uri or "", kid)
        named = request_keys(document)
    except KeysRefused as refusal:
        raise NotFound() from refusal
    return RequestKeysView(keys=[{**key.as_dict(private=False), "kid": name} for name, key in named.items()])

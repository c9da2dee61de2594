"""Who a client is: registered, a registered kiosk, or one of the suite's own."""

from uuid import UUID

from chassis.crypto import KeyRing
from chassis.database import ReadTx
from services.identity.rules.client_trust import trust_of
from services.identity.rules.clients import KIOSK_PREFIX, Client, built_in_client, is_secret, secret_digest
from services.identity.rules.device_grants import KIOSK_SCOPES
from services.identity.store import grants, visits


async def find_client(tx: ReadTx, client_id: str, *, public_url: str) -> Client | None:
    """A registration goes before what is built in, except for the suite's services, which cannot be registered."""
    built_in = built_in_client(client_id, public_url)
    if built_in is not None and built_in.kind == "service":
        return built_in
    if client_id.startswith(KIOSK_PREFIX):
        return await _kiosk(tx, client_id)
    row = await grants.client(tx, client_id)
    if row is None:
        return built_in
    return Client(
        client_id=row["client_id"],
        name=row["name"],
        kind=row["kind"],
        scopes=frozenset(row["scopes"]),
        redirect_uris=frozenset(row["redirect_uris"]),
        department=row["department"],
        region=row["region"],
        secret_digest=row["secret_digest"],
        asks_consent=row["asks_consent"],
        require_pushed_authorization_requests=row["require_pushed_authorization_requests"],
        dpop_bound_access_tokens=row["dpop_bound_access_tokens"],
        trust=trust_of(dict(row)),
        jwks=row["jwks"],
        jwks_uri=row["jwks_uri"],
        post_logout_redirect_uris=frozenset(row["post_logout_redirect_uris"]),
    )


async def _kiosk(tx: ReadTx, client_id: str) -> Client | None:
    try:
        row = await visits.device(tx, UUID(client_id.removeprefix(KIOSK_PREFIX)))
    except ValueError:
        return None
    if row is None or row["kind"] != "kiosk" or not row["is_active"]:
        return None
    return Client(
        client_id, row["name"], "kiosk", KIOSK_SCOPES, department=row["department"], region=row["region"], secret_digest=row["secret_digest"]
    )  # fmt: skip


def is_proven(client: Client, secret: str | None, keys: KeyRing) -> bool:
    """Whether the client showed what its kind demands: a public one nothing, the others their secret. Who has keys signs."""
    if client.has_keys:
        return False
    if client.kind == "public":
        return not secret
    expected = secret_digest(keys.secret_for(f"client:{client.client_id}")) if client.kind == "service" else client.secret_digest
    return is_secret(secret or "", expected)

"""The quick way through the token endpoint: client credentials and people's refresh tokens in their plain form.

It answers only what goes well, with the same rules and the same claims as the ordinary way (decision 0022). A request that is anything
but plain, or that would be refused, changes nothing here and goes the ordinary way, which refuses it by name. Measured: docs/measured.md.
"""

from collections.abc import Callable, Coroutine
import secrets
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request, Response
import orjson

from chassis.edge import EdgeRoute
from services.identity.api.client_authentication import basic_credentials
from services.identity.api.tokens_issued import TokenView, for_itself, for_sign_in
from services.identity.commands.redeem import HeldKey, Redeemed
from services.identity.errors import ClientRefused, OAuthRefused
from services.identity.parts import Parts, parts_of
from services.identity.queries.clients import is_proven
from services.identity.rules.claims import Principal
from services.identity.rules.client_trust import ClientTrust
from services.identity.rules.clients import KIOSK_PREFIX, Client, built_in_client, secret_digest
from services.identity.rules.scopes import parse_scope

_MOST_BYTES = 4_096
_LONGEST = {"grant_type": 100, "client_id": 64, "client_secret": 200, "scope": 1000, "refresh_token": 200}
_FORM = "application/x-www-form-urlencoded"
_NO_KEY = HeldKey()


class QuickTokenRoute(EdgeRoute):
    """The token endpoint's route: quick where it can be, else as any other."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        ordinary = super().get_route_handler()

        async def handle(request: Request) -> Response:
            return await quick_answer(request) or await ordinary(request)

        return handle


async def quick_answer(request: Request) -> Response | None:
    """None, and nothing has changed, for what has to go the ordinary way."""
    headers = request.headers
    if request.scope["query_string"] or "dpop" in headers or headers.get("content-type", "").partition(";")[0].strip() != _FORM:
        return None
    form = plain_form(await request.body())
    if form is None or (named := _client_of(form, headers.getlist("authorization"))) is None:
        return None
    parts, (client_id, secret) = parts_of(request.app.state.runtime), named
    try:
        match form.get("grant_type"):
            case "client_credentials":
                view = await _credentials(form, client_id, secret, parts)
            case "refresh_token":
                view = await _refresh(form, client_id, secret, parts)
            case _:
                return None
    except OAuthRefused:
        return None
    if view is None:
        return None
    return Response(orjson.dumps(view.model_dump(exclude_none=True)), media_type="application/json")


def plain_form(body: bytes) -> dict[str, str] | None:
    """The form if it is short printable ASCII, names each parameter once and no others than these grants have."""
    if len(body) > _MOST_BYTES or not body.isascii():
        return None
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True, max_num_fields=len(_LONGEST))
    except ValueError:
        return None
    form = dict(pairs)
    is_plain = len(form) == len(pairs) and all(
        len(value) <= _LONGEST.get(name, -1) and value.isascii() and (value.isprintable() or not value) for name, value in pairs
    )
    return form if is_plain else None


def _client_of(form: dict[str, str], authorization: list[str]) -> tuple[str, str] | None:
    """Its id and secret (may be empty); None where the two ways to send them meet."""
    if not authorization:
        return form.get("client_id", ""), form.get("client_secret", "")
    if len(authorization) > 1 or form.get("client_secret"):
        return None
    try:
        client_id, secret = basic_credentials(authorization[0])
    except ClientRefused:
        return None
    return (client_id, secret) if form.get("client_id", client_id) == client_id else None


async def _credentials(form: dict[str, str], client_id: str, secret: str, parts: Parts) -> TokenView | None:
    client = built_in_client(client_id, parts.settings.public_url)
    if client is None or client.kind != "service":
        row = await parts.quick.client(client_id) if _is_storable(client_id) else None
        if row is None or not row["by_secret_alone"]:
            return None
        client = Client(
            client_id, row["name"], row["kind"], frozenset(row["scopes"]), department=row["department"], region=row["region"],
            secret_digest=row["secret_digest"], trust=ClientTrust(request_quota=row["request_quota"]),
        )  # fmt: skip
    if not is_proven(client, secret, parts.keys):
        return None
    return for_itself(form.get("scope", ""), client, parts, _NO_KEY)


async def _refresh(form: dict[str, str], client_id: str, secret: str, parts: Parts) -> TokenView | None:
    token = form.get("refresh_token", "")
    if not token or not _is_storable(client_id) or client_id.startswith(KIOSK_PREFIX):
        return None
    built_in = built_in_client(client_id, parts.settings.public_url)
    following = secrets.token_urlsafe(32)
    row = await parts.quick.rotate(
        secret_digest(token),
        client_id=client_id,
        now=parts.clock.now(),
        next_digest=secret_digest(following),
        secret_digest=secret_digest(secret) if secret else None,
        is_built_in=built_in is not None and built_in.kind == "public" and not secret,
    )
    if row is None:
        return None
    principal = Principal(row["subject"], "person", row["name"], assurance=row["assurance"], holder_index=row["citizen_id_index"])
    redeemed = Redeemed(
        row["subject"], "person", frozenset(row["scopes"]), row["nonce"], row["signed_in_at"], row["session_id"], row["family_id"],
        following, tuple(row["methods"]),
    )  # fmt: skip
    ceiling = built_in.scopes if built_in is not None and row["client_scopes"] is None else frozenset(row["client_scopes"])
    client = Client(client_id, "", "public", ceiling, trust=ClientTrust(request_quota=row["request_quota"]))
    return for_sign_in(redeemed, principal, client, parts, _NO_KEY, narrowed_to=parse_scope(form.get("scope", "")))


def _is_storable(client_id: str) -> bool:
    return bool(client_id) and len(client_id) <= 64 and "\x00" not in client_id and client_id.isascii()

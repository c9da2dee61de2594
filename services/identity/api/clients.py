"""OAuth clients: department systems, and programs people sign in to."""

from typing import Annotated, Any, Literal

from fastapi import Path, Response
from pydantic import Field

from chassis.app import service_router
from chassis.problems import FieldError, Text
from chassis.schema import Body, View
from services.identity.api.access import CanOperate
from services.identity.api.departments import DisplayName
from services.identity.api.edge import CREATED, SecretWrites
from services.identity.commands.put_client import PutClient, put_client
from services.identity.commands.record_change import record_change
from services.identity.errors import ClientInvalid
from services.identity.rules.client_keys import KeysRefused, read_keys
from services.identity.rules.clients import RESERVED_PREFIX, is_acceptable_redirect
from services.identity.rules.logout import is_acceptable_back_channel
from services.identity.rules.scopes import SCOPES

router = service_router("clients")


class ClientBody(Body):
    name: DisplayName
    kind: Literal["public", "confidential"]
    department: str | None = Field(default=None, max_length=18, description="USCC; a confidential client with one is its system")
    redirect_uris: list[Annotated[str, Field(max_length=500)]] = Field(default_factory=list, max_length=20)
    scopes: list[Annotated[str, Field(max_length=60)]] = Field(max_length=60, description="The most it may use or pass on")
    secret: Annotated[str, Field(min_length=32, max_length=200)] | None = Field(
        default=None,
        description="Long and random. Left out: the present one stays, or one is made and told once",
        json_schema_extra={"writeOnly": True},
    )
    asks_consent: bool = Field(
        default=False, description="People are asked before it gets anything of theirs: for clients beyond the suite"
    )
    jwks: dict[str, Any] | None = Field(
        default=None, description="Public keys (JWK set): it proves itself by private_key_jwt, not by a secret"
    )
    jwks_uri: Annotated[str, Field(max_length=500)] | None = Field(
        default=None, description="Where it publishes them instead, and changes them by itself: https, or http on this machine"
    )
    require_pushed_authorization_requests: bool = Field(default=False, description="It sends its authorization requests ahead (RFC 9126)")
    dpop_bound_access_tokens: bool = Field(default=False, description="Its tokens are bound to keys it proves to hold (RFC 9449)")
    post_logout_redirect_uris: list[Annotated[str, Field(max_length=500)]] = Field(default_factory=list, max_length=20)
    backchannel_logout_uri: Annotated[str, Field(max_length=500)] | None = Field(
        default=None, description="Told of every sign-off (OpenID Connect Back-Channel Logout 1.0): https, or http on this machine"
    )


class ClientView(View):
    client_id: str
    name: str
    kind: str
    department: str | None = None
    redirect_uris: list[str]
    scopes: list[str]
    asks_consent: bool
    jwks: dict[str, Any] | None = None
    jwks_uri: str | None = None
    require_pushed_authorization_requests: bool
    dpop_bound_access_tokens: bool
    post_logout_redirect_uris: list[str]
    backchannel_logout_uri: str | None = None
    secret: str | None = Field(default=None, description="Only when one was just made; it cannot be read again")


def check_client(client_id: str, body: ClientBody) -> None:
    """Raises ClientInvalid with everything that is wrong."""
    errors: list[FieldError] = []
    if client_id.startswith(RESERVED_PREFIX):
        errors.append(
            FieldError("path:client_id", "reserved", Text("svc- 开头的名称留给系统自身", "svc- is reserved for the suite itself"))
        )
    if body.kind == "public" and (body.secret is not None or body.department is not None):
        errors.append(FieldError("/kind", "public", Text("公开客户端没有密钥和部门", "a public client has neither secret nor department")))
    if not body.redirect_uris and (body.kind == "public" or body.department is None):
        errors.append(FieldError("/redirect_uris", "missing", Text("供人登录的客户端应登记回调地址", "is required where people sign in")))
    errors += _unacceptable_addresses("redirect_uris", body.redirect_uris)
    errors += _unacceptable_addresses("post_logout_redirect_uris", body.post_logout_redirect_uris)
    if body.backchannel_logout_uri is not None and not is_acceptable_back_channel(body.backchannel_logout_uri):
        text = Text("应为 https 地址或本机 http 地址", "must be https, or http on loopback, without fragment or user")
        errors.append(FieldError("/backchannel_logout_uri", "unacceptable", text))
    errors += _unacceptable_keys(body)
    for position, scope in enumerate(body.scopes):
        if scope not in SCOPES:
            errors.append(FieldError(f"/scopes/{position}", "unknown", Text("没有这个权限", "is not a known scope")))
        elif SCOPES[scope].kinds == {"service"}:
            errors.append(FieldError(f"/scopes/{position}", "internal", Text("仅供系统内部使用", "is for the suite's own services only")))
    if errors:
        raise ClientInvalid(errors=errors)


def _unacceptable_keys(body: ClientBody) -> list[FieldError]:
    if body.jwks is None and body.jwks_uri is None:
        return []
    errors: list[FieldError] = []
    if body.kind == "public" or body.secret is not None or None not in (body.jwks, body.jwks_uri):
        text = Text(
            "密钥集用于不带密钥口令的机密客户端，上传与地址二选一", "keys are for a confidential client without a secret, uploaded or by URL"
        )  # fmt: skip
        errors.append(FieldError("/jwks", "ambiguous", text))
    if body.jwks_uri is not None and not is_acceptable_back_channel(body.jwks_uri):
        text = Text("应为 https 地址或本机 http 地址", "must be https, or http on loopback, without fragment or user")
        errors.append(FieldError("/jwks_uri", "unacceptable", text))
    if body.jwks is not None:
        try:
            read_keys(body.jwks)
        except KeysRefused as refusal:
            text = Text(f"密钥集不可用：{refusal}", f"is not usable: {refusal}")
            errors.append(FieldError("/jwks", "unacceptable", text))
    return errors


def _unacceptable_addresses(field: str, addresses: list[str]) -> list[FieldError]:
    text = Text(
        "应为 https 地址、本机 http 地址或应用专用地址，不带 # 和用户名",
        "must be https, http on loopback or a private-use scheme, without fragment or user",
    )
    return [
        FieldError(f"/{field}/{position}", "unacceptable", text)
        for position, uri in enumerate(addresses)
        if not is_acceptable_redirect(uri)
    ]


@router.put("/clients/{client_id}", responses=CREATED, response_model_exclude_none=True)
async def put(
    actor: CanOperate,
    client_id: Annotated[str, Path(pattern=r"^[a-z][a-z0-9._-]{2,63}$")],
    body: ClientBody,
    tx: SecretWrites,
    response: Response,
) -> ClientView:
    """Register a client or change it."""
    check_client(client_id, body)
    facts = body.model_dump(exclude={"secret"})
    tuples = {name: tuple(facts[name]) for name in ("redirect_uris", "scopes", "post_logout_redirect_uris")}
    is_new, made = await put_client(tx, PutClient(client_id=client_id, secret=body.secret, **{**facts, **tuples}))
    await record_change(
        tx, actor, "entered" if is_new else "changed", kind="client", record=client_id, department=body.department, after=facts
    )
    if is_new:
        response.status_code = 201
    return ClientView(client_id=client_id, secret=made, **facts)

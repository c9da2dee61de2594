"""OAuth clients: department systems, and programs people sign in to."""

from typing import Annotated, Literal

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
from services.identity.rules.clients import RESERVED_PREFIX, is_acceptable_redirect
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


class ClientView(View):
    client_id: str
    name: str
    kind: str
    department: str | None
    redirect_uris: list[str]
    scopes: list[str]
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
    for position, uri in enumerate(body.redirect_uris):
        if not is_acceptable_redirect(uri):
            text = Text(
                "应为 https 地址、本机 http 地址或应用专用地址，不带 # 和用户名",
                "must be https, http on loopback or a private-use scheme, without fragment or user",
            )
            errors.append(FieldError(f"/redirect_uris/{position}", "unacceptable", text))
    for position, scope in enumerate(body.scopes):
        if scope not in SCOPES:
            errors.append(FieldError(f"/scopes/{position}", "unknown", Text("没有这个权限", "is not a known scope")))
        elif SCOPES[scope].kinds == {"service"}:
            errors.append(FieldError(f"/scopes/{position}", "internal", Text("仅供系统内部使用", "is for the suite's own services only")))
    if errors:
        raise ClientInvalid(errors=errors)


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
    tuples = {"redirect_uris": tuple(body.redirect_uris), "scopes": tuple(body.scopes)}
    is_new, made = await put_client(tx, PutClient(client_id=client_id, secret=body.secret, **{**facts, **tuples}))
    await record_change(
        tx, actor, "entered" if is_new else "changed", kind="client", record=client_id, department=body.department, after=facts
    )
    if is_new:
        response.status_code = 201
    return ClientView(client_id=client_id, secret=made, **facts)

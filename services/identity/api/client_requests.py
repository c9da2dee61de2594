"""Requests for clients of department systems: asked by a department's administrator, approved by another."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import Field
from sqlalchemy import RowMapping

from chassis.app import service_router
from chassis.edge import IfMatch, Reads, Writes, etag
from chassis.pagination import Cursor, CursorInvalid, Limit, Page
from chassis.problems import FieldError, NotFound, Text
from chassis.schema import Body, View
from services.identity.api.access import CanAdminister
from services.identity.api.client_trust import ClientKeysBody, ClientKeysView
from services.identity.api.clients import ClientBody, check_client
from services.identity.api.departments import DisplayName
from services.identity.api.edge import SecretWrites
from services.identity.commands.client_requests import RequestClient, approve_client, refuse_client, request_client
from services.identity.errors import ClientInvalid
from services.identity.queries.administrators import administrator
from services.identity.store import administration

router = service_router("clients")


class ClientRequestBody(ClientKeysBody, Body):
    client_id: str = Field(pattern=r"^[a-z][a-z0-9._-]{2,63}$")
    name: DisplayName
    department: str = Field(max_length=18, description="USCC of the department whose system it is")
    redirect_uris: list[Annotated[str, Field(max_length=500)]] = Field(default_factory=list, max_length=20)
    scopes: list[Annotated[str, Field(max_length=60)]] = Field(min_length=1, max_length=60)
    purpose: str = Field(min_length=4, max_length=1000, description="What the system is and what it needs this for")


_MORE = set(ClientKeysBody.model_fields)


class RefusalBody(Body):
    reason: str = Field(min_length=2, max_length=1000)


class ClientRequestView(ClientKeysView, View):
    id: UUID
    client_id: str
    name: str
    department: str
    redirect_uris: list[str]
    scopes: list[str]
    purpose: str
    state: Literal["requested", "approved", "refused"]
    requested_by: UUID
    requested_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    decision_reason: str | None
    version: int


class ApprovedClientView(ClientRequestView):
    secret: str | None = Field(description="Shown this once; hand it to the department's operators in person. None where it has keys")


@router.post("/client-requests", status_code=201)
async def ask(actor: CanAdminister, body: ClientRequestBody, tx: Writes, response: Response) -> ClientRequestView:
    """Ask for a client for the system of a department you keep."""
    facts = body.model_dump(exclude={"client_id", "purpose"})
    check_client(body.client_id, ClientBody(kind="confidential", **facts))
    if "identity.staff.admin" in body.scopes:
        text = Text("管理权限不随业务系统申请", "administration is not for department systems")
        raise ClientInvalid(errors=[FieldError("/scopes", "administrative", text)])
    lists: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in body.model_dump(exclude=_MORE).items()
    }
    command = RequestClient(**lists, keys_and_trust=body.model_dump(include=_MORE, exclude_defaults=True))
    return _answer(await request_client(tx, command, await administrator(tx, actor)), response)


@router.get("/client-requests")
async def requests(
    actor: CanAdminister,
    request: Request,
    tx: Reads,
    state: Annotated[Literal["requested", "approved", "refused"] | None, Query()] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ClientRequestView]:
    """Requests of the departments you keep, oldest first."""
    cursors = request.app.state.runtime.cursors(f"client-requests:{state}")
    by = await administrator(tx, actor)
    rows = await administration.requests_after(tx, _position(cursors.open(cursor)), limit + 1, reach=by.departments, state=state)
    page: Page[ClientRequestView] = cursors.page(
        rows, limit, position=lambda row: [str(row["id"])], shape=lambda row: ClientRequestView.model_validate(_flat(row))
    )  # fmt: skip
    return page


@router.get("/client-requests/{request_id}")
async def one(actor: CanAdminister, request_id: UUID, tx: Reads, response: Response) -> ClientRequestView:
    """One request."""
    row = await administration.request(tx, request_id)
    if row is None or not (await administrator(tx, actor)).keeps(row["department"]):
        raise NotFound()
    return _answer(row, response)


@router.post("/client-requests/{request_id}/approve")
async def approve(actor: CanAdminister, request_id: UUID, seen: IfMatch, tx: SecretWrites) -> ApprovedClientView:
    """Register the client. Who asked cannot approve. The answer tells the secret, this once."""
    row, secret = await approve_client(tx, request_id, await administrator(tx, actor), seen=seen)
    return ApprovedClientView.model_validate({**_flat(row), "secret": secret})


@router.post("/client-requests/{request_id}/refuse")
async def refuse(
    actor: CanAdminister, request_id: UUID, body: RefusalBody, seen: IfMatch, tx: Writes, response: Response
) -> ClientRequestView:
    """Refuse it, with the reason."""
    return _answer(await refuse_client(tx, request_id, await administrator(tx, actor), reason=body.reason, seen=seen), response)


def _position(opened: list[Any] | None) -> UUID | None:
    if opened is None:
        return None
    try:
        return UUID(str(opened[0]))
    except (ValueError, IndexError) as error:
        raise CursorInvalid() from error


def _answer(row: RowMapping, response: Response) -> ClientRequestView:
    response.headers["ETag"] = etag(row["version"])
    return ClientRequestView.model_validate(_flat(row))


def _flat(row: RowMapping) -> dict[str, Any]:
    return {**row["keys_and_trust"], **row}

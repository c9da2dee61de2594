"""How items stand: frozen at once, restarted or withdrawn by a request that another person decides; delegated to those below."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from chassis.app import service_router
from chassis.edge import Reads, Writes
from chassis.pagination import Cursor, Limit, Page
from chassis.schema import View
from services.catalog.api.access import Anyone, CanMaintainItems, CanStopItems
from services.catalog.api.item_schemas import DelegationView, StandingView
from services.catalog.api.items import ItemPath
from services.catalog.api.life_schemas import DecisionOfRequest, EndBody, FreezeBody, NewDelegationBody, RequestBody, RequestView
from services.catalog.commands.decide_request import decide_request
from services.catalog.commands.delegate_item import NewDelegation, delegate_item, end_delegation
from services.catalog.commands.freeze_item import freeze_item
from services.catalog.commands.request_standing import StandingRequest, request_standing
from services.catalog.errors import ItemUnknown
from services.catalog.store import lives

router = service_router("item standings")


class StandingsView(View):
    """How the item stood, in the order it was recorded; the last that has begun counts. Before the first it was active."""

    data: list[StandingView]


class DelegationsView(View):
    data: list[DelegationView]


@router.get("/items/{local_code}/standings")
async def list_standings(local_code: ItemPath, access: Anyone, tx: Reads) -> StandingsView:
    """When and why the item was frozen, restarted or withdrawn."""
    await _demand(tx, local_code)
    return StandingsView(data=[StandingView.model_validate(row) for row in await lives.list_standings(tx, local_code)])


@router.post("/items/{local_code}/freeze")
async def freeze(local_code: ItemPath, body: FreezeBody, access: CanStopItems, tx: Writes) -> StandingView:
    """Freeze an item of one's own department at once: no application may begin, those under way go on."""
    await freeze_item(local_code, tx, actor=access, reason=body.reason, document=body.document)
    return StandingView.model_validate((await lives.list_standings(tx, local_code))[-1])


@router.post("/items/{local_code}/requests", status_code=201)
async def ask(local_code: ItemPath, body: RequestBody, access: CanMaintainItems, tx: Writes) -> RequestView:
    """Request that a frozen item be restarted, or that an item be withdrawn. One of a kind waits at a time."""
    request_id = await request_standing(local_code, StandingRequest(**dict(body)), tx, actor=access)
    return RequestView.model_validate(await lives.request(tx, request_id))


@router.get("/items/{local_code}/requests")
async def list_requests(
    request: Request, local_code: ItemPath, access: CanMaintainItems, tx: Reads, limit: Limit = 50, cursor: Cursor = None
) -> Page[RequestView]:
    """Requests and how they were decided, newest first. They are public inside the administration."""
    await _demand(tx, local_code)
    cursors = request.app.state.runtime.cursors(f"item-requests:{local_code}")
    position = cursors.open(cursor)
    before = UUID(str(position[0])) if position else None
    rows = await lives.list_requests(tx, local_code, before=before, limit=limit + 1)
    page: Page[RequestView] = cursors.page(rows, limit, position=lambda row: (str(row["id"]),), shape=RequestView.model_validate)
    return page


@router.put("/item-requests/{request_id}/decision")
async def decide(request_id: UUID, body: DecisionOfRequest, access: CanStopItems, tx: Writes) -> RequestView:
    """Decide as the authority above or the administrator; never on what one requested oneself. Approved, it is carried out at once."""
    return RequestView.model_validate(await decide_request(request_id, body.decision, body.opinion, tx, actor=access))


@router.get("/items/{local_code}/delegations")
async def list_delegations(local_code: ItemPath, access: Anyone, tx: Reads) -> DelegationsView:
    """Every delegation there ever was, in the order they begin."""
    await _demand(tx, local_code)
    return DelegationsView(data=[_delegation(row) for row in await lives.delegations_of(tx, local_code)])


@router.post("/items/{local_code}/delegations", status_code=201)
async def delegate(local_code: ItemPath, body: NewDelegationBody, access: CanStopItems, tx: Writes, response: Response) -> DelegationView:
    """Delegate the item's exercise to a lower authority in its region, from one day until another, by a numbered document."""
    delegation_id = await delegate_item(local_code, NewDelegation(**dict(body)), tx, actor=access)
    response.headers["Location"] = f"/api/catalog/v1/items/{local_code}/delegations"
    return _delegation(await lives.delegation(tx, delegation_id))


@router.post("/item-delegations/{delegation_id}/end")
async def end(delegation_id: UUID, body: EndBody, access: CanStopItems, tx: Writes) -> DelegationView:
    """End a delegation before its time, at once."""
    await end_delegation(delegation_id, body.reason, tx, actor=access)
    return _delegation(await lives.delegation(tx, delegation_id))


def _delegation(row: Any) -> DelegationView:
    return DelegationView.model_validate(row)


async def _demand(tx: Reads, local_code: str) -> None:
    if await lives.life_at(tx, local_code, tx.now) is None:
        raise ItemUnknown()

"""A department's subscriptions, what was delivered to them, and the key their webhooks are signed with."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path, Query, Request, Response, status
from pydantic import Field
from sqlalchemy import RowMapping

from chassis.app import service_router
from chassis.edge import Reads, Writes
from chassis.pagination import Cursor, CursorInvalid, Limit, Page
from chassis.schema import Body, View
from services.exchange.api.access import AnyoneReceiving, CanSubscribe, department_of
from services.exchange.commands.keep_subscription import keep_subscription
from services.exchange.commands.redeliver import redeliver
from services.exchange.errors import SubscriptionNotFound
from services.exchange.keys import keys_of
from services.exchange.store import webhooks as store

router = service_router("subscriptions")

Name = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$", description="Your own name for the subscription.")]


class SubscriptionBody(Body):
    url: str = Field(min_length=1, max_length=2000, description="Where webhooks go: http or https, no user name, no fragment.")
    event_types: list[Annotated[str, Field(max_length=100)]] = Field(
        max_length=50, description='Event types, or "*" for all. An empty list pauses the subscription.'
    )


class SubscriptionView(View):
    id: UUID
    name: str
    url: str
    event_types: list[str]
    client_id: str = Field(description="The client that last set it.")
    created_at: datetime
    changed_at: datetime


class DeliveryView(View):
    """One event on its way to one subscriber. `key` is the aggregate: deliveries of one key are sent in order."""

    id: UUID
    event_id: str
    event_type: str
    key: str
    state: Literal["waiting", "delivered", "dead"] = Field(
        description="`dead`: attempts are used up; it and what waits behind it need you."
    )
    attempts: int
    last_status: int | None
    last_error: str | None
    created_at: datetime
    delivered_at: datetime | None
    next_attempt_at: datetime | None = Field(description="When its key is tried next; null when delivered, dead, or behind a dead one.")


class KeysView(View):
    """A JWK set (RFC 7517); `kid` is the `keyid` of signatures."""

    keys: list[dict[str, Any]]


@router.put("/subscriptions/{name}", responses={201: {"model": SubscriptionView, "description": "The subscription is new"}})
async def put_subscription(
    name: Name, body: SubscriptionBody, request: Request, actor: CanSubscribe, tx: Writes, response: Response
) -> SubscriptionView:
    """Receive events of your department's matters from now on, as signed webhooks, in order per matter, at least once."""
    kept, is_new = await keep_subscription(
        name,
        body.url,
        body.event_types,
        department=department_of(actor),
        actor=actor,
        allow_private=request.app.state.runtime.settings.webhook_allow_private,
        tx=tx,
    )
    if is_new:
        response.status_code = status.HTTP_201_CREATED
    return SubscriptionView.model_validate(kept)


@router.get("/subscriptions")
async def list_subscriptions(
    request: Request, actor: CanSubscribe, tx: Reads, limit: Limit = 50, cursor: Cursor = None
) -> Page[SubscriptionView]:
    """Your department's subscriptions, by name."""
    cursors = request.app.state.runtime.cursors("subscriptions")
    opened = cursors.open(cursor)
    rows = await store.subscriptions_of(tx, department_of(actor), str(opened[0]) if opened else None, limit + 1)
    page: Page[SubscriptionView] = cursors.page(rows, limit, position=lambda row: [row["name"]], shape=SubscriptionView.model_validate)
    return page


@router.get("/subscriptions/{name}/deliveries")
async def list_deliveries(
    name: Name,
    request: Request,
    actor: CanSubscribe,
    tx: Reads,
    state: Annotated[Literal["waiting", "delivered", "dead"] | None, Query(description="Only these.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[DeliveryView]:
    """What was, is being and could not be delivered, newest first."""
    found = await store.subscription(tx, department_of(actor), name)
    if found is None:
        raise SubscriptionNotFound()
    cursors = request.app.state.runtime.cursors(f"deliveries:{found['id']}:{state}")
    rows = await store.deliveries_of(tx, found["id"], state=state, before=_position(cursors.open(cursor)), limit=limit + 1)
    page: Page[DeliveryView] = cursors.page(rows, limit, position=lambda row: [row["seq"]], shape=_delivery)
    return page


@router.post("/deliveries/{delivery_id}/redeliver", status_code=status.HTTP_202_ACCEPTED)
async def redeliver_delivery(delivery_id: UUID, actor: CanSubscribe, tx: Writes) -> DeliveryView:
    """Send it once more, and then what waits behind it. Also for what was delivered, if you lost it."""
    return _delivery(await redeliver(delivery_id, department_of(actor), tx))


@router.get("/keys")
async def read_keys(request: Request, actor: AnyoneReceiving) -> KeysView:
    """The public keys that webhooks are signed with (RFC 9421, Ed25519)."""
    return KeysView(keys=[keys_of(request.app.state.runtime).webhooks.jwk()])


def _delivery(row: RowMapping) -> DeliveryView:
    return DeliveryView.model_validate(row)


def _position(opened: list[Any] | None) -> int | None:
    if opened is None:
        return None
    if len(opened) != 1 or not isinstance(opened[0], int):
        raise CursorInvalid()
    return opened[0]

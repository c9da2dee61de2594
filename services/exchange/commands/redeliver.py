"""Deliver once more what is dead, waiting, or was delivered before."""

from uuid import UUID

from sqlalchemy import RowMapping

from chassis.database import WriteTx
from services.exchange.errors import DeliveryNotFound
from services.exchange.store import webhooks as store


async def redeliver(delivery_id: UUID, department: str, tx: WriteTx) -> RowMapping:
    """A system of the subscription's department. Attempts count anew; what waits behind a dead delivery follows it in order.

    Raises DeliveryNotFound.
    """
    found = await store.delivery_of_department(tx, delivery_id, department)
    if found is None:
        raise DeliveryNotFound()
    await store.start_again(tx, found["subscription_id"], found["key"])
    await store.update_delivery(tx, delivery_id, state="waiting", attempts=0, delivered_at=None)
    await store.ring(tx)
    again = await store.delivery_of_department(tx, delivery_id, department)
    assert again is not None
    return again

"""Put an event in the queues of those who subscribed to it."""

import orjson

from bus import Delivered
from chassis.database import WriteTx
from services.exchange.store import webhooks as store


async def enqueue_event(record: Delivered, *, event_id: str, event_type: str, authority: str | None, tx: WriteTx) -> None:
    """Only the department that the event names as its authority hears of it."""
    if authority is None:
        return
    subscribers = await store.subscribers(tx, authority, event_type)
    if not subscribers:
        return
    attributes = {name.removeprefix("ce_"): value.decode() for name, value in record.headers if name.startswith("ce_")}
    await store.enqueue(
        tx,
        subscribers,
        event_id=event_id,
        event_type=event_type,
        key=record.key,
        attributes=orjson.dumps(attributes).decode(),
        body=record.value,
    )

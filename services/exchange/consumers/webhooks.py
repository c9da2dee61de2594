"""Applications, cases and certificates: each event goes to the departments that subscribed."""

from chassis.database import WriteTx
from chassis.events import Consumer, Handler, Incoming, RawEvent
from services.exchange.commands.enqueue_event import enqueue_event

TOPICS = ("tongban.intake.application", "tongban.approval.case", "tongban.certificates.certificate")


async def on_any(event: Incoming[RawEvent], tx: WriteTx, prepared: None) -> None:
    await enqueue_event(event.record, event_id=event.id, event_type=event.type, authority=event.attribute("authority"), tx=tx)


webhooks = Consumer(name="exchange.webhooks", topics=TOPICS, handlers=(Handler("*", RawEvent, on_any),))

"""Every topic of the suite: each event becomes one entry of the evidence log."""

from chassis.consumers import MalformedEvent
from chassis.database import WriteTx
from chassis.events import Consumer, Handler, Incoming, RawEvent
from chassis.runtime import Runtime
from services.exchange.commands.enter_event import enter_event
from services.exchange.keys import keys_of

TOPICS = (
    "tongban.identity.person",
    "tongban.identity.organisation",
    "tongban.identity.department",
    "tongban.identity.staff",
    "tongban.identity.delegation",
    "tongban.identity.mandate",
    "tongban.catalog.item",
    "tongban.catalog.calendar",
    "tongban.catalog.base-entry",
    "tongban.catalog.bundle",
    "tongban.catalog.region",
    "tongban.catalog.list-entry",
    "tongban.intake.application",
    "tongban.approval.case",
    "tongban.certificates.certificate",
)
_LONGEST_LINE = 200


async def prepare(event: Incoming[RawEvent], runtime: Runtime) -> bytes:
    """The seed of salts."""
    return keys_of(runtime).salt_seed


async def on_any(event: Incoming[RawEvent], tx: WriteTx, salt_seed: bytes) -> None:
    await enter_event(
        event_id=_line(event.id),
        event_type=_line(event.type),
        event_time=_line(event.record.header("ce_time") or ""),
        body=event.record.value,
        authority=event.attribute("authority"),
        salt_seed=salt_seed,
        tx=tx,
    )


def _line(text: str) -> str:
    """Raises MalformedEvent for what is not one short line: it could be read as another entry than it is."""
    if not text.isprintable() or not 0 < len(text) <= _LONGEST_LINE:
        raise MalformedEvent("an attribute is not one short line of text")
    return text


evidence = Consumer(name="exchange.evidence", topics=TOPICS, handlers=(Handler("*", RawEvent, on_any, prepare),))

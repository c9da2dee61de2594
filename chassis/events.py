"""Events: what a service says happened, past tense and versioned, as CloudEvents 1.0 in Kafka's binary mode.

A publisher inherits `Event` with a `topic` and a `type`; readers have narrow models of their own (`EventView`) and ignore what
they do not need. The record's key is the aggregate's id, so one aggregate's events stay in order.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from bus import Delivered
from chassis import context

if TYPE_CHECKING:
    from chassis.database import WriteTx


class Event(BaseModel):
    """One kind of event. `key()` names the aggregate; `attributes()` are CloudEvents extensions (lower-case letters and digits)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    topic: ClassVar[str]
    type: ClassVar[str]

    def key(self) -> str:
        """The aggregate's id."""
        raise NotImplementedError

    def subject(self) -> str:
        """What the event is about, for people reading logs; the key by default."""
        return self.key()

    def attributes(self) -> Mapping[str, str]:
        """CloudEvents extension attributes: routing facts every reader may see without reading the body."""
        return {}


class EventView(BaseModel):
    """A reader's narrow model of somebody else's event: unknown members are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def cloud_event_headers(event: Event, *, event_id: str, source: str, at: datetime) -> dict[str, str]:
    """The record headers of an event, CloudEvents Kafka binary mode."""
    headers = {
        "ce_specversion": "1.0",
        "ce_id": event_id,
        "ce_type": event.type,
        "ce_source": source,
        "ce_time": at.isoformat(),
        "ce_subject": event.subject(),
        "content-type": "application/json",
    }
    headers.update({f"ce_{name}": value for name, value in event.attributes().items()})
    request = context.current()
    headers["traceparent"] = context.child_traceparent(request.traceparent if request else None)
    return headers


View = TypeVar("View", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Incoming(Generic[View]):
    """One event as a handler sees it: its attributes, its body in the handler's own model, and the record it came in."""

    id: str
    type: str
    source: str
    time: datetime
    subject: str
    body: View
    record: Delivered

    def attribute(self, name: str) -> str | None:
        """A CloudEvents extension attribute."""
        return self.record.header(f"ce_{name}")


class RawEvent(EventView):
    """For readers that take events of every type: the body stays bytes in `Incoming.record.value`."""


Apply = Callable[[Incoming[Any], "WriteTx", Any], Awaitable[None]]
"""(event, transaction, what `prepare` answered) → the effect. Must not make remote calls: the transaction is open."""

Prepare = Callable[[Incoming[Any], Any], Awaitable[Any]]
"""(event, the service's `Runtime`) → anything the effect needs from elsewhere, fetched before the transaction opens."""


ViewType = type[BaseModel]


@dataclass(frozen=True, slots=True)
class Handler:
    """What a consumer does with one type of event. `view` is the consumer's own narrow model."""

    type: str
    view: ViewType
    apply: Apply
    prepare: Prepare | None = None


@dataclass(frozen=True, slots=True)
class Consumer:
    """One reader of topics, with its own group and position. Types without a handler are passed over.

    A handler of type "*" takes every type. `name` is unique in the suite, `<service>.<what it reads>`.
    """

    name: str
    topics: tuple[str, ...]
    handlers: tuple[Handler, ...]
    _by_type: dict[str, Handler] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._by_type.update({handler.type: handler for handler in self.handlers})

    def handler(self, event_type: str) -> Handler | None:
        return self._by_type.get(event_type) or self._by_type.get("*")

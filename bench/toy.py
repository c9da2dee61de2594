"""The yardsticks: a no-op of the bare framework, the same behind the chassis, one behind a token, and a pair that talk by events."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, ClassVar

from fastapi import Depends, FastAPI
from sqlalchemy import Column, Table, Text

from bus import Bus
from chassis.access import AccessRule, PublicAccess
from chassis.actor import Actor
from chassis.app import create_service, service_router
from chassis.database import WriteTx
from chassis.events import Consumer, Event, EventView, Handler, Incoming
from chassis.http import Transport
from chassis.problems import Text as Words
from chassis.schema import View
from chassis.settings import ServiceSettings
from chassis.tables import service_metadata

Anyone = Annotated[Actor | None, Depends(PublicAccess("a benchmark"))]
Holder = Annotated[Actor, Depends(AccessRule("bench.read", Words("测量", "measure"), kinds={"person"}))]

metadata = service_metadata()
things = Table("things", metadata, Column("id", Text, primary_key=True))


class Nothing(View):
    ok: bool


class ThingMade(Event):
    """A thing was made; `committed_at` is the instant just before its commit."""

    topic: ClassVar[str] = "tongban.bench.thing"
    type: ClassVar[str] = "tongban.bench.thing.made.v1"

    thing_id: str
    committed_at: float

    def key(self) -> str:
        return self.thing_id


class ThingSeen(EventView):
    thing_id: str
    committed_at: float


class ToySettings(ServiceSettings):
    service: ClassVar[str] = "bench"


def bare_app() -> FastAPI:
    """The framework alone."""
    app = FastAPI(openapi_url=None)

    @app.get("/noop")
    async def noop() -> Nothing:
        return Nothing(ok=True)

    return app


def toy_service(
    settings: ToySettings,
    *,
    bus: Bus | None = None,
    transport: Transport | None = None,
    on_event: Callable[[ThingSeen], None] | None = None,
) -> FastAPI:
    """A service with a no-op, a no-op behind a token, and, with `on_event`, a consumer."""
    router = service_router("bench")

    @router.get("/noop")
    async def noop(actor: Anyone) -> Nothing:
        return Nothing(ok=True)

    @router.get("/guarded")
    async def guarded(actor: Holder) -> Nothing:
        return Nothing(ok=True)

    async def seen(event: Incoming[Any], tx: WriteTx, prepared: Any) -> None:
        if on_event is not None:
            on_event(event.body)

    consumers = (Consumer("bench.things", (ThingMade.topic,), (Handler(ThingMade.type, ThingSeen, seen),)),) if on_event else ()
    return create_service(
        settings,
        title="bench",
        description="",
        routers=[router],
        topics=[ThingMade.topic],
        consumers=consumers,
        bus=bus,
        transport=transport,
    )


async def wait_for(condition: Callable[[], bool], seconds: float) -> None:
    """Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 (the condition has no signal)
            await asyncio.sleep(0.005)

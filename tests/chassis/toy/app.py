"""The toy service: one table of its own, one event, one consumer, a route with every kind of access.

What a test wants to happen inside, it puts into `runtime.parts`: `gate` (awaited inside a writing transaction), `behave` (called
for each order before its effect; what it raises is what went wrong).
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar
from uuid import UUID

from fastapi import Depends, FastAPI, Form, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, Field
from sqlalchemy import BigInteger, Column, Identity, Integer, Table, insert, select, tuple_, update
from sqlalchemy import Text as TextColumn
from sqlalchemy.dialects import postgresql

from bus import Bus
from chassis.access import AccessRule, PublicAccess
from chassis.actor import Actor
from chassis.app import create_service, service_router
from chassis.clock import Clock
from chassis.database import WriteTx
from chassis.edge import IfMatch, Reads, Writes, check_version, etag, takes_stream
from chassis.events import Consumer, Event, EventView, Handler, Incoming
from chassis.http import Transport
from chassis.pagination import Cursor, Limit, Page
from chassis.problems import Conflict, NotFound, Text
from chassis.runtime import Runtime
from chassis.schema import Body, View
from chassis.settings import ServiceSettings
from chassis.tables import service_metadata

THINGS_TOPIC = "tongban.toy.thing"
ORDERS_TOPIC = "tongban.toy.order"
ORDER_PLACED = "tongban.toy.order.placed.v1"

metadata = service_metadata()
things = Table(
    "things",
    metadata,
    Column("id", postgresql.UUID, primary_key=True),
    Column("name", TextColumn, nullable=False),
    Column("size", Integer, nullable=False),
    Column("note", postgresql.JSONB, nullable=False),
    Column("version", Integer, nullable=False),
)
effects = Table(
    "effects",
    metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("key", TextColumn, nullable=False),
    Column("number", Integer, nullable=False),
)


class ToySettings(ServiceSettings):
    service: ClassVar[str] = "toy"


class ThingMade(Event):
    topic: ClassVar[str] = THINGS_TOPIC
    type: ClassVar[str] = "tongban.toy.thing.made.v1"

    thing_id: UUID
    name: str
    note: dict[str, Any] = Field(default_factory=dict)

    def key(self) -> str:
        return str(self.thing_id)

    def attributes(self) -> Mapping[str, str]:
        return {"authority": "11330482MB1234567X"}


class ThingBroken(Conflict):
    slug = "thing-broken"
    detail = Text("“{name}”已损坏。", "“{name}” is broken.")


class NewThing(Body):
    name: str = Field(min_length=1, max_length=50, pattern=r"^[^{}]{1,50}$")
    size: int = Field(default=1, ge=0)
    when: AwareDatetime | None = None
    note: dict[str, Any] = Field(default_factory=dict)
    tags: list[str] = Field(default=[], max_length=3)


class ThingView(View):
    id: UUID
    name: str
    size: int
    version: int


_KINDS = Text("做东西的人", "those who make things")
CanMake = Annotated[Actor, Depends(AccessRule("toy.make", _KINDS, kinds={"person", "organisation"}))]
CanMakeVerified = Annotated[Actor, Depends(AccessRule("toy.make", _KINDS, kinds={"person", "organisation"}, assurance=3))]
CanInspect = Annotated[Actor, Depends(AccessRule("toy.inspect", _KINDS, kinds={"staff"}, posts={"reviewer", "decider"}))]
Anyone = Annotated[Actor | None, Depends(PublicAccess("things are public"))]

router = service_router("things")


async def _make(tx: WriteTx, body: NewThing) -> UUID:
    thing_id = tx.clock.new_id()
    await tx.execute(insert(things).values(id=thing_id, name=body.name, size=body.size, note=body.note, version=1))
    tx.emit(ThingMade(thing_id=thing_id, name=body.name, note=body.note))
    return thing_id


@router.post("/things", status_code=201)
async def make(body: NewThing, actor: CanMake, tx: Writes, request: Request, response: Response) -> ThingView:
    """Make a thing."""
    thing_id = await _make(tx, body)
    gate: asyncio.Event | None = request.app.state.runtime.parts.get("gate")
    if gate is not None:
        await gate.wait()
    response.headers["ETag"] = etag(1)
    response.headers["Location"] = f"/api/toy/v1/things/{thing_id}"
    return ThingView(id=thing_id, name=body.name, size=body.size, version=1)


@router.post("/things/broken", status_code=201)
async def make_broken(body: NewThing, actor: CanMake, tx: Writes) -> ThingView:
    """Make a thing and find, with everything written, that it may not be."""
    await _make(tx, body)
    raise ThingBroken(name=body.name, weight=2**70)


@router.post("/things/anonymous", status_code=201)
async def make_anonymously(body: NewThing, actor: Anyone, tx: Writes) -> ThingView:
    thing_id = await _make(tx, body)
    return ThingView(id=thing_id, name=body.name, size=body.size, version=1)


@router.post("/things/form", status_code=201)
async def make_from_form(name: Annotated[str, Form(max_length=50)], actor: CanMake, tx: Writes) -> ThingView:
    thing_id = await _make(tx, NewThing.model_construct(name=name, size=1, note={}))
    return ThingView(id=thing_id, name=name, size=1, version=1)


@router.get("/things")
async def list_things(actor: Anyone, tx: Reads, request: Request, limit: Limit = 2, cursor: Cursor = None) -> Page[ThingView]:
    cursors = request.app.state.runtime.cursors("things")
    after = cursors.open(cursor)
    query = select(things.c.id, things.c.name, things.c.size, things.c.version).order_by(things.c.name, things.c.id).limit(limit + 1)
    if after is not None:
        query = query.where(tuple_(things.c.name, things.c.id) > tuple_(after[0], UUID(after[1])))
    page: Page[ThingView] = cursors.page(
        await tx.all(query), limit, position=lambda row: (row["name"], str(row["id"])), shape=ThingView.model_validate
    )
    return page


@router.get("/things/{thing_id}")
async def read(thing_id: UUID, actor: CanMake, tx: Reads, response: Response) -> ThingView:
    row = await tx.one_or_none(select(things.c.id, things.c.name, things.c.size, things.c.version).where(things.c.id == thing_id))
    if row is None:
        raise NotFound()
    response.headers["ETag"] = etag(row["version"])
    return ThingView.model_validate(dict(row))


@router.put("/things/{thing_id}")
async def change(thing_id: UUID, body: NewThing, actor: CanMake, seen: IfMatch, tx: Writes) -> ThingView:
    row = await tx.one_or_none(select(things.c.version).where(things.c.id == thing_id).with_for_update())
    if row is None:
        raise NotFound()
    check_version(seen, row["version"])
    await tx.execute(update(things).where(things.c.id == thing_id).values(name=body.name, size=body.size, version=seen + 1))
    tx.emit(ThingMade(thing_id=thing_id, name=body.name))
    return ThingView(id=thing_id, name=body.name, size=body.size, version=seen + 1)


@router.put("/pictures/{name}")
@takes_stream(1_000)
async def upload(name: str, actor: CanMake, request: Request, tx: Writes) -> int:
    return sum([len(chunk) async for chunk in request.stream()])


@router.get("/audited", response_class=StreamingResponse)
async def audited(actor: CanMake, tx: Writes) -> StreamingResponse:
    """A reading that is recorded: a safe method with a writing transaction and a streamed answer."""

    async def chunks() -> AsyncIterator[bytes]:
        yield b"recorded"

    return StreamingResponse(chunks())


@router.get("/readers/write")
async def write_in_a_read(actor: Anyone, tx: Reads) -> int:
    return (await tx.connection.execute(insert(effects).values(key="forbidden", number=1))).rowcount


@router.get("/verified")
async def verified(actor: CanMakeVerified) -> str:
    return actor.name


@router.get("/inspection")
async def inspection(actor: CanInspect) -> str:
    return f"{actor.department}/{actor.region}/{actor.grade}"


@router.get("/acting")
async def acting(actor: CanMake) -> dict[str, Any]:
    return {"subject": actor.subject, "person": actor.person, "delegate": actor.via.name if actor.via else None}


@router.get("/crash")
async def crash(actor: Anyone) -> str:
    raise RuntimeError("a defect")


@router.get("/slow")
async def slow(actor: Anyone) -> str:
    await asyncio.Event().wait()
    return "never"


class OrderPlaced(EventView):
    number: int


async def _behave(event: Incoming[OrderPlaced], runtime: Runtime) -> None:
    behave = runtime.parts.get("behave")
    if behave is not None:
        await behave(event)


async def _count(event: Incoming[OrderPlaced], tx: WriteTx, prepared: Any) -> None:
    await tx.execute(insert(effects).values(key=event.record.key, number=event.body.number))
    tx.emit(ThingMade(thing_id=tx.clock.new_id(), name=f"order {event.body.number}"))


CONSUMERS = (
    Consumer(
        name="toy.orders", topics=(ORDERS_TOPIC,), handlers=(Handler(type=ORDER_PLACED, view=OrderPlaced, apply=_count, prepare=_behave),)
    ),
)
TOPICS = (THINGS_TOPIC, ORDERS_TOPIC)


def create_app(
    settings: ToySettings | None = None, *, bus: Bus | None = None, transport: Transport | None = None, clock: Clock | None = None
) -> FastAPI:
    return create_service(
        settings or ToySettings(), title="Toy", description="A toy.", routers=[router], topics=TOPICS, consumers=CONSUMERS,
        bus=bus, transport=transport, clock=clock,
    )  # fmt: skip


def order_headers(event_id: str, **changed: str | None) -> Sequence[tuple[str, bytes]]:
    """The headers of an order as a record carries them; None leaves one out."""
    headers: dict[str, str | None] = {
        "ce_specversion": "1.0", "ce_id": event_id, "ce_type": ORDER_PLACED, "ce_source": "/tests",
        "ce_time": "2026-09-21T01:00:00+00:00", "ce_subject": "order",
    }  # fmt: skip
    headers.update(changed)
    return tuple((name, value.encode()) for name, value in headers.items() if value is not None)

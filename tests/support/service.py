"""One service under test: the real app on a real database of its own, with a clock that stands and peers that answer as told."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from fastapi import FastAPI
import httpx
import orjson
from sqlalchemy import text

from bus import Delivered
from bus.postgres import PostgresBus
from chassis.consumers import ConsumerMetrics, Reader
from chassis.crypto import new_master_key
from chassis.events import Consumer, Event, cloud_event_headers
from chassis.runtime import Runtime
from chassis.settings import ServiceSettings
from tests.support.clock import ManualClock
from tests.support.peers import Peers, answer
from tests.support.tokens import Issuer

MONDAY_MORNING = datetime(2026, 9, 21, 1, 0, tzinfo=UTC)
"""09:00 in the city, a working day before National Day 2026."""

CreateApp = Callable[..., FastAPI]


@dataclass(slots=True)
class ServiceUnderTest:
    app: FastAPI
    runtime: Runtime
    http: httpx.AsyncClient
    """Paths are below /api/<service>/v1."""
    issuer: Issuer
    peers: Peers
    clock: ManualClock
    consumers: Sequence[Consumer]
    _delivered: int = 0

    def as_(self, kind: str, *scopes: str, subject: UUID | None = None, **claims: Any) -> dict[str, str]:
        """Request headers of an actor: `headers=service.as_("staff", "intake.window", department=..., posts=["window"])`."""
        return {"Authorization": f"Bearer {self.issuer.token(kind, *scopes, subject=subject, **claims)}"}

    async def emitted(self, event_type: str | None = None) -> list[dict[str, Any]]:
        """Bodies of the events in the outbox, in order, with their type under "type"."""
        async with self.runtime.db.read() as tx:
            rows = await tx.all(text("SELECT type, payload FROM outbox ORDER BY seq"))
        events = [{**orjson.loads(row["payload"]), "type": row["type"]} for row in rows]
        return [event for event in events if event_type is None or event["type"] == event_type]

    async def deliver(
        self,
        topic: str,
        event_type: str,
        key: str,
        body: dict[str, Any],
        *,
        event_id: str | None = None,
        attributes: dict[str, str] | None = None,
    ) -> None:
        """Hand an event to every consumer of the topic as the bus would; parks and retries are the chassis's own."""
        self._delivered += 1
        headers = {
            "ce_specversion": "1.0", "ce_id": event_id or str(uuid4()), "ce_type": event_type, "ce_source": "/tests",
            "ce_time": self.clock.now().isoformat(), "ce_subject": key, **{f"ce_{k}": v for k, v in (attributes or {}).items()},
        }  # fmt: skip
        record = Delivered(
            topic, 0, self._delivered, key, orjson.dumps(body, default=str), int(self.clock.now().timestamp() * 1000),
            tuple((name, value.encode()) for name, value in headers.items()),
        )  # fmt: skip
        await self._give(record)

    async def deliver_event(self, event: Event, *, event_id: str | None = None) -> None:
        """Hand over one of our own event classes."""
        headers = cloud_event_headers(event, event_id=event_id or str(uuid4()), source="/tests", at=self.clock.now())
        attributes = {k.removeprefix("ce_"): v for k, v in headers.items() if k.startswith("ce_")}
        await self.deliver(
            event.topic, event.type, event.key(), orjson.loads(event.model_dump_json()), event_id=headers["ce_id"],
            attributes={k: v for k, v in attributes.items() if k not in ("specversion", "id", "type", "source", "time", "subject")},
        )  # fmt: skip

    async def _give(self, record: Delivered) -> None:
        readers = [Reader(self.runtime, c, self._metrics()) for c in self.consumers if record.topic in c.topics]
        assert readers, f"nobody reads {record.topic}"
        for reader in readers:
            await reader.take_record(record)

    def _metrics(self) -> ConsumerMetrics:
        found = self.runtime.parts.get("test_metrics")
        if found is None:
            found = self.runtime.parts["test_metrics"] = ConsumerMetrics(self.runtime)
        metrics: ConsumerMetrics = found
        return metrics

    async def dead_letters(self) -> list[str]:
        """Errors of the events parked."""
        async with self.runtime.db.read() as tx:
            rows = await tx.all(text("SELECT error FROM dead_letters ORDER BY id"))
        return [row["error"] for row in rows]


@asynccontextmanager
async def running_service(
    create_app: CreateApp,
    settings: Callable[..., ServiceSettings],
    *,
    database_url: str,
    consumers: Sequence[Consumer] = (),
    clock: ManualClock | None = None,
    **overrides: Any,
) -> AsyncIterator[ServiceUnderTest]:
    """Start the app on a migrated database, with neither relay nor consumers running: a test delivers and looks itself."""
    clock = clock or ManualClock(MONDAY_MORNING)
    issuer = Issuer(now=lambda: clock.now().timestamp())
    peers = Peers()
    peers.on("GET", "identity", "/jwks", lambda _: answer(issuer.jwks()))
    peers.on("POST", "identity", "/token", {"access_token": issuer.token("service", "identity.read.standing"), "expires_in": 900})
    peers.on("GET", "identity", r"/standings\?.*", lambda request: answer(issuer.standings_of(request.path.partition("?")[2])))
    chosen = settings(
        **{
            "database_url": database_url,
            "master_key": new_master_key(),
            "run_relay": False,
            "run_consumers": False,
            "database_pool": 4,
            **overrides,
        }
    )
    bus = PostgresBus(database_url, application_name="tests")
    app = create_app(chosen, bus=bus, transport=peers, clock=clock)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=f"http://tests/api/{chosen.service}/v1") as http:
            yield ServiceUnderTest(app, app.state.runtime, http, issuer, peers, clock, consumers)

"""The exchange on a database of its own, events brought to it, and a subscriber that listens."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from aiohttp import web
from aiohttp.test_utils import TestServer
import orjson
import pytest

from chassis.crypto import new_master_key
from services.exchange.app import create_app
from services.exchange.consumers.evidence import evidence
from services.exchange.consumers.webhooks import webhooks
from services.exchange.courier import Courier, courier_of
from services.exchange.settings import ExchangeSettings
from tests.support.databases import MigratedDatabases
from tests.support.service import ServiceUnderTest, running_service

DEPARTMENT = "11511602MB0X000011"
OTHER_DEPARTMENT = "11511602MB0X000022"
APPLICATION = "tongban.intake.application"
ACCEPTED = f"{APPLICATION}.accepted.v1"


@dataclass
class Heard:
    """One webhook as the subscriber got it."""

    url: str
    headers: dict[str, str]
    body: bytes

    @property
    def event_id(self) -> str:
        return self.headers["ce-id"]


@dataclass
class Subscriber:
    """A department's own server. `answers` are the statuses it gives next; 204 when there are none left."""

    url: str = ""
    heard: list[Heard] = field(default_factory=list)
    answers: dict[str, list[int]] = field(default_factory=dict)
    """By key (ce-subject)."""
    when_heard: Callable[[Heard], Any] | None = None

    async def take(self, request: web.Request) -> web.Response:
        heard = Heard(str(request.url), {name.lower(): value for name, value in request.headers.items()}, await request.read())
        self.heard.append(heard)
        if self.when_heard is not None:
            await self.when_heard(heard)
        waiting = self.answers.get(heard.headers["ce-subject"], [])
        return web.Response(status=waiting.pop(0) if waiting else 204, headers={"Location": "/elsewhere"})

    def bodies(self) -> list[dict[str, Any]]:
        return [orjson.loads(heard.body) for heard in self.heard]


@dataclass
class Exchange:
    service: ServiceUnderTest
    courier: Courier

    @property
    def system(self) -> dict[str, str]:
        return self.service.as_("system", "exchange.subscribe", department=DEPARTMENT, client_id="sys-market-supervision")

    async def subscribe(self, url: str, *event_types: str, name: str = "main", headers: dict[str, str] | None = None) -> Any:
        body = {"url": url, "event_types": list(event_types or ["*"])}
        return await self.service.http.put(f"/subscriptions/{name}", json=body, headers=headers or self.system)

    async def bring(
        self,
        body: dict[str, Any],
        *,
        key: str = "a-1",
        event_type: str = ACCEPTED,
        authority: str | None = DEPARTMENT,
        event_id: str | None = None,
    ) -> str:
        """An event arrives from the bus; answers its id."""
        event_id = event_id or str(uuid4())
        attributes = {} if authority is None else {"authority": authority}
        await self.service.deliver(APPLICATION, event_type, key, body, event_id=event_id, attributes=attributes)
        return event_id

    async def round(self) -> int:
        """Send what is due until nothing is; answers how many attempts that took."""
        attempts = 0
        while begun := await self.courier.send_due():
            attempts += begun
            await self.courier.settle(20)
        return attempts

    async def later(self, seconds: float) -> int:
        self.service.clock.advance(timedelta(seconds=seconds))
        return await self.round()

    async def deliveries(self, name: str = "main", **query: Any) -> list[dict[str, Any]]:
        """Oldest first."""
        answer = await self.service.http.get(f"/subscriptions/{name}/deliveries", params=query, headers=self.system)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["data"]
        return found[::-1]


Opened = Callable[..., AbstractAsyncContextManager[Exchange]]


@pytest.fixture
def open_exchange(migrated_database: MigratedDatabases) -> Opened:
    """Opens exchanges on one database with one master key: `async with open_exchange(webhook_attempts=3) as exchange`."""
    master_key = new_master_key()
    urls: list[str] = []

    @asynccontextmanager
    async def opened(**overrides: Any) -> AsyncIterator[Exchange]:
        if not urls:
            urls.append(await migrated_database("exchange"))
        settings: dict[str, Any] = {"run_webhooks": False, "webhook_timeout_seconds": 5, "master_key": master_key, **overrides}
        async with running_service(
            create_app, ExchangeSettings, database_url=urls[0], consumers=[evidence, webhooks], **settings
        ) as service:
            yield Exchange(service, courier_of(service.runtime))

    return opened


@pytest.fixture
async def exchange(open_exchange: Opened) -> AsyncIterator[Exchange]:
    async with open_exchange() as found:
        yield found


@pytest.fixture
async def subscriber() -> AsyncIterator[Subscriber]:
    found = Subscriber()
    app = web.Application()
    app.router.add_post("/{tail:.*}", found.take)
    async with TestServer(app) as server:
        found.url = str(server.make_url("/hooks?from=tongban"))
        yield found

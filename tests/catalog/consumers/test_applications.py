"""What people ask for comes first."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from services.catalog.app import CONSUMERS, create_app
from services.catalog.settings import CatalogSettings
from tests.catalog.search.shelf import fill, sample_shelf
from tests.support.databases import MigratedDatabases
from tests.support.service import ServiceUnderTest, running_service

TOPIC, SUBMITTED = "tongban.intake.application", "tongban.intake.application.submitted.v1"
QUERY = {"q": "经营许可", "limit": "200"}


@pytest.fixture
async def city(migrated_database: MigratedDatabases) -> AsyncIterator[ServiceUnderTest]:
    dsn = await migrated_database("catalog")
    await fill(dsn, sample_shelf())
    async with running_service(create_app, CatalogSettings, database_url=dsn, consumers=CONSUMERS) as service:
        yield service


async def order(service: ServiceUnderTest) -> list[str]:
    return [one["local_code"] for one in (await service.http.get("/items", params=QUERY)).json()["data"]]


async def submitted(service: ServiceUnderTest, local_code: str, at: datetime, *, event_id: str | None = None) -> None:
    application = str(uuid4())
    body = {
        "application_id": application,
        "item": {"local_code": local_code, "version_id": str(uuid4()), "name": "…"},
        "applicant": {"name": "张三"},
        "submitted_at": at.isoformat(),
    }
    await service.deliver(TOPIC, SUBMITTED, application, body, event_id=event_id)


async def test_an_item_that_people_ask_for_rises_among_its_likes(city: ServiceUnderTest) -> None:
    before = await order(city)
    last = before[10]
    for _ in range(30):
        await submitted(city, last, city.clock.now())
    after = await order(city)
    assert after.index(last) < before.index(last)
    assert sorted(after) == sorted(before)
    assert await city.dead_letters() == []


async def test_what_was_asked_for_long_ago_counts_less_than_what_is_asked_for_now(city: ServiceUnderTest) -> None:
    early, late = (await order(city))[8:10]
    for _ in range(8):
        await submitted(city, early, city.clock.now() - timedelta(days=720))
        await submitted(city, late, city.clock.now())
    after = await order(city)
    assert after.index(late) < after.index(early)


async def test_the_same_event_twice_counts_once(city: ServiceUnderTest) -> None:
    from sqlalchemy import text

    heats = []
    for code, ids in (("food-business-permit", ("a", "a", "a")), ("another", ("b",))):
        for event_id in ids:
            await submitted(city, code, city.clock.now(), event_id=event_id)
    async with city.runtime.db.read() as tx:
        heats = [row["heat"] for row in await tx.all(text("SELECT heat FROM item_use"))]
    assert len(heats) == 2
    assert heats[0] == heats[1]


async def test_a_time_to_come_counts_as_now_and_cannot_hold_the_first_place(city: ServiceUnderTest) -> None:
    from_future, honest = (await order(city))[8:10]
    await submitted(city, from_future, city.clock.now() + timedelta(days=36500))
    for _ in range(5):
        await submitted(city, honest, city.clock.now())
    after = await order(city)
    assert after.index(honest) < after.index(from_future)


async def test_an_event_without_an_item_is_parked(city: ServiceUnderTest) -> None:
    await city.deliver(TOPIC, SUBMITTED, "x", {"submitted_at": city.clock.now().isoformat()})
    assert len(await city.dead_letters()) == 1

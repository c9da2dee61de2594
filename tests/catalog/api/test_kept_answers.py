"""Guides answered from memory say what the database says: at the instant a version takes effect, and whoever published it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
import time
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from chassis.database import ReadTx
from services.catalog.app import create_app
from services.catalog.kept import listening
from services.catalog.kept.shortcut import kept_answers
from services.catalog.queries.life_in_force import life_in_force
from services.catalog.rules.life import Life
from services.catalog.settings import CatalogSettings
from tests.catalog.sample import CITY_REGIONS, item
from tests.support.clock import ManualClock
from tests.support.databases import MigratedDatabases
from tests.support.service import MONDAY_MORNING, ServiceUnderTest, running_service
from tests.support.waiting import until

MICROSECOND = timedelta(microseconds=1)
PATHS = (
    "/items/food",
    "/items/food/guide",
    "/items/food/guide?lang=en&text_size=large",
    "/items/food/guide/fragment",
    "/items/food/guide/qr",
)


async def _put(service: ServiceUnderTest, content: dict[str, Any], code: str = "food") -> dict[str, Any]:
    answer = await service.http.put(f"/items/{code}", json=content, headers=service.as_("service", "catalog.admin"))
    assert answer.status_code in (200, 201), answer.text
    body: dict[str, Any] = answer.json()
    return body


async def _hearing(service: ServiceUnderTest) -> None:
    """All that was told until now has been heard: a sign of life came that was asked for after it."""
    kept, asked_at = kept_answers(service.runtime), time.monotonic()
    await until(lambda: kept._hears_until >= asked_at + listening.TRUSTED_SECONDS)


@contextmanager
def without_database(service: ServiceUnderTest) -> Iterator[None]:
    """Whatever is answered now is answered from memory."""

    class _Away:
        @asynccontextmanager
        async def read(self) -> AsyncIterator[ReadTx]:
            raise ConnectionRefusedError
            yield

    database = service.runtime.db
    service.runtime.db = _Away()  # type: ignore[assignment]
    try:
        yield
    finally:
        service.runtime.db = database


@pytest.fixture
async def pair(
    migrated_database: MigratedDatabases, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[ServiceUnderTest, ServiceUnderTest]]:
    """Two instances of the service on one database, with one clock."""
    monkeypatch.setattr(listening, "SIGN_OF_LIFE_SECONDS", 0.05)
    dsn, clock = await migrated_database("catalog"), ManualClock(MONDAY_MORNING)
    async with (
        running_service(create_app, CatalogSettings, database_url=dsn, clock=clock, switching_seconds=0) as one,
        running_service(create_app, CatalogSettings, database_url=dsn, clock=clock, switching_seconds=0) as other,
    ):
        await one.http.put("/regions", json={"regions": CITY_REGIONS}, headers=one.as_("service", "catalog.admin"))
        await _put(one, item())
        await _hearing(one)
        await _hearing(other)
        yield one, other


async def _days(service: ServiceUnderTest) -> int:
    answer = await service.http.get("/items/food")
    assert answer.status_code == 200, answer.text
    days: int = answer.json()["promised_limit"]["days"]
    return days


@pytest.mark.parametrize("path", PATHS)
async def test_the_second_answer_comes_from_memory_and_is_the_first_to_the_byte(
    pair: tuple[ServiceUnderTest, ServiceUnderTest], path: str
) -> None:
    one, _ = pair
    first = await one.http.get(path)
    with without_database(one):
        again = await one.http.get(path)
        unchanged = await one.http.get(path, headers={"If-None-Match": f'"x", W/{first.headers["etag"]}'})
    assert (first.status_code, again.status_code, again.content) == (200, 200, first.content)
    told = {"x-request-id", "traceparent"}
    assert {k: v for k, v in again.headers.items() if k not in told} == {k: v for k, v in first.headers.items() if k not in told}
    assert (unchanged.status_code, unchanged.content, unchanged.headers["etag"]) == (304, b"", first.headers["etag"])


async def test_memory_knows_the_languages_apart(pair: tuple[ServiceUnderTest, ServiceUnderTest]) -> None:
    one, _ = pair
    chinese = await one.http.get("/items/food/guide")
    english = await one.http.get("/items/food/guide", headers={"Accept-Language": "en"})
    again = await one.http.get("/items/food/guide")
    assert ("办事指南" in chinese.text, "办事指南" in english.text, again.content) == (True, False, chinese.content)


async def test_a_bad_token_is_refused_though_the_answer_is_in_memory(pair: tuple[ServiceUnderTest, ServiceUnderTest]) -> None:
    one, _ = pair
    await one.http.get("/items/food")
    assert (await one.http.get("/items/food", headers={"Authorization": "Bearer nonsense"})).status_code == 401


async def test_made_up_parameters_do_not_fill_the_memory(pair: tuple[ServiceUnderTest, ServiceUnderTest]) -> None:
    one, _ = pair
    for number in range(5):
        assert (await one.http.get(f"/items/food?made_up={number}")).status_code == 200
        assert (await one.http.get(f"/items/food/guide?made_up={number}")).status_code == 200
    assert len(kept_answers(one.runtime)) == 0


async def test_who_published_reads_the_new_version_with_the_very_next_request(
    pair: tuple[ServiceUnderTest, ServiceUnderTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However late our own notification comes: here, never."""
    one, _ = pair
    monkeypatch.setattr(kept_answers(one.runtime), "forget", lambda _: None)
    for days in (7, 6, 5, 4, 3):
        await _days(one)
        await _put(one, item(promised_limit={"days": days}))
        assert await _days(one) == days


async def test_another_process_hears_of_a_publication_and_forgets(pair: tuple[ServiceUnderTest, ServiceUnderTest]) -> None:
    one, other = pair
    kept = kept_answers(other.runtime)
    await other.http.get("/items/food")
    await other.http.get("/items/food/guide")
    assert len(kept) == 2
    await _put(one, item(promised_limit={"days": 5}))
    await until(lambda: len(kept) == 0)
    assert kept.is_hearing and await _days(other) == 5


async def test_a_version_read_while_another_was_published_is_not_kept(
    pair: tuple[ServiceUnderTest, ServiceUnderTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader saw the old version before the commit, and answers after it."""
    one, other = pair
    real = life_in_force

    async def slow(tx: ReadTx, local_code: str, at: Any) -> Life:
        life = await real(tx, local_code, at)
        monkeypatch.setattr("services.catalog.api.items.life_in_force", real)
        epoch = kept_answers(other.runtime).epoch
        await _put(one, item(promised_limit={"days": 5}))
        await until(lambda: kept_answers(other.runtime).epoch > epoch)
        return life

    monkeypatch.setattr("services.catalog.api.items.life_in_force", slow)
    assert await _days(other) == 8
    assert await _days(other) == 5


async def test_a_process_whose_listener_is_killed_answers_from_the_database_and_hears_again(
    pair: tuple[ServiceUnderTest, ServiceUnderTest],
) -> None:
    one, other = pair
    kept = kept_answers(other.runtime)
    await _days(other)
    async with one.runtime.db.write() as tx:
        await tx.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'tongban-listening-%'"
            )
        )
    await until(lambda: not kept.is_hearing or len(kept) == 0)
    await _put(one, item(promised_limit={"days": 5}))
    assert await _days(other) == 5
    await _hearing(other)
    await _days(other)
    assert len(kept) == 1
    await _put(one, item(promised_limit={"days": 4}))
    await until(lambda: len(kept) == 0)
    assert await _days(other) == 4


async def test_a_version_takes_effect_at_its_instant_and_not_a_microsecond_before(
    pair: tuple[ServiceUnderTest, ServiceUnderTest],
) -> None:
    """Nothing runs at that instant: no event, no notification, no job. The clock alone decides."""
    one, other = pair
    begins = one.clock.now() + timedelta(hours=15)
    await _schedule(one, item(promised_limit={"days": 3}), begins)
    for service in (one, other):
        assert [await _days(service), await _days(service)] == [8, 8]
    one.clock.set(begins - MICROSECOND)
    for service in (one, other):
        with without_database(service):
            assert await _days(service) == 8
    one.clock.set(begins)
    assert [await _days(one), await _days(other)] == [3, 3]
    one.clock.set(begins - MICROSECOND)
    assert [await _days(one), await _days(other)] == [8, 8]


async def test_a_version_announced_while_the_old_one_is_in_memory_still_begins_at_its_instant(
    pair: tuple[ServiceUnderTest, ServiceUnderTest],
) -> None:
    one, other = pair
    kept = kept_answers(other.runtime)
    await _days(other)
    begins = one.clock.now() + timedelta(minutes=1)
    await _schedule(one, item(promised_limit={"days": 3}), begins)
    await until(lambda: len(kept) == 0)
    await _days(other)
    one.clock.set(begins)
    assert await _days(other) == 3


async def _schedule(service: ServiceUnderTest, content: dict[str, Any], begins: Any) -> None:
    """A version from an instant on, as the command publishes it once another person has reviewed it."""
    from services.catalog.commands.publish_version import Provenance, publish_version
    from services.catalog.rules.content import ItemContent

    async with service.runtime.db.write() as tx:
        provenance = Provenance("drafted", ["service:writer"], "service:reviewer", "service:publisher")
        await publish_version("food", ItemContent.model_validate(content), tx, begins=begins, provenance=provenance)


async def test_an_answer_that_is_not_200_is_not_kept(pair: tuple[ServiceUnderTest, ServiceUnderTest]) -> None:
    one, _ = pair
    tag = (await one.http.get("/items/food", headers={"Authorization": "none"})).status_code
    assert tag == 401
    for path in ("/items/none", "/items/none/guide", "/items/food/guide?lang=fr"):
        answer: httpx.Response = await one.http.get(path)
        assert answer.status_code in (404, 422)
    assert len(kept_answers(one.runtime)) == 0

"""The search is as good as promised on the evaluation set: recall@5 of 0.95 and a mean reciprocal rank of 0.8, at the least."""

from collections.abc import AsyncIterator
import os

import httpx
import pytest
import pytest_asyncio

from host import city_bodies
from host.sample_city.loading import load_city
from services.catalog.app import create_app
from services.catalog.settings import CatalogSettings
from tests.catalog.search.evaluation import Quality, evaluate, queries, real_data
from tests.catalog.search.shelf import fill, real_shelf, sample_shelf
from tests.support.databases import MigratedDatabases
from tests.support.service import running_service

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEYS = {city_bodies.item_code(one): one.key for one in load_city().items}
needs_real_data = pytest.mark.skipif(
    real_data() is None and not os.environ.get("CI"), reason="TONGBAN_REAL_DATA names no folder with items_guangan_511602.csv"
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sample(migrated_database: MigratedDatabases) -> AsyncIterator[httpx.AsyncClient]:
    dsn = await migrated_database("catalog")
    await fill(dsn, sample_shelf())
    async with running_service(create_app, CatalogSettings, database_url=dsn) as service:
        yield service.http


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def real(migrated_database: MigratedDatabases) -> AsyncIterator[httpx.AsyncClient]:
    folder = real_data()
    assert folder is not None, "TONGBAN_REAL_DATA is not set"
    dsn = await migrated_database("catalog")
    await fill(dsn, real_shelf(folder))
    async with running_service(create_app, CatalogSettings, database_url=dsn) as service:
        yield service.http


async def quality(http: httpx.AsyncClient, file: str) -> Quality:
    async def search(query: str) -> list[str]:
        found = (await http.get("/items", params={"q": query, "limit": 50})).json()["data"]
        return [KEYS.get(one["local_code"], one["name"]) for one in found]

    return await evaluate(queries(file), search)


async def test_the_evaluation_set_is_large_and_asks_in_many_ways() -> None:
    asked = queries("queries.csv")
    assert len(asked) >= 150
    assert len({one.query for one in asked}) == len(asked)
    assert {one.kind for one in asked} >= {
        "everyday",
        "pinyin",
        "fuzzy pinyin",
        "initials",
        "two",
        "homophone",
        "wrong character",
        "english",
        "code",
    }
    assert {right for one in asked for right in one.right} <= set(KEYS.values())


async def test_the_sample_city_is_found_as_people_ask(sample: httpx.AsyncClient) -> None:
    found = await quality(sample, "queries.csv")
    assert found.recall >= 0.95, found.missed
    assert found.mean_reciprocal_rank >= 0.8


@needs_real_data
async def test_a_real_district_is_found_as_people_ask(real: httpx.AsyncClient) -> None:
    found = await quality(real, "queries_real.csv")
    assert found.recall >= 0.95, found.missed
    assert found.mean_reciprocal_rank >= 0.8

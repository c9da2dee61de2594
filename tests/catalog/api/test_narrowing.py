"""Filters, facets and suggestions over the sample city."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from host import city_bodies
from host.sample_city.loading import load_city
from services.catalog.app import create_app
from services.catalog.settings import CatalogSettings
from tests.catalog.sample import AUTHORITY
from tests.catalog.search.shelf import fill, sample_shelf
from tests.support.databases import MigratedDatabases
from tests.support.service import ServiceUnderTest, running_service

pytestmark = pytest.mark.asyncio(loop_scope="module")

CITY = load_city()
FOOD = "food-business-permit"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def city(migrated_database: MigratedDatabases) -> AsyncIterator[ServiceUnderTest]:
    """The sample city, where the food permit may be asked for in the whole city."""
    dsn = await migrated_database("catalog")
    shelf = [(code, one.model_copy(update={"reach": "city"}) if code == FOOD else one) for code, one in sample_shelf()]
    await fill(dsn, shelf)
    async with running_service(create_app, CatalogSettings, database_url=dsn) as service:
        yield service


async def read(service: ServiceUnderTest, path: str, **query: Any) -> Any:
    answer = await service.http.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def expected(**wanted: Any) -> set[str]:
    """Codes of the sample city's items that have what is wanted."""
    return {
        city_bodies.item_code(one)
        for one in CITY.items
        if all(
            value in getattr(one, name) if isinstance(getattr(one, name), list | tuple) else value == getattr(one, name)
            for name, value in wanted.items()
        )
    }


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"service_object": "4"}, expected(service_objects="4")),
        ({"channel": "3"}, expected(channels="3")),
        ({"service_object": "1", "channel": "3"}, expected(service_objects="1", channels="3")),
        ({"reach": "city"}, {FOOD}),
        ({"authority": AUTHORITY}, expected(department="market-supervision")),
        ({"region": "511600000000"}, expected(region_code="511600000000")),
    ],
)
async def test_each_filter_leaves_exactly_the_items_that_have_it(city: ServiceUnderTest, query: dict[str, str], wanted: set[str]) -> None:
    codes = {one["local_code"] for one in (await read(city, "/items", limit=200, **query))["data"]}
    assert codes == wanted
    assert 0 < len(wanted) < len(CITY.items)


async def test_filters_narrow_what_a_text_finds(city: ServiceUnderTest) -> None:
    everything = [one["local_code"] for one in (await read(city, "/items", q="经营许可", limit=200))["data"]]
    market = [one["local_code"] for one in (await read(city, "/items", q="经营许可", authority=AUTHORITY, limit=200))["data"]]
    whole = [code for code in everything if code in expected(department="market-supervision")]
    assert market[: len(whole)] == whole, "what fits whole stays in its order; what fits in part may follow where few are left"
    assert set(market) <= expected(department="market-supervision")
    assert FOOD in market
    assert len(market) < len(everything)


@pytest.mark.parametrize(
    "query", [{"region": "5116"}, {"service_object": "7"}, {"channel": "x"}, {"reach": "everywhere"}, {"authority": "' OR 1=1"}]
)
async def test_a_filter_that_cannot_be_is_refused(city: ServiceUnderTest, query: dict[str, str]) -> None:
    assert (await city.http.get("/items", params=query)).status_code == 422


async def test_a_cursor_belongs_to_its_filters(city: ServiceUnderTest) -> None:
    cursor = (await read(city, "/items", q="许可", limit=1))["next_cursor"]
    answer = await city.http.get("/items", params={"q": "许可", "limit": 1, "channel": "1", "cursor": cursor})
    assert answer.json()["type"] == "urn:tongban:problem:cursor-invalid"


@pytest.mark.parametrize("query", [{}, {"q": "许可"}, {"q": "许可", "channel": "3"}, {"region": "511602001000"}])
async def test_facets_count_what_the_same_question_finds(city: ServiceUnderTest, query: dict[str, str]) -> None:
    facets = await read(city, "/item-facets", **query)
    found = (await read(city, "/items", limit=200, **query))["data"]
    assert facets["items"] == len(found) > 3
    assert facets["is_complete"] is True
    assert {one["value"]: one["items"] for one in facets["authority"]} == _counted(one["authority"]["code"] for one in found)
    assert {one["value"]: one["items"] for one in facets["region"]} == _counted(one["region_code"] for one in found)
    assert sum(one["items"] for one in facets["reach"]) == len(found)
    by_object = {one["value"]: one["items"] for one in facets["service_object"]}
    narrowed = (await read(city, "/items", limit=200, service_object="2", **query))["data"]
    assert by_object["2"] == len(narrowed)


async def test_places_and_departments_in_facets_have_names(city: ServiceUnderTest) -> None:
    facets = await read(city, "/item-facets", q="食品")
    assert "广安市广安区市场监督管理局" in {one["name"] for one in facets["authority"]}
    assert "广安区" in {one["name"] for one in facets["region"]}


async def test_facets_of_what_nobody_offers_are_empty(city: ServiceUnderTest) -> None:
    facets = await read(city, "/item-facets", q="量子纠缠")
    assert (facets["items"], facets["authority"], facets["channel"]) == (0, [], [])


@pytest.mark.parametrize(
    ("typed", "text", "name"),
    [
        ("开饭", "开饭店", "食品经营许可"), ("kaif", "开饭店", "食品经营许可"), ("spj", "食品经营许可", "食品经营许可"),
        ("食品经", "食品经营许可", "食品经营许可"), ("passp", "Issue of an ordinary passport", "普通护照签发"), ("结", None, "结婚登记"),
    ],
)  # fmt: skip
async def test_a_suggestion_says_what_the_text_may_become_and_where_it_leads(
    city: ServiceUnderTest, typed: str, text: str | None, name: str
) -> None:
    first = (await read(city, "/suggestions", q=typed))["data"]
    assert name in {one["name"] for one in first}
    if text is not None:
        assert (first[0]["text"], first[0]["name"]) == (text, name)


async def test_suggestions_are_each_once_and_no_more_than_asked(city: ServiceUnderTest) -> None:
    data = (await read(city, "/suggestions", q="许可", limit=5))["data"]
    texts = [one["text"] for one in data]
    assert len(texts) == len(set(texts)) == 5


async def test_suggestions_for_what_has_no_letter_are_none(city: ServiceUnderTest) -> None:
    assert (await read(city, "/suggestions", q="！？"))["data"] == []


def _counted(values: Any) -> dict[str, int]:
    every = list(values)
    return {value: every.count(value) for value in every}

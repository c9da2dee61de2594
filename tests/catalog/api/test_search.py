"""Search over the sample city: what people type finds what they mean."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from services.catalog.app import create_app
from services.catalog.rules.finding import understand
from services.catalog.settings import CatalogSettings
from services.catalog.store import finding as store_finding
from services.catalog.store.finding import Filters
from tests.catalog.sample import CITY_REGIONS, item, sample_items, sample_obtainable_materials
from tests.support.databases import MigratedDatabases
from tests.support.service import ServiceUnderTest, running_service

pytestmark = pytest.mark.asyncio(loop_scope="module")

FOOD = "food-business-permit"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def city(migrated_database: MigratedDatabases) -> AsyncIterator[ServiceUnderTest]:
    """The catalog with the sample city's items, each of which must pass the publication checks, and one of the province."""
    async with running_service(create_app, CatalogSettings, database_url=await migrated_database("catalog")) as service:
        admin = service.as_("service", "catalog.admin")
        await service.http.put("/regions", json={"regions": CITY_REGIONS}, headers=admin)
        province_wide = item(
            region_code="510000000000", name="出省打猎许可", name_en="Hunting", synonyms=[], base_code=None, implementation_code=None
        )
        for code, material in sample_obtainable_materials().items():
            assert (await service.http.put(f"/obtainable-materials/{code}", json=material, headers=admin)).status_code == 201
        for local_code, content in {**sample_items(), "hunting": province_wide}.items():
            answer = await service.http.put(f"/items/{local_code}", json=content, headers=admin)
            assert answer.status_code == 201, f"{local_code}: {answer.text}"
        yield service


async def found(service: ServiceUnderTest, **query: Any) -> list[str]:
    answer = await service.http.get("/items", params=query)
    assert answer.status_code == 200, answer.text
    return [one["local_code"] for one in answer.json()["data"]]


@pytest.mark.parametrize(
    "query",
    [
        "开饭店", "我要开饭店", "饭店", "餐馆", "食品", "食品经营许可", "怎么办理食品经营许可证", "spjyxk", "SPJY", "kaifandian", "kfd",
        "kai fan dian", "shipinjingying", "food business", "Food Business Permit", "000131024000", "００0131024000",
    ],
)  # fmt: skip
async def test_everyday_words_pinyin_initials_and_codes_find_the_food_permit_first(city: ServiceUnderTest, query: str) -> None:
    assert (await found(city, q=query))[0] == FOOD


@pytest.mark.parametrize(
    ("query", "name"), [("护照", "普通护照签发"), ("结婚", "结婚登记"), ("孩子出生", "出生登记"), ("身份证", "居民身份证申领")]
)
async def test_two_and_three_characters_are_enough(city: ServiceUnderTest, query: str, name: str) -> None:
    answer = await city.http.get("/items", params={"q": query})
    assert answer.json()["data"][0]["name"] == name


@pytest.mark.parametrize("local_code", sorted(sample_items()))
async def test_every_everyday_phrase_of_an_item_finds_it_on_the_first_page(city: ServiceUnderTest, local_code: str) -> None:
    content = sample_items()[local_code]
    assert (await found(city, q=content["name"]))[0] == local_code
    for phrase in content["synonyms"]:
        assert local_code in await found(city, q=phrase), phrase


@pytest.mark.parametrize(
    "query", ["' OR 1=1; DROP TABLE items; --", "食品%' AND '1'='1", "a:* & !b | (c <-> d)", "_" * 100, "食" * 100, "ｋ" * 100, "|'"]
)
async def test_an_attack_by_what_is_typed_is_only_text(city: ServiceUnderTest, query: str) -> None:
    for path in ("/items", "/suggestions", "/item-facets"):
        assert (await city.http.get(path, params={"q": query})).status_code == 200, path
    assert (await found(city, q="开饭店"))[0] == FOOD


@pytest.mark.parametrize("query", ["食" * 101, "食品\n许可", "\x7f"])
@pytest.mark.parametrize("path", ["/items", "/suggestions", "/item-facets"])
async def test_an_attack_by_length_or_control_characters_is_refused_in_words(city: ServiceUnderTest, path: str, query: str) -> None:
    answer = await city.http.get(path, params={"q": query})
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"].endswith("q")


@pytest.mark.parametrize("query", ["%E9%A3%9F%00", "%ED%A0%80%E9%A3%9F"])
async def test_an_attack_by_null_or_broken_encoding_is_refused_in_words(city: ServiceUnderTest, query: str) -> None:
    answer = await city.http.get(f"/items?q={query}")
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:tongban:problem:unreadable-text")


@pytest.mark.parametrize("query", ["量子纠缠", "zzzzqqq", "！！！", "' | !*", "\\", "%", "zq:*xv & (", "𠮷𠮷"])
async def test_what_nobody_offers_finds_nothing_and_breaks_nothing(city: ServiceUnderTest, query: str) -> None:
    assert await found(city, q=query) == []


async def test_a_place_sees_its_own_items_and_those_above_it(city: ServiceUnderTest) -> None:
    assert await found(city, q="打猎", region="511602001000") == ["hunting"]
    assert (await found(city, q="开饭店", region="511602001000"))[0] == FOOD
    assert FOOD not in await found(city, q="开饭店", region="511603000000")
    elsewhere = (await city.http.get("/items", params={"region": "511603000000", "limit": 200})).json()["data"]
    assert {one["region_code"] for one in elsewhere} == {"510000000000", "511600000000"}


@pytest.mark.parametrize("query", [{}, {"q": "许可"}, {"q": "许可", "region": "511602000000"}, {"q": "kai"}])
async def test_pages_follow_each_other_without_gap_or_repeat(city: ServiceUnderTest, query: dict[str, str]) -> None:
    whole = await found(city, **query, limit=200)
    assert len(whole) > 7
    paged: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await city.http.get("/items", params={**query, **cursor, "limit": 3})).json()
        paged += [one["local_code"] for one in page["data"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert paged == whole


async def test_a_cursor_belongs_to_its_query(city: ServiceUnderTest) -> None:
    cursor = (await city.http.get("/items", params={"q": "许可", "limit": 1})).json()["next_cursor"]
    answer = await city.http.get("/items", params={"q": "登记", "limit": 1, "cursor": cursor})
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:tongban:problem:cursor-invalid")


@pytest.mark.parametrize(
    ("asked", "statement", "index"),
    [
        (Filters(), store_finding.EVERYWHERE, "ix_item_terms_term"),
        (Filters(region_codes=("510000000000", "511600000000")), store_finding.HERE, "ix_item_terms_region"),
        (Filters(channel="1"), store_finding.NARROW, "ix_item_terms_term"),
    ],
)
async def test_a_search_reads_the_terms_from_their_index(city: ServiceUnderTest, asked: Filters, statement: Any, index: str) -> None:
    async with city.runtime.db.read() as tx:
        parameters = await store_finding.candidate_parameters(tx, understand("kaifan"), asked, limit=200)
        await tx.scalar(text("SELECT set_config('enable_seqscan', 'off', true)"))
        plan = await tx.rows(text(f"EXPLAIN {statement.text}"), parameters)
    assert any(index in row[0] for row in plan), plan


async def test_what_only_a_guide_says_finds_the_item_too(city: ServiceUnderTest) -> None:
    assert FOOD in await found(city, q="食品安全管理制度")
    assert FOOD not in await found(city, q="食品安全管理制度", region="511603000000")

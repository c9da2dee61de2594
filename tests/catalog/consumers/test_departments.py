"""Departments as identity tells of them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.catalog.app import CONSUMERS, create_app
from services.catalog.settings import CatalogSettings
from services.identity.events import DepartmentChanged
from tests.catalog.sample import AUTHORITY, CITY_REGIONS, item
from tests.support.databases import MigratedDatabases
from tests.support.service import ServiceUnderTest, running_service

OTHER = "11511602DEM000022L"


@pytest.fixture
async def hearing(migrated_database: MigratedDatabases) -> AsyncIterator[ServiceUnderTest]:
    dsn = await migrated_database("catalog")
    async with running_service(create_app, CatalogSettings, database_url=dsn, consumers=CONSUMERS) as service:
        admin = service.as_("service", "catalog.admin")
        assert (await service.http.put("/regions", json={"regions": CITY_REGIONS}, headers=admin)).status_code == 200
        yield service


def department(code: str = AUTHORITY, version: int = 1, **changes: Any) -> DepartmentChanged:
    known = {"name": "市场监督管理局", "name_en": None, "region": "511602000000", "parent": None}
    return DepartmentChanged(uscc=code, version=version, **{**known, **changes})


async def published(service: ServiceUnderTest, **changes: Any) -> list[str]:
    answer = await service.http.put("/items/x", json=item(**changes), headers=service.as_("service", "catalog.admin"))
    return [one["code"] for one in answer.json().get("errors", [])]


async def test_a_department_is_read_with_its_region_s_full_name(hearing: ServiceUnderTest) -> None:
    await hearing.deliver_event(department())
    found = (await hearing.http.get(f"/departments/{AUTHORITY}")).json()
    assert (found["name"], found["region_name"]) == ("市场监督管理局", "四川省广安市广安区")
    assert (await hearing.http.get(f"/departments/{OTHER}")).json()["type"] == "urn:tongban:problem:department-unknown"


async def test_departments_are_listed_by_region_with_those_below(hearing: ServiceUnderTest) -> None:
    await hearing.deliver_event(department())
    await hearing.deliver_event(department(OTHER, region="511602001000"))
    for under, codes in (("511600000000", [AUTHORITY, OTHER]), ("511602001000", [OTHER]), ("511603000000", [])):
        page = (await hearing.http.get("/departments", params={"under": under})).json()
        assert [one["code"] for one in page["data"]] == codes
    first = (await hearing.http.get("/departments", params={"limit": 1})).json()
    second = (await hearing.http.get("/departments", params={"limit": 1, "cursor": first["next_cursor"]})).json()
    assert [page["data"][0]["code"] for page in (first, second)] == [AUTHORITY, OTHER]


async def test_an_older_telling_changes_nothing(hearing: ServiceUnderTest) -> None:
    await hearing.deliver_event(department(version=3, name="市场监管局"))
    await hearing.deliver_event(department(version=2, name="工商局"))
    assert (await hearing.http.get(f"/departments/{AUTHORITY}")).json()["name"] == "市场监管局"


async def test_an_item_of_an_unknown_authority_is_refused_only_where_departments_of_its_region_are_known(hearing: ServiceUnderTest) -> None:
    assert await published(hearing) == []
    await hearing.deliver_event(department(OTHER, region="511603000000"))
    assert await published(hearing, name="甲") == [], "of another region"
    await hearing.deliver_event(department(OTHER, version=2))
    assert await published(hearing, name="乙") == ["authority-unknown"]
    await hearing.deliver_event(department())
    assert await published(hearing, name="乙") == []


async def test_a_region_that_no_code_has_is_kept_as_it_was_told(hearing: ServiceUnderTest) -> None:
    await hearing.deliver_event(department(region="全国"))
    found = (await hearing.http.get(f"/departments/{AUTHORITY}")).json()
    assert (found["region_code"], found["region_name"]) == ("全国", None)
    assert await hearing.dead_letters() == []

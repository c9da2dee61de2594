"""The sample city as a running suite has it."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from host.city_bodies import item_code
from host.load_city import load_if_missing
from host.operations import installation
from host.sample_city import load_city
from tests.support.suite import RunningSuite

pytestmark = pytest.mark.xdist_group("suite-single")
CITY = load_city()
LOADED_BY_OTHERS = {"operators-own", "kept-by-its-department"}
"""Items that other tests bring into the same running city."""


async def test_everything_of_the_sample_city_can_be_found(single: RunningSuite) -> None:
    async with httpx.AsyncClient(base_url=single.url) as http:
        items = {item["local_code"]: item async for item in _rows(http, "/api/catalog/v1/items")}
        assert set(items) - LOADED_BY_OTHERS == {item_code(item) for item in CITY.items}
        departments = {row["uscc"]: row["name"] async for row in _rows(http, "/api/identity/v1/departments")}
        own = {department.uscc: department.name.zh for department in CITY.departments}
        assert departments.items() >= own.items()  # other journeys of the same suite may have added theirs
        types = {row["code"] async for row in _rows(http, "/api/certificates/v1/certificate-types")}
        assert types == {kind.type_code for kind in CITY.certificate_types}
        for item in CITY.items:
            found = (await http.get("/api/catalog/v1/items", params={"q": item.synonyms[0], "region": item.region_code})).json()["data"]
            assert item_code(item) in {row["local_code"] for row in found}, item.synonyms[0]


async def test_the_city_is_loaded_once_and_loading_it_again_changes_nothing(single: RunningSuite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGBAN_PORT", str(single.port))
    said: list[str] = []
    async with installation(single.var) as environment, httpx.AsyncClient(base_url=single.url) as http:
        await load_if_missing(environment, said.append)
        assert said == []
        before = [item async for item in _rows(http, "/api/catalog/v1/items")]
        (single.var / "sample-city.loaded").unlink()
        await load_if_missing(environment, said.append)
        assert len(said) == 2
        assert [item async for item in _rows(http, "/api/catalog/v1/items")] == before


async def _rows(http: httpx.AsyncClient, path: str) -> AsyncIterator[dict[str, Any]]:
    cursor = None
    while True:
        page = (await http.get(path, params={"limit": 100, **({"cursor": cursor} if cursor else {})})).json()
        for row in page["data"]:
            yield row
        cursor = page["next_cursor"]
        if cursor is None:
            return

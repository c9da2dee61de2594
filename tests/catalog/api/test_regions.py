"""Regions over HTTP."""

from typing import Any

import pytest

from tests.support.service import ServiceUnderTest


async def test_regions_are_read_level_by_level(catalog: ServiceUnderTest) -> None:
    top = (await catalog.http.get("/regions")).json()["data"]
    city = (await catalog.http.get("/regions", params={"parent": "511600000000"})).json()["data"]
    assert [region["name"] for region in top] == ["四川省"]
    assert [(region["code"], region["level"]) for region in city] == [("511602000000", 3), ("511603000000", 3)]


async def test_children_are_paged_by_code(catalog: ServiceUnderTest) -> None:
    first = (await catalog.http.get("/regions", params={"parent": "511600000000", "limit": 1})).json()
    second = (await catalog.http.get("/regions", params={"parent": "511600000000", "limit": 1, "cursor": first["next_cursor"]})).json()
    assert [page["data"][0]["name"] for page in (first, second)] == ["广安区", "前锋区"]
    assert second["next_cursor"] is None


async def test_a_region_can_be_renamed(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    renamed = {"code": "511603000000", "name": "前锋新区", "level": 3, "parent_code": "511600000000"}
    assert (await catalog.http.put("/regions", json={"regions": [renamed]}, headers=admin)).json() == {"count": 1}
    names = [region["name"] for region in (await catalog.http.get("/regions", params={"parent": "511600000000"})).json()["data"]]
    assert names == ["广安区", "前锋新区"]


@pytest.mark.parametrize(
    ("wrong", "pointer", "code"),
    [
        ({"level": 2}, "/regions/1/level", "level-differs"),
        ({"parent_code": "511700000000"}, "/regions/1/parent_code", "parent-is-not-above"),
        ({"code": "511702000000", "parent_code": "511700000000"}, "/regions/1/parent_code", "parent-unknown"),
        ({"code": "511604000000"}, "/regions/1/code", "code-twice"),
    ],
)
async def test_one_wrong_region_refuses_them_all(
    catalog: ServiceUnderTest, admin: dict[str, str], wrong: dict[str, Any], pointer: str, code: str
) -> None:
    good = {"code": "511604000000", "name": "新区", "level": 3, "parent_code": "511600000000"}
    body = {"regions": [good, {**good, "code": "511605000000", **wrong}]}
    answer = await catalog.http.put("/regions", json=body, headers=admin)
    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]
    assert len((await catalog.http.get("/regions", params={"parent": "511600000000"})).json()["data"]) == 2


async def test_an_unknown_parent_is_refused(catalog: ServiceUnderTest) -> None:
    answer = await catalog.http.get("/regions", params={"parent": "519900000000"})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:tongban:problem:region-unknown")

"""Regions over HTTP."""

from typing import Any

import httpx
import pytest
from sqlalchemy import text

from services.catalog.store.places import REACHABLE
from tests.catalog.conftest import Publish
from tests.catalog.sample import CITY_REGIONS, item
from tests.support.service import ServiceUnderTest

CHANGED = "tongban.catalog.region.changed.v1"


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


def change(kind: str, old: str | None, new: str | None, on: str = "2020-07-01", **names: str) -> dict[str, Any]:
    return {"effective_on": on, "kind": kind, "old_code": old, "new_code": new, **names}


async def record(catalog: ServiceUnderTest, admin: dict[str, str], *changes: dict[str, Any]) -> httpx.Response:
    return await catalog.http.post("/region-changes", json={"changes": list(changes)}, headers=admin)


async def test_a_subtree_is_read_by_code_and_level(catalog: ServiceUnderTest) -> None:
    async def codes(**query: Any) -> list[str]:
        return [one["code"] for one in (await catalog.http.get("/regions", params=query)).json()["data"]]

    assert await codes(under="511602000000") == ["511602000000", "511602001000"]
    assert await codes(under="510000000000", level=3) == await codes(level=3) == ["511602000000", "511603000000"]
    first = (await catalog.http.get("/regions", params={"under": "510000000000", "limit": 3})).json()
    rest = (await catalog.http.get("/regions", params={"under": "510000000000", "cursor": first["next_cursor"]})).json()
    assert len(first["data"]) == 3 and [one["code"] for one in rest["data"]] == ["511602001000", "511603000000"]


async def test_a_region_says_its_name_in_full(catalog: ServiceUnderTest) -> None:
    found = (await catalog.http.get("/regions/511602001000")).json()
    assert (found["full_name"], found["level"], found["name_then"]) == ("四川省广安市广安区浓洄街道", 4, "浓洄街道")
    assert found["now"] == [{"code": "511602001000", "name": "浓洄街道", "full_name": "四川省广安市广安区浓洄街道"}]


async def test_an_old_code_leads_to_what_the_place_is_now_and_was_on_a_day(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    past = [
        change("recoded", "512923000000", "513621000000", "1993-07-02", old_name="广安县", new_name="广安县"),
        change("restructured", "513621000000", "511602000000", "1998-07-31", old_name="广安县", new_name="广安区"),
    ]
    assert (await record(catalog, admin, *past)).json() == {"count": 2, "added": 2}
    assert (await record(catalog, admin, *past)).json() == {"count": 2, "added": 0}
    found = (await catalog.http.get("/regions/512923000000")).json()
    assert [one["full_name"] for one in found["now"]] == ["四川省广安市广安区"]
    assert (found["region"], found["name_then"], [one["effective_on"] for one in found["way"]]) == (
        None, "广安县", ["1993-07-02", "1998-07-31"],
    )  # fmt: skip
    then = (await catalog.http.get("/regions/512923000000", params={"as_of": "1995-01-01"})).json()
    assert [(one["code"], one["name"]) for one in then["now"]] == [("513621000000", "广安县")]
    assert (await catalog.http.get("/regions/519999000000")).json()["type"] == "urn:tongban:problem:region-never-was"


async def test_a_region_that_was_merged_has_ended_and_is_told_with_what_it_became(
    catalog: ServiceUnderTest, admin: dict[str, str], publish: Publish
) -> None:
    merged = change("merged", "511603000000", "511602000000", old_name="前锋区", new_name="广安区")
    assert (await record(catalog, admin, merged)).status_code == 200
    ended, grown = sorted((await catalog.emitted(CHANGED))[len(CITY_REGIONS) :], key=lambda one: str(one["ended_on"]))
    assert (ended["code"], ended["ended_on"], ended["became"]) == ("511603000000", "2020-07-01", ["511602000000"])
    assert (grown["code"], grown["ended_on"], grown["former_codes"]) == ("511602000000", None, ["511603000000"])
    children = {"parent": "511600000000"}
    assert [one["code"] for one in (await catalog.http.get("/regions", params=children)).json()["data"]] == ["511602000000"]
    assert len((await catalog.http.get("/regions", params={**children, "with_ended": True})).json()["data"]) == 2
    refused = await publish("x", item(region_code="511603000000"))
    assert "region-unknown" in [one["code"] for one in refused.json()["errors"]]


async def test_regions_are_told_once_each_and_again_only_when_they_change(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    first = await catalog.emitted(CHANGED)
    assert sorted(one["code"] for one in first) == sorted(str(one["code"]) for one in CITY_REGIONS)
    await catalog.http.put("/regions", json={"regions": CITY_REGIONS}, headers=admin)
    assert len(await catalog.emitted(CHANGED)) == len(first)
    renamed = {**CITY_REGIONS[-1], "name": "浓洄新街道"}
    await catalog.http.put("/regions", json={"regions": [*CITY_REGIONS[:-1], renamed]}, headers=admin)
    [*_, last] = await catalog.emitted(CHANGED)
    assert len(await catalog.emitted(CHANGED)) == len(first) + 1 and last["name"] == "浓洄新街道"


@pytest.mark.parametrize(
    ("wrong", "pointer", "code"),
    [
        (change("recoded", None, None), "/changes/1", "no-code"),
        (change("recoded", "511602000000", "511602000000"), "/changes/1/new_code", "code-unchanged"),
        (change("recoded", "511602000000", "511600000000"), "/changes/1/new_code", "levels-differ"),
    ],
)
async def test_one_wrong_change_refuses_them_all(
    catalog: ServiceUnderTest, admin: dict[str, str], wrong: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await record(catalog, admin, change("established", None, "511604000000"), wrong)
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [(pointer, code)]
    assert (await catalog.http.get("/regions/511604000000")).status_code == 404


async def test_the_way_of_a_code_is_found_by_index(catalog: ServiceUnderTest) -> None:
    async with catalog.runtime.db.write() as tx:
        for costly in ("seqscan", "hashjoin", "mergejoin"):
            await tx.execute(text(f"SET LOCAL enable_{costly} = off"))
        plan = "\n".join(row[0] for row in await tx.rows(text("EXPLAIN " + REACHABLE.text), {"codes": ["512923000000"]}))
    assert plan.count("ix_region_changes_old_code") == 2

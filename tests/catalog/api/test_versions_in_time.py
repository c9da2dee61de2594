"""Versions in time: what is in force is a function of the clock."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.catalog.switching import settle_due
from tests.catalog.conftest import Publish
from tests.catalog.officials import editor, operator, reviewer, scheduled
from tests.catalog.sample import item
from tests.support.service import MONDAY_MORNING, ServiceUnderTest

LATER = MONDAY_MORNING + timedelta(days=10)


async def found(catalog: ServiceUnderTest, query: str) -> list[tuple[str, int]]:
    rows = (await catalog.http.get("/items", params={"q": query})).json()["data"]
    return [(row["name"], row["version_number"]) for row in rows]


async def test_a_version_takes_effect_at_its_very_instant_in_the_guide_and_in_the_search(
    catalog: ServiceUnderTest, publish: Publish
) -> None:
    await publish("food", item())
    made = await scheduled(catalog, "food", item(name="餐饮服务许可", name_en=None, promised_limit={"days": 5}), LATER)
    assert made["effective_from"] == "2026-10-01T01:00:00Z"
    before = await catalog.http.get("/items/food")
    assert (before.json()["version_number"], before.json()["holds_until"]) == (1, "2026-10-01T01:00:00Z")
    catalog.clock.set(LATER - timedelta(microseconds=1))
    assert (await catalog.http.get("/items/food", headers={"If-None-Match": before.headers["etag"]})).status_code == 304
    assert await found(catalog, "餐饮服务") == [("食品经营许可", 1)], "by its everyday words"
    catalog.clock.set(LATER)
    after = await catalog.http.get("/items/food", headers={"If-None-Match": before.headers["etag"]})
    assert (after.status_code, after.json()["version_number"], after.json()["holds_until"]) == (200, 2, None)
    assert await found(catalog, "餐饮服务") == [("餐饮服务许可", 2)]
    assert [s["name"] for s in (await catalog.http.get("/suggestions", params={"q": "餐饮"})).json()["data"]] == ["餐饮服务许可"]


async def told_of_items(catalog: ServiceUnderTest) -> list[dict[str, Any]]:
    return [event for event in await catalog.emitted() if event["type"].startswith("tongban.catalog.item.")]


async def test_what_is_scheduled_is_told_at_once_and_told_again_when_it_is_in_force(catalog: ServiceUnderTest, publish: Publish) -> None:
    await publish("food", item())
    made = await scheduled(catalog, "food", item(visits=2), LATER)
    [first, ahead] = await told_of_items(catalog)
    assert (ahead["type"], ahead["version_id"], ahead["effective_from"]) == (
        "tongban.catalog.item.scheduled.v1", made["version_id"], "2026-10-01T01:00:00Z",
    )  # fmt: skip
    assert await settle_due(catalog.runtime) == 0
    catalog.clock.set(LATER + timedelta(hours=3))
    assert await settle_due(catalog.runtime) == 1
    assert await settle_due(catalog.runtime) == 0
    last = (await catalog.emitted())[-1]
    assert (last["type"], last["version_number"], last["effective_from"]) == (first["type"], 2, "2026-10-01T01:00:00Z")
    assert len(await told_of_items(catalog)) == 3


async def test_an_item_whose_first_version_lies_ahead_is_not_there_before(catalog: ServiceUnderTest) -> None:
    await scheduled(catalog, "food", item(), "2026-10-01")
    assert (await catalog.http.get("/items/food")).json()["type"] == "urn:tongban:problem:item-not-in-force"
    assert (await catalog.http.get("/items")).json()["data"] == [] and await found(catalog, "开饭店") == []
    ahead = await catalog.http.get("/items/food", params={"at": "2026-10-01"})
    assert (ahead.status_code, ahead.json()["effective_from"]) == (200, "2026-09-30T16:00:00Z"), "a date begins when its day does here"
    catalog.clock.set(datetime.fromisoformat("2026-09-30T16:00:00+00:00"))
    assert (await catalog.http.get("/items")).json()["data"][0]["local_code"] == "food"
    assert (await catalog.http.get("/items/food")).status_code == 200


async def test_a_guide_can_be_read_as_it_was_on_any_day(catalog: ServiceUnderTest) -> None:
    for days in (8, 7, 6):
        assert (await operator(catalog).call("PUT", "/items/food", item(promised_limit={"days": days}))).status_code == 201
        catalog.clock.advance(timedelta(days=1))
    for at, expected in (
        ("2026-09-21T09:00:00+08:00", 8),
        ("2026-09-22T08:59:59+08:00", 8),
        ("2026-09-22T01:00:00Z", 7),
        ("2026-09-23", 7),
        ("2026-12-31", 6),
    ):
        guide = (await catalog.http.get("/items/food", params={"at": at})).json()
        assert guide["promised_limit"]["days"] == expected, at
    assert (await catalog.http.get("/items/food?at=2026-09-22T09:00:00+08:00")).json()["version_number"] == 2, "a bare plus is a plus"
    assert (await catalog.http.get("/items/food", params={"at": "2026-09-20"})).status_code == 404
    for wrong in ("yesterday", "2026-13-01", "2026-09-21T10:00:00", "0", "1600-01-01", "2026-02-30", ""):
        refused = await catalog.http.get("/items/food", params={"at": wrong})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "query:at"), wrong


async def test_every_version_stays_listed_and_readable_page_by_page(catalog: ServiceUnderTest, publish: Publish) -> None:
    made = [(await publish("food", item(visits=visits))).json()["version_id"] for visits in range(4)]
    page = (await catalog.http.get("/items/food/versions?limit=3")).json()
    rest = (await catalog.http.get("/items/food/versions", params={"limit": 3, "cursor": page["next_cursor"]})).json()
    rows = page["data"] + rest["data"]
    assert [row["version_id"] for row in rows] == made[::-1]
    assert [row["is_in_force"] for row in rows] == [True, False, False, False]
    assert {row["origin"] for row in rows} == {"loaded"}
    for visits, version in enumerate(made):
        assert (await catalog.http.get(f"/item-versions/{version}")).json()["visits"] == visits
    assert (await catalog.http.get("/items/none/versions")).status_code == 404


async def test_two_versions_are_compared_in_words(catalog: ServiceUnderTest, publish: Publish) -> None:
    await publish("food", item())
    await publish("food", item(promised_limit={"days": 5}, channels=["1"]))
    told = (await catalog.http.get("/items/food/changes?since=1&until=2")).json()
    assert [change["zh"] for change in told["changes"]] == ["取消办理渠道电脑端", "承诺时限由 8 个工作日改为 5 个工作日"]
    back = (await catalog.http.get("/items/food/changes?since=2&until=1")).json()
    assert [change["en"] for change in back["changes"]] == ["Added channels web", "Promised limit: 5 working days → 8 working days"]
    assert (await catalog.http.get("/items/food/changes?since=1&until=1")).json()["changes"] == []
    assert (await catalog.http.get("/items/food/changes?since=1&until=9")).status_code == 404


async def test_what_was_announced_is_not_replaced_in_silence(catalog: ServiceUnderTest, publish: Publish) -> None:
    await publish("food", item())
    made = await scheduled(catalog, "food", item(visits=2), LATER)
    refused = await publish("food", item(visits=3))
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:tongban:problem:item-version-ahead")
    assert "2026-10-01 09:00" in refused.json()["detail"] and refused.json()["version_id"] == made["version_id"]
    again = await publish("food", item(visits=2))
    assert (again.status_code, again.json()["version_id"], again.json()["is_new"]) == (200, made["version_id"], False)
    later = await scheduled(catalog, "food", item(visits=4), LATER + timedelta(seconds=1))
    assert later["version_number"] == 3


async def test_a_version_is_taken_back_before_it_begins_and_never_after(catalog: ServiceUnderTest, publish: Publish) -> None:
    first = (await publish("food", item())).json()
    made = await scheduled(catalog, "food", item(visits=2), LATER)
    keeper = reviewer(catalog)
    recalled = await keeper.post(f"/item-versions/{made['version_id']}/recall", {"reason": "文件推迟实施"})
    assert (recalled.status_code, recalled.json()["recall_reason"]) == (200, "文件推迟实施")
    assert (await catalog.emitted())[-1]["type"] == "tongban.catalog.item.recalled.v1"
    assert (await keeper.post(f"/item-versions/{made['version_id']}/recall", {"reason": "再次"})).status_code == 409
    in_force = await keeper.post(f"/item-versions/{first['version_id']}/recall", {"reason": "不可能"})
    assert in_force.json()["type"] == "urn:tongban:problem:item-version-in-force"
    assert (await catalog.http.get(f"/item-versions/{made['version_id']}")).json()["visits"] == 2, "it stays readable"
    catalog.clock.set(LATER + timedelta(days=1))
    assert (await catalog.http.get("/items/food")).json()["version_number"] == 1
    assert (await operator(catalog).call("PUT", "/items/food", item())).json()["is_new"] is False
    assert (await operator(catalog).call("PUT", "/items/food", item(visits=2))).json()["version_number"] == 3, "a number is used once"
    with pytest.raises(DBAPIError, match="never changes"):
        async with catalog.runtime.db.write() as tx:
            await tx.execute(text("DELETE FROM item_recalls"))


async def test_nothing_begins_in_the_past(catalog: ServiceUnderTest) -> None:
    draft = await editor(catalog).draft("food", item())
    reviewed = (await reviewer(catalog).review(draft)).json()
    refused = await editor(catalog).publish(reviewed, "2026-09-20")
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:tongban:problem:item-begins-in-the-past")
    assert (await editor(catalog).publish(reviewed, "soon")).json()["errors"][0]["pointer"] == "/effective_from"


async def test_a_load_is_recorded_as_one_and_is_for_the_operator(catalog: ServiceUnderTest) -> None:
    loaded = await operator(catalog).call("PUT", "/items/food", item())
    assert loaded.status_code == 201
    assert (await editor(catalog).call("PUT", "/items/food", item())).status_code == 403
    async with catalog.runtime.db.read() as tx:
        row = await tx.one(text("SELECT origin, reviewed_by FROM item_versions"))
    assert (row["origin"], row["reviewed_by"]) == ("loaded", None)

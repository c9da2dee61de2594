"""Bundles over HTTP: checked, published once, changed, planned, withdrawn; and which of them a changed item touches."""

from datetime import date
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.catalog.commands.load_calendar import load_calendar
from tests.catalog.base_files import ROWS, csv_file, import_file, in_force
from tests.catalog.bundles import bundle, sample_bundles, simple
from tests.catalog.conftest import Publish
from tests.catalog.sample import sample_items
from tests.support.service import ServiceUnderTest

CHANGED = "tongban.catalog.bundle.changed.v1"
LEASE = {"key": "lease", "name": "租赁合同", "source": "applicant"}


async def put(catalog: ServiceUnderTest, admin: dict[str, str], said: dict[str, Any], code: str = "shop", **more: str) -> httpx.Response:
    return await catalog.http.put(f"/bundles/{code}", json=said, headers={**admin, **more})


async def read(catalog: ServiceUnderTest, code: str = "shop") -> Any:
    answer = await catalog.http.get(f"/bundles/{code}")
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
async def shop(catalog: ServiceUnderTest, publish: Publish, admin: dict[str, str]) -> dict[str, Any]:
    """A published bundle of two items that ask for the same lease."""
    for code in ("A", "B"):
        assert (
            await publish(code, simple(name=f"事项{code}", base_code=None, implementation_code=None, materials=[LEASE]))
        ).status_code == 201
    said = bundle("A", {"local_code": "B", "after": ["A"]})
    assert (await put(catalog, admin, said)).status_code == 201
    return said


async def test_a_bundle_is_published_once_and_told_with_all_there_is_of_it(
    catalog: ServiceUnderTest, admin: dict[str, str], shop: dict[str, Any]
) -> None:
    again = await put(catalog, admin, shop)
    assert (again.status_code, again.json()["is_new"], again.headers["etag"]) == (200, False, '"1"')
    [event] = await catalog.emitted(CHANGED)
    seen = await read(catalog)
    assert event["state"] == "published" and event["overall_days"] == seen["guide"]["overall_limit"]["days"] == 16
    assert [(one["local_code"], one["stage"], one["after"]) for one in event["items"]] == [("A", 1, []), ("B", 2, ["A"])]
    assert [[use["item"] for use in one["uses"]] for one in event["materials"]] == [["A", "B"]]
    assert event["form"] == seen["guide"]["form"] and event["version_id"] == seen["version_id"]
    assert seen["changed_items"] == [] and seen["said"]["name"] == "开店一件事"


async def test_a_changed_item_makes_its_bundles_outdated_until_they_are_published_again(
    catalog: ServiceUnderTest, publish: Publish, admin: dict[str, str], shop: dict[str, Any]
) -> None:
    first = await read(catalog)
    await publish("A", simple(name="事项A改", base_code=None, implementation_code=None, materials=[LEASE]))
    assert (await read(catalog))["changed_items"] == ["A"]
    touched = (await catalog.http.get("/bundles", params={"item": "A"})).json()["data"]
    assert [(one["code"], one["is_outdated"]) for one in touched] == [("shop", True)]
    assert (await catalog.http.get("/bundles", params={"outdated": False})).json()["data"] == []
    assert (await put(catalog, admin, shop)).json()["version_number"] == 2
    second = await read(catalog)
    assert second["changed_items"] == [] and second["guide"]["items"][0]["name"] == "事项A改"
    old = (await catalog.http.get(f"/bundle-versions/{first['version_id']}")).json()
    assert old["guide"] == first["guide"] and old["version_number"] == 1
    versions = (await catalog.http.get("/bundles/shop/versions")).json()["data"]
    assert [one["number"] for one in versions] == [2, 1]


async def test_a_conflict_refuses_until_it_is_settled_and_a_check_keeps_nothing(
    catalog: ServiceUnderTest, publish: Publish, admin: dict[str, str], shop: dict[str, Any]
) -> None:
    await publish("B", simple(base_code=None, implementation_code=None, materials=[{**LEASE, "form": "original"}]))
    checked = (await catalog.http.post("/bundle-checks", json=shop, headers=admin)).json()
    assert not checked["may_be_published"] and [one["differing"] for one in checked["conflicts"]] == [["form"]]
    refused = await put(catalog, admin, shop)
    assert (refused.status_code, [one["code"] for one in refused.json()["errors"]]) == (422, ["material-conflict"])
    settled = {**shop, "material_choices": [{"item": "B", "material": "lease", "decision": "as_here"}]}
    assert (await catalog.http.post("/bundle-checks", json=settled, headers=admin)).json()["may_be_published"]
    assert (await read(catalog))["version_number"] == 1
    assert (await put(catalog, admin, settled)).status_code == 201
    assert (await read(catalog))["guide"]["materials"][0]["form"] == "original"


async def test_the_second_of_two_editors_is_told_and_a_bundle_can_be_withdrawn_and_brought_back(
    catalog: ServiceUnderTest, admin: dict[str, str], shop: dict[str, Any]
) -> None:
    renamed = {**shop, "name": "开小店一件事"}
    assert (await put(catalog, admin, renamed, **{"If-Match": '"1"'})).headers["etag"] == '"2"'
    assert (await put(catalog, admin, {**shop, "name": "开大店一件事"}, **{"If-Match": '"1"'})).status_code == 412
    path, because = "/bundles/shop/withdrawal", {"reason": "由省级一件事取代"}
    assert (await catalog.http.post(path, json=because, headers=admin)).status_code == 428
    ended = await catalog.http.post(path, json=because, headers={**admin, "If-Match": '"2"'})
    assert (ended.status_code, ended.json()["withdrawn_because"], ended.headers["etag"]) == (200, because["reason"], '"3"')
    assert (await catalog.http.post(path, json=because, headers={**admin, "If-Match": '"3"'})).json()["type"].endswith("bundle-withdrawn")
    assert (await catalog.http.get("/bundles")).json()["data"] == []
    assert (await put(catalog, admin, renamed)).json()["version_number"] == 3
    assert (await read(catalog))["withdrawn_at"] is None
    assert [one["state"] for one in await catalog.emitted(CHANGED)] == ["published", "published", "withdrawn", "published"]


async def test_bundles_are_found_by_place_with_what_the_places_above_offer(
    catalog: ServiceUnderTest, admin: dict[str, str], shop: dict[str, Any]
) -> None:
    for region, found in (("511602001000", ["shop"]), ("511602000000", ["shop"]), ("511603000000", []), ("511600000000", [])):
        page = (await catalog.http.get("/bundles", params={"region": region})).json()
        assert [one["code"] for one in page["data"]] == found, region


async def test_the_sample_city_s_restaurant_has_one_plan_across_national_day(
    catalog: ServiceUnderTest, publish: Publish, admin: dict[str, str]
) -> None:
    restaurant = sample_bundles()["open-a-restaurant"]
    items = sample_items()
    for one in restaurant["items"]:
        answer = await publish(one["local_code"], items[one["local_code"]])
        assert answer.status_code == 201, answer.text
    assert (await put(catalog, admin, restaurant, "open-a-restaurant")).status_code == 201
    async with catalog.runtime.db.write() as tx:
        await load_calendar(2026, [date(2026, 10, day) for day in (1, 2, 5, 6, 7)], [date(2026, 10, 10)], "国办通知", tx)
    plan = (await catalog.http.get("/bundles/open-a-restaurant/plan", params={"start": "2026-09-29"})).json()
    assert [(one["begins_on"], one["due_on"]) for one in plan["items"]] == [
        ("2026-09-29", "2026-09-30"), ("2026-09-30", "2026-10-16"), ("2026-09-30", "2026-10-10"), ("2026-09-30", "2026-10-15"),
    ]  # fmt: skip
    assert (plan["due_on"], plan["is_provisional"]) == ("2026-10-16", False)
    licence = next(one for one in (await read(catalog, "open-a-restaurant"))["guide"]["materials"] if one["name"] == "营业执照")
    assert licence["comes_from"] == restaurant["items"][0]["local_code"] and len(licence["uses"]) == 3


async def test_an_unknown_bundle_is_not_found_and_an_unknown_region_is_refused(
    catalog: ServiceUnderTest, admin: dict[str, str], shop: dict[str, Any]
) -> None:
    for path in (
        "/bundles/none",
        "/bundles/none/plan?start=2026-09-01",
        "/bundles/none/versions",
        f"/bundle-versions/{'0' * 8}-0000-7000-8000-{'0' * 12}",
    ):
        answer = await catalog.http.get(path)
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:tongban:problem:bundle-unknown"), path
    elsewhere = await put(catalog, admin, {**shop, "region_code": "519999000000"}, "elsewhere")
    assert "region-unknown" in [one["code"] for one in elsewhere.json()["errors"]]


async def test_the_review_of_a_base_catalog_tells_which_bundles_a_difference_touches(
    catalog: ServiceUnderTest, publish: Publish, admin: dict[str, str]
) -> None:
    await publish("food", simple())
    await publish("other", simple(base_code=None, implementation_code=None))
    assert (await put(catalog, admin, bundle("food", "other"))).status_code == 201
    await in_force(catalog, admin)
    renamed = (("000131024000", "食品经营许可（含备案）", *ROWS[0][2:]), *ROWS[1:])
    edition = (await import_file(catalog, admin, csv_file(renamed))).json()
    listed = await catalog.http.get(f"/base-catalogs/sichuan/editions/{edition['number']}/differences", headers=admin)
    [difference] = listed.json()["data"]
    touched = (await catalog.http.get(f"/base-differences/{difference['id']}/implementations", headers=admin)).json()["data"]
    assert [(one["local_code"], one["bundles"]) for one in touched] == [("food", [{"code": "shop", "name": "开店一件事"}])]


async def test_a_published_version_of_a_bundle_never_changes(catalog: ServiceUnderTest, shop: dict[str, Any]) -> None:
    for statement in ("UPDATE bundle_versions SET number = 7", "DELETE FROM bundle_versions", "TRUNCATE bundle_versions CASCADE"):
        with pytest.raises(DBAPIError, match="kept as they were"):
            async with catalog.runtime.db.write() as tx:
                await tx.execute(text(statement))

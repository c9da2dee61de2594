"""A service that comes late is told how everything stands."""

from datetime import timedelta
from typing import Any

from tests.catalog.base_files import ROWS, in_force
from tests.catalog.bundles import bundle, simple
from tests.catalog.conftest import Publish
from tests.catalog.list_files import LISTED, list_file, send_list
from tests.catalog.officials import above, editor, reviewer, scheduled
from tests.catalog.sample import CITY_REGIONS, item
from tests.support.service import MONDAY_MORNING, ServiceUnderTest

BASE_ENTRY, LIST_ENTRY = "tongban.catalog.base-entry.changed.v1", "tongban.catalog.list-entry.changed.v1"


async def retell(catalog: ServiceUnderTest, admin: dict[str, str], kind: str, limit: int) -> list[int]:
    """How many were told at each page."""
    counts: list[int] = []
    query: dict[str, Any] = {"limit": limit}
    while True:
        answer = await catalog.http.post(f"/retellings/{kind}", params=query, headers=admin)
        assert answer.status_code == 200, answer.text
        counts.append(answer.json()["count"])
        if answer.json()["next_cursor"] is None:
            return counts
        query["cursor"] = answer.json()["next_cursor"]


def state(event: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in event.items() if name != "changed_at"}


async def test_everything_is_told_again_as_it_stands_page_by_page(
    catalog: ServiceUnderTest, admin: dict[str, str], publish: Publish
) -> None:
    for year in (2025, 2026):
        notice = {"holidays": [f"{year}-10-01"], "workdays": [], "source": "国办通知"}
        await catalog.http.put(f"/calendar/{year}", json=notice, headers=admin)
    for code in ("A", "B"):
        await publish(code, simple(name=code, base_code=None, implementation_code=None))
    await catalog.http.put("/bundles/shop", json=bundle("A", "B"), headers=admin)
    await catalog.http.post("/bundles/shop/withdrawal", json={"reason": "不办了"}, headers={**admin, "If-Match": '"1"'})
    changes = [{"effective_on": "2020-07-01", "kind": "merged", "old_code": "511603000000", "new_code": "511602000000"}]
    await catalog.http.post("/region-changes", json={"changes": changes}, headers=admin)

    told: dict[tuple[str, str], dict[str, Any]] = {}
    for event in await catalog.emitted():
        key = next((str(event[name]) for name in ("code", "year") if name in event), None)
        if key is not None:
            told[event["type"], key] = state(event)
    before = len(await catalog.emitted())
    assert await retell(catalog, admin, "regions", 2) == [2, 2, 1]
    assert await retell(catalog, admin, "calendar", 5) == [2]
    assert await retell(catalog, admin, "bundles", 5) == [1]
    again = (await catalog.emitted())[before:]
    assert len(again) == len(CITY_REGIONS) + 3
    for event in again:
        assert state(event) == told[event["type"], str(event.get("code", event.get("year")))]


async def test_entries_of_base_catalogs_are_told_again_with_the_codes_that_lead_to_them(
    catalog: ServiceUnderTest, admin: dict[str, str]
) -> None:
    food, trader, *_, disability = ROWS
    await in_force(catalog, admin)
    await in_force(catalog, admin, (("000131024001", *food[1:]), (trader[0], "个体工商户设立登记", *trader[2:]), *ROWS[2:-1]))
    told = {event["code"]: event for event in await catalog.emitted(BASE_ENTRY)}
    assert (told[food[0]]["moved_to"], told[disability[0]]["state"]) == ("000131024001", "deleted")
    before = len(await catalog.emitted())
    assert await retell(catalog, admin, "base-entries", 3) == [3, len(ROWS) - 3]
    again = (await catalog.emitted())[before:]
    assert len(again) == len(told) == len(ROWS) + 1
    assert {event["code"]: event for event in again} == told


async def test_entries_of_lists_are_told_when_they_change_and_again_as_they_stand(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    first, second, third = LISTED
    await send_list(catalog, admin, list_file())
    told = {event["code"]: event for event in await catalog.emitted(LIST_ENTRY)}
    assert set(told) == {first[0], second[0], third[0]}
    assert told[second[0]] == {
        "type": LIST_ENTRY, "list_kind": "power", "region_code": "511602000000", "code": "P-2",
        "state": "in_force", "name": "烟草专卖零售许可", "department": "烟草专卖局", "base_code": None, "items": ["tobacco", "tobacco-2"],
        "elements": {"legal_basis": "烟草专卖法第十六条"}, "edition": 1, "issued_on": "2026-09-01", "source": "区政府办",
        "changed_at": "2026-09-21T01:00:00Z",
    }  # fmt: skip
    catalog.clock.advance(timedelta(days=30))
    admin = catalog.as_("service", "catalog.admin")
    await send_list(catalog, admin, list_file((first, (second[0], "烟草专卖零售许可证核发", *second[2:]))), issued_on="2026-10-01")
    changed, removed = (await catalog.emitted(LIST_ENTRY))[3:]
    assert (changed["name"], changed["state"], changed["edition"]) == ("烟草专卖零售许可证核发", "in_force", 2)
    assert removed == {**told["P-3"], "state": "removed", "edition": 2, "issued_on": "2026-10-01", "changed_at": "2026-10-21T01:00:00Z"}
    assert await retell(catalog, admin, "lists", 2) == [2, 1]
    assert (await catalog.emitted(LIST_ENTRY))[5:] == [told["P-1"], changed, removed]


async def test_items_are_told_again_with_what_lies_ahead_and_how_they_stand(
    catalog: ServiceUnderTest, publish: Publish, admin: Any
) -> None:
    """`ending` is frozen now and ends later, `running` was frozen and goes on, `gone` is no more."""
    for code in ("ending", "gone", "plain", "running"):
        await publish(code, item())
    await publish("plain", item(visits=2))
    await scheduled(catalog, "plain", item(visits=3), MONDAY_MORNING + timedelta(days=20))
    for code, kind, when in (("ending", "withdraw", "2026-11-01"), ("gone", "withdraw", "2026-10-01"), ("running", "restart", None)):
        if code != "gone":
            assert (await reviewer(catalog).post(f"/items/{code}/freeze", {"reason": "停用"})).status_code == 200
        asked = await editor(catalog).post(f"/items/{code}/requests", {"kind": kind, "reason": "改革", "takes_effect_at": when})
        decision = {"decision": "approved", "opinion": f"同意{code}"}
        assert (await above(catalog).call("PUT", f"/item-requests/{asked.json()['id']}/decision", decision)).status_code == 200
    catalog.clock.advance(timedelta(days=12))
    before = len(await catalog.emitted())
    assert await retell(catalog, catalog.as_("service", "catalog.admin"), "items", 3) == [3, 1]
    again = (await catalog.emitted())[before:]
    assert [(event["local_code"], event["type"].split(".")[3], event["version_number"]) for event in again] == [
        ("ending", "published", 1), ("ending", "frozen", 1), ("ending", "withdrawn", 1), ("gone", "published", 1), ("gone", "withdrawn", 1),
        ("plain", "published", 2), ("plain", "scheduled", 3), ("running", "published", 1), ("running", "restarted", 1),
    ]  # fmt: skip
    frozen, ending, gone, running = again[1], again[2], again[4], again[8]
    assert (frozen["standing"]["state"], ending["standing"]["state"], ending["standing"]["since"]) == (
        "frozen", "withdrawn", "2026-10-31T16:00:00Z",
    )  # fmt: skip
    assert (ending["opinion"], gone["opinion"], running["opinion"]) == ("同意ending", "同意gone", "同意running")
    firsts = {
        (event["local_code"], event["type"], event["version_number"]): event
        for event in (await catalog.emitted())[:before]
        if "local_code" in event
    }
    for event in (gone, running, again[6]):
        assert event == firsts[event["local_code"], event["type"], event["version_number"]]

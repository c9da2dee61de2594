"""Items frozen, restarted by a recorded procedure, withdrawn with where they went; delegated to those below."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.catalog.conftest import Publish
from tests.catalog.officials import above, editor, operator, reviewer
from tests.catalog.sample import item
from tests.support.service import MONDAY_MORNING, ServiceUnderTest

REASON = {"reason": "业务系统升级，暂停受理"}
STREET = "511602001000"
STREET_OFFICE = "11511602DEM000030F"


def delegation(**changes: Any) -> dict[str, Any]:
    return {
        "authority_code": STREET_OFFICE,
        "authority_name": "浓洄街道办事处",
        "region_code": STREET,
        "document": "广区府发〔2026〕12号",
        "valid_from": "2026-10-01",
        "valid_until": "2027-09-30",
        **changes,
    }


async def ask(official: Any, kind: str, **more: Any) -> Any:
    return await official.post("/items/food/requests", {"kind": kind, "reason": "整改完成，恢复受理", **more})


async def decide(official: Any, request: dict[str, Any], decision: str = "approved") -> Any:
    return await official.call("PUT", f"/item-requests/{request['id']}/decision", {"decision": decision, "opinion": "同意"})


async def test_a_frozen_item_is_still_found_and_says_since_when_and_why(catalog: ServiceUnderTest, publish: Publish) -> None:
    await publish("food", item())
    before = await catalog.http.get("/items/food")
    frozen = await reviewer(catalog).post("/items/food/freeze", {**REASON, "document": "内部〔2026〕3号"})
    assert (frozen.status_code, frozen.json()["state"]) == (200, "frozen")
    after = await catalog.http.get("/items/food", headers={"If-None-Match": before.headers["etag"]})
    assert (after.status_code, after.json()["version_number"]) == (200, 1), "the tag names how the item stands too"
    standing = {"state": "frozen", "since": "2026-09-21T01:00:00Z", **REASON, "document": "内部〔2026〕3号", "moved_to": None}
    assert after.json()["standing"] == standing
    [listed] = (await catalog.http.get("/items", params={"q": "开饭店"})).json()["data"]
    assert listed["standing"] == "frozen"
    told = (await catalog.emitted())[-1]
    assert (told["type"], told["standing"]["reason"], told["name"]) == ("tongban.catalog.item.frozen.v1", REASON["reason"], "食品经营许可")
    again = await reviewer(catalog).post("/items/food/freeze", REASON)
    assert (again.status_code, again.json()["type"]) == (409, "urn:tongban:problem:item-stands-so")


async def test_a_restart_is_requested_by_one_and_decided_by_another_above(catalog: ServiceUnderTest, publish: Publish) -> None:
    await publish("food", item())
    assert (await ask(editor(catalog), "restart")).status_code == 409, "only what is frozen is restarted"
    await reviewer(catalog).post("/items/food/freeze", REASON)
    asked = (await ask(editor(catalog), "restart", document="整改报告〔2026〕1号")).json()
    waiting = await ask(reviewer(catalog), "restart")
    assert (waiting.status_code, waiting.json()["waiting_request"]) == (409, asked["id"])
    assert (await decide(reviewer(catalog), asked)).json()["type"] == "urn:tongban:problem:item-of-another-authority"
    catalog.clock.advance(timedelta(hours=1))
    decided = await decide(above(catalog), asked)
    assert (decided.status_code, decided.json()["decision"], decided.json()["decided_by_name"]) == (200, "approved", "赵六")
    assert (await catalog.http.get("/items/food")).json()["standing"]["state"] == "active"
    told = (await catalog.emitted())[-1]
    assert (told["type"], told["request_id"], told["opinion"]) == ("tongban.catalog.item.restarted.v1", asked["id"], "同意")
    assert (told["standing"]["state"], told["standing"]["document"]) == ("active", "整改报告〔2026〕1号")
    assert (await decide(operator(catalog), asked)).json()["type"] == "urn:tongban:problem:item-request-decided"
    states = [row["state"] for row in (await catalog.http.get("/items/food/standings")).json()["data"]]
    assert states == ["frozen", "active"]
    rows = (await editor(catalog).get("/items/food/requests")).json()["data"]
    assert [(row["requested_by_name"], row["decided_by_name"]) for row in rows] == [("李四", "赵六")]


async def test_who_requests_does_not_decide_and_a_refusal_changes_nothing(catalog: ServiceUnderTest, publish: Publish) -> None:
    await publish("food", item())
    keeper = operator(catalog)
    await keeper.post("/items/food/freeze", REASON)
    asked = (await ask(keeper, "restart")).json()
    assert (await decide(keeper, asked)).json()["type"] == "urn:tongban:problem:item-own-request"
    assert (await decide(above(catalog), asked, "refused")).json()["decision"] == "refused"
    assert (await catalog.http.get("/items/food")).json()["standing"]["state"] == "frozen"
    assert (await ask(keeper, "restart")).status_code == 201, "another may be made"
    for statement in (
        "UPDATE item_standings SET state = 'active'",
        "DELETE FROM item_standings",
        "INSERT INTO item_standings VALUES ('food', 2, 'active', now(), 'x', NULL, NULL, NULL, 'x', now())",
        "UPDATE item_requests SET decided_by = requested_by",
    ):
        with pytest.raises(DBAPIError, match=r"never changes|ck_item_standings_requested|ck_item_requests"):
            async with catalog.runtime.db.write() as tx:
                await tx.execute(text(statement))


async def test_a_withdrawn_code_answers_gone_with_where_it_went(catalog: ServiceUnderTest, publish: Publish) -> None:
    first = (await publish("food", item())).json()
    await publish("catering", item(name="餐饮许可"))
    wrong = await ask(editor(catalog), "withdraw", moved_to="none")
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/moved_to")
    asked = (await ask(editor(catalog), "withdraw", moved_to="catering", takes_effect_at="2026-10-01")).json()
    assert (await decide(above(catalog), asked)).status_code == 200
    told = (await catalog.emitted())[-1]
    assert (told["type"], told["standing"]["since"], told["standing"]["moved_to"]) == (
        "tongban.catalog.item.withdrawn.v1", "2026-09-30T16:00:00Z", "catering",
    )  # fmt: skip
    guide = (await catalog.http.get("/items/food")).json()
    assert (guide["standing"]["state"], guide["holds_until"]) == ("active", "2026-09-30T16:00:00Z")
    assert (await ask(editor(catalog), "withdraw")).status_code == 409, "it is decided already"
    catalog.clock.set(MONDAY_MORNING + timedelta(days=9, hours=15))
    gone = await catalog.http.get("/items/food")
    assert (gone.status_code, gone.json()["type"], gone.json()["moved_to"]) == (410, "urn:tongban:problem:item-withdrawn", "catering")
    assert "2026-10-01 00:00" in gone.json()["detail"]
    assert [row["local_code"] for row in (await catalog.http.get("/items")).json()["data"]] == ["catering"]
    assert [row["local_code"] for row in (await catalog.http.get("/items", params={"q": "食品经营"})).json()["data"]] == ["catering"]
    assert (await catalog.http.get(f"/item-versions/{first['version_id']}")).status_code == 200, "an application keeps its version"
    assert (await catalog.http.get("/items/food", params={"at": "2026-09-25"})).status_code == 200
    for refused in (
        await operator(catalog).call("PUT", "/items/food", item(visits=3)),
        await editor(catalog).post("/item-drafts", {"local_code": "food"}),
        await reviewer(catalog).post("/items/food/freeze", REASON),
        await ask(editor(catalog), "withdraw"),
    ):
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:tongban:problem:item-ended")


async def test_an_item_is_delegated_below_from_one_day_until_another(catalog: ServiceUnderTest, publish: Publish) -> None:
    await publish("food", item())
    made = await reviewer(catalog).post("/items/food/delegations", delegation())
    assert (made.status_code, made.json()["begins_at"], made.json()["ends_at"]) == (201, "2026-09-30T16:00:00Z", "2027-09-30T16:00:00Z")
    assert (await catalog.emitted())[-1]["delegations"][0]["document"] == "广区府发〔2026〕12号"
    before = await catalog.http.get("/items/food")
    assert before.json()["delegations"] == []
    catalog.clock.set(MONDAY_MORNING + timedelta(days=10))
    within = await catalog.http.get("/items/food", headers={"If-None-Match": before.headers["etag"]})
    assert [row["authority_name"] for row in within.json()["delegations"]] == ["浓洄街道办事处"]
    assert within.json()["holds_until"] == "2027-09-30T16:00:00Z"
    after = (await catalog.http.get("/items/food", params={"at": "2027-10-01"})).json()
    assert after["delegations"] == []
    ended = await reviewer(catalog).post(f"/item-delegations/{made.json()['id']}/end", {"reason": "收回行使"})
    assert (ended.status_code, ended.json()["ends_at"]) == (200, "2026-10-01T01:00:00Z")
    assert (await catalog.http.get("/items/food")).json()["delegations"] == []
    again = await reviewer(catalog).post(f"/item-delegations/{made.json()['id']}/end", {"reason": "再次"})
    assert again.json()["type"] == "urn:tongban:problem:item-delegation-ended"
    listed = (await catalog.http.get("/items/food/delegations")).json()["data"]
    assert [(row["end_reason"], row["document"]) for row in listed] == [("收回行使", "广区府发〔2026〕12号")]


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"region_code": "511602000000"}, "/region_code", "region-not-below"),
        ({"region_code": "511603000000"}, "/region_code", "region-not-below"),
        ({"authority_code": "11511602DEM000014R"}, "/authority_code", "own-authority"),
        ({"authority_code": "11511602DEM0000300"}, "/authority_code", "authority-code-invalid"),
        ({"valid_from": "2026-09-20"}, "/valid_from", "in-the-past"),
        ({"valid_until": "2026-09-30"}, "/valid_until", "before-start"),
        ({"valid_until": "2037-10-01"}, "/valid_until", "too-long"),
        ({"valid_until": "9999-12-31"}, "/valid_until", "less_than_equal"),
        ({"document": ""}, "/document", "string_too_short"),
    ],
)
async def test_a_delegation_that_cannot_stand_is_refused(
    catalog: ServiceUnderTest, publish: Publish, change: dict[str, Any], pointer: str, code: str
) -> None:
    await publish("food", item())
    refused = await reviewer(catalog).post("/items/food/delegations", delegation(**change))
    assert refused.status_code == 422
    assert [(error["pointer"], error["code"]) for error in refused.json()["errors"]] == [(pointer, code)]


async def test_one_place_is_delegated_to_one_authority_at_a_time(catalog: ServiceUnderTest, publish: Publish) -> None:
    await publish("food", item())
    assert (await reviewer(catalog).post("/items/food/delegations", delegation())).status_code == 201
    overlapping = delegation(authority_code="11511602DEM000049C", valid_from="2027-09-30", valid_until="2028-01-01")
    refused = await reviewer(catalog).post("/items/food/delegations", overlapping)
    assert [error["code"] for error in refused.json()["errors"]] == ["delegated-already"]
    following = {**overlapping, "valid_from": "2027-10-01"}
    assert (await reviewer(catalog).post("/items/food/delegations", following)).status_code == 201
    unknown = await reviewer(catalog).post("/items/food/delegations", delegation(region_code="511602999000"))
    assert unknown.json()["type"] == "urn:tongban:problem:region-unknown"

"""Drafts: written, reviewed by another, published from an instant on."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.catalog.conftest import Publish
from tests.catalog.officials import DISTRICT, editor, operator, reviewer, system
from tests.catalog.sample import AUTHORITY, item
from tests.support.service import ServiceUnderTest


async def test_what_one_writes_another_reviews_and_the_version_says_who(catalog: ServiceUnderTest) -> None:
    writer, other = editor(catalog), reviewer(catalog)
    draft = await writer.draft("food", item())
    assert (draft["state"], draft["version"], draft["based_on"], draft["findings"]) == ("draft", 1, 0, [])
    assert (await catalog.http.get("/items/food")).status_code == 404
    reviewed = await other.review(draft)
    assert (reviewed.status_code, reviewed.json()["state"], reviewed.json()["reviewed_by_name"]) == (200, "reviewed", "王五")
    published = await writer.publish(reviewed.json())
    assert (published.status_code, published.json()["version_number"]) == (201, 1)
    guide = (await catalog.http.get("/items/food")).json()
    assert (guide["version_id"], guide["standing"]["state"]) == (published.json()["version_id"], "active")
    async with catalog.runtime.db.read() as tx:
        row = await tx.one(text("SELECT origin, written_by, reviewed_by FROM item_versions"))
    assert (row["origin"], row["written_by"], row["reviewed_by"]) == ("drafted", [writer.hand], other.hand)
    [listed] = (await catalog.http.get("/items", params={"q": "开饭店"})).json()["data"]
    assert listed["version_number"] == 1


async def test_nobody_reviews_what_they_had_a_hand_in(catalog: ServiceUnderTest) -> None:
    writer, one, two = editor(catalog), reviewer(catalog), reviewer(catalog, name="钱七")
    draft = await one.draft("food", item())
    assert (await one.review(draft)).json()["type"].endswith("item-own-work")
    changed = (await writer.change(draft, item(visits=2))).json()
    assert (await one.review(changed)).status_code == 403, "the first writer stays one"
    assert (await writer.review(changed)).status_code == 403
    assert (await two.review(changed)).status_code == 200
    with pytest.raises(DBAPIError, match="another_reviewed"):
        async with catalog.runtime.db.write() as tx:
            await tx.execute(text("UPDATE item_drafts SET reviewed_by = writers[1]"))


async def test_a_change_voids_the_review(catalog: ServiceUnderTest) -> None:
    writer, other = editor(catalog), reviewer(catalog)
    draft = await writer.draft("food", item())
    reviewed = (await other.review(draft)).json()
    changed = (await writer.change(reviewed, item(visits=3))).json()
    assert (changed["state"], changed["reviewed_by"]) == ("draft", None)
    refused = await writer.publish(changed)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:tongban:problem:item-draft-closed")


async def test_the_second_of_two_editors_is_told_what_changed_by_whom_and_when(catalog: ServiceUnderTest) -> None:
    one, two = editor(catalog, name="李四"), editor(catalog, name="孙八")
    draft = await one.draft("food", item())
    assert (await one.change(draft, item(promised_limit={"days": 5}, name="食品经营许可（新）"))).status_code == 200
    late = await two.change(draft, item(visits=3))
    assert late.status_code == 412
    problem = late.json()
    assert (problem["seen"], problem["actual"], problem["changed_by"], problem["changed_at"]) == (1, 2, "李四", "2026-09-21 09:00")
    assert [error["detail"] for error in problem["errors"]] == [
        "名称由“食品经营许可”改为“食品经营许可（新）”",
        "承诺时限由 8 个工作日改为 5 个工作日",
    ]
    assert "李四" in problem["detail"] and problem["changed"] == [{"by": "李四", "at": "2026-09-21T01:00:00+00:00", "action": "changed"}]
    english = await two.call("PUT", f"/item-drafts/{draft['id']}", {"content": item()}, seen=1, **{"Accept-Language": "en"})
    assert english.json()["errors"][1]["detail"] == "Promised limit: 8 working days → 5 working days"
    assert (await two.call("PUT", f"/item-drafts/{draft['id']}", {"content": item()})).status_code == 428
    stale = await two.change(draft, item(), seen=99)
    assert (stale.status_code, stale.json().get("errors")) == (412, None)


async def test_of_many_who_change_one_draft_at_once_one_wins(catalog: ServiceUnderTest) -> None:
    draft = await editor(catalog).draft("food", item())
    answers = await asyncio.gather(*(editor(catalog).change(draft, item(visits=visits)) for visits in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]


async def test_a_draft_of_an_older_version_must_take_in_the_newer_first(catalog: ServiceUnderTest, publish: Publish) -> None:
    writer, other = editor(catalog), reviewer(catalog)
    await publish("food", item())
    draft = await writer.draft("food")
    assert (draft["based_on"], draft["changes"]) == (1, [])
    await publish("food", item(promised_limit={"days": 6}))
    changed = (await writer.change(draft, item(visits=2))).json()
    refused = await other.review(changed)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:tongban:problem:item-draft-outdated")
    assert [error["detail"] for error in refused.json()["errors"]] == ["承诺时限由 8 个工作日改为 6 个工作日"]
    assert (refused.json()["based_on"], refused.json()["newest"]) == (1, 2)
    merged = (await writer.change(changed, item(visits=2, promised_limit={"days": 6}), based_on=2)).json()
    assert [change["zh"] for change in merged["changes"]] == ["到场次数由 1 改为 2"]
    reviewed = (await other.review(merged)).json()
    await publish("food", item(promised_limit={"days": 5}))
    assert (await writer.publish(reviewed)).json()["type"].endswith("item-draft-outdated"), "also between review and publication"


async def test_a_draft_may_be_unlawful_and_a_review_may_not_approve_it(catalog: ServiceUnderTest) -> None:
    writer, other = editor(catalog), reviewer(catalog)
    draft = await writer.draft("food", item(promised_limit={"days": 90}))
    assert [finding["rule"] for finding in draft["findings"]] == ["promise-exceeds-law"]
    refused = await other.review(draft)
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:tongban:problem:publication-refused")
    returned = await other.review(draft, "returned")
    assert (returned.json()["state"], returned.json()["opinion"]) == ("draft", "已核对")
    assert await catalog.emitted("tongban.catalog.item.published.v1") == []


async def test_the_history_of_a_draft_says_who_did_what(catalog: ServiceUnderTest) -> None:
    writer, other = editor(catalog), reviewer(catalog)
    draft = await writer.draft("food", item())
    await other.review(draft, "returned")
    changed = (await writer.change(draft, item(visits=2), seen=2)).json()
    gone = await writer.call("DELETE", f"/item-drafts/{draft['id']}", seen=changed["version"])
    assert gone.json()["state"] == "discarded"
    steps = (await writer.get(f"/item-drafts/{draft['id']}/history")).json()["data"]
    assert [(step["action"], step["done_by_name"]) for step in steps] == [
        ("started", "李四"), ("returned", "王五"), ("changed", "李四"), ("discarded", "李四"),
    ]  # fmt: skip
    assert [change["zh"] for change in steps[2]["changes"]] == ["到场次数由 1 改为 2"]
    for statement in ("UPDATE item_draft_changes SET done_by_name = 'x'", "DELETE FROM item_draft_changes"):
        with pytest.raises(DBAPIError, match="never changes"):
            async with catalog.runtime.db.write() as tx:
                await tx.execute(text(statement))


async def test_drafts_are_listed_newest_first_page_by_page(catalog: ServiceUnderTest) -> None:
    writer = editor(catalog)
    made = [(await writer.draft(f"item-{at}", item()))["id"] for at in range(3)]
    page = (await writer.get("/item-drafts?limit=2")).json()
    rest = (await writer.get(f"/item-drafts?limit=2&cursor={page['next_cursor']}")).json()
    assert [row["id"] for row in page["data"] + rest["data"]] == made[::-1] and rest["next_cursor"] is None
    assert [row["id"] for row in (await writer.get("/item-drafts?local_code=item-1&state=draft")).json()["data"]] == [made[1]]
    assert (await writer.get("/item-drafts?state=published")).json()["data"] == []


async def test_a_system_drafts_for_its_department_and_the_operator_for_all(catalog: ServiceUnderTest) -> None:
    draft = await system(catalog).draft("food", item())
    assert (draft["authority_code"], draft["region_code"]) == (AUTHORITY, DISTRICT)
    assert (await operator(catalog).draft("other", item()))["state"] == "draft"
    assert (await reviewer(catalog).review(draft)).status_code == 200
    assert (await system(catalog).review(draft)).status_code == 403, "a review is a person's"

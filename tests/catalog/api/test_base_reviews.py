"""Reviews over HTTP: what an edition changes is decided one by one or together, and takes effect when it is accepted."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from services.catalog.store import drift as drift_store
from tests.catalog.base_files import ROWS, Rows, csv_file, decide_all, import_file, in_force
from tests.catalog.conftest import Publish
from tests.catalog.sample import AUTHORITY, item
from tests.support.service import ServiceUnderTest

FOOD, TRADER, TOBACCO, DISABILITY = ROWS
CHANGED: Rows = (
    ("000131024001", *FOOD[1:]),
    (TRADER[0], "个体工商户设立登记", *TRADER[2:]),
    (*TOBACCO[:4], "烟草专卖法第十六条、实施条例第六条"),
    ("000123001000", "医疗机构执业登记", "卫生健康委员会", "行政许可", "医疗机构管理条例第十五条"),
)


async def _differences(service: ServiceUnderTest, admin: dict[str, str], number: int, **query: Any) -> list[dict[str, Any]]:
    answer = await service.http.get(f"/base-catalogs/sichuan/editions/{number}/differences", params=query, headers=admin)
    assert answer.status_code == 200, answer.text
    data: list[dict[str, Any]] = answer.json()["data"]
    return data


async def _decide(service: ServiceUnderTest, admin: dict[str, str], one: dict[str, Any], decision: str, *, seen: int = 1) -> Any:
    body = {"decision": decision, "reason": "经核对"}
    return await service.http.put(f"/base-differences/{one['id']}/decision", json=body, headers={**admin, "If-Match": f'"{seen}"'})


async def _entry(service: ServiceUnderTest, code: str) -> Any:
    return await service.http.get(f"/base-catalogs/sichuan/entries/{code}")


async def test_a_review_lists_each_kind_of_difference_once(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    await in_force(catalog, admin)
    edition = (await import_file(catalog, admin, csv_file(CHANGED))).json()
    assert edition["differences"]["kinds"] == {"recoded": 1, "renamed": 1, "changed": 1, "deleted": 1, "added": 1}
    recoded, renamed, changed, deleted, added = await _differences(catalog, admin, 2)
    assert (recoded["kind"], recoded["confidence"]) == ("recoded", 1.0)
    assert recoded["changes"] == [{"field": "code", "before": "000131024000", "after": "000131024001"}]
    assert renamed["changes"] == [{"field": "name", "before": "个体工商户登记注册", "after": "个体工商户设立登记"}]
    assert [change["field"] for change in changed["changes"]] == ["legal_basis"]
    assert (deleted["kind"], deleted["before"]["name"], deleted["after"]) == ("deleted", "残疾人证办理", None)
    assert (added["kind"], added["before"], added["after"]["department"]) == ("added", None, "卫生健康委员会")


async def test_a_review_is_paged_and_narrowed(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    await in_force(catalog, admin)
    await import_file(catalog, admin, csv_file(CHANGED))
    path = "/base-catalogs/sichuan/editions/2/differences"
    seen, cursor = [], None
    while True:
        query = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = (await catalog.http.get(path, params=query, headers=admin)).json()
        seen += [one["kind"] for one in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == ["recoded", "renamed", "changed", "deleted", "added"]
    assert [one["kind"] for one in await _differences(catalog, admin, 2, kind="deleted")] == ["deleted"]
    assert [one["kind"] for one in await _differences(catalog, admin, 2, department="市场监管局")] == ["recoded", "renamed"]
    assert await _differences(catalog, admin, 2, most_confidence=0.5) == []
    await _decide(catalog, admin, (await _differences(catalog, admin, 2))[0], "postponed")
    assert [one["kind"] for one in await _differences(catalog, admin, 2, decision="postponed")] == ["recoded"]
    assert len(await _differences(catalog, admin, 2, decision="undecided")) == 4
    first = (await catalog.http.get(path, params={"limit": 2}, headers=admin)).json()
    foreign = await catalog.http.get(path, params={"cursor": first["next_cursor"], "kind": "added"}, headers=admin)
    assert (foreign.status_code, foreign.json()["type"]) == (400, "urn:tongban:problem:cursor-invalid")


async def test_each_decision_says_who_when_and_why_and_the_review_ends_with_the_last(
    catalog: ServiceUnderTest, admin: dict[str, str]
) -> None:
    await in_force(catalog, admin)
    await import_file(catalog, admin, csv_file(CHANGED))
    recoded, renamed, changed, deleted, added = await _differences(catalog, admin, 2)
    for one, decision in ((recoded, "accepted"), (renamed, "rejected"), (changed, "postponed"), (deleted, "accepted")):
        answer = await _decide(catalog, admin, one, decision)
        assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
        [taken] = answer.json()["decisions"]
        assert (taken["decision"], taken["reason"], taken["decided_at"]) == (decision, "经核对", "2026-09-21T01:00:00Z")
        assert taken["decided_by"].startswith("service:")
    await _decide(catalog, admin, added, "accepted")
    edition = (await catalog.http.get("/base-catalogs/sichuan/editions/2", headers=admin)).json()
    assert (edition["state"], edition["differences"]["postponed"]) == ("open", 1)
    answer = await _decide(catalog, admin, changed, "accepted", seen=2)
    assert [one["decision"] for one in answer.json()["decisions"]] == ["postponed", "accepted"]
    assert (await catalog.http.get("/base-catalogs/sichuan/editions/2", headers=admin)).json()["state"] == "finished"
    listed = (await catalog.http.get("/base-catalogs/sichuan/entries")).json()["data"]
    assert {(one["code"], one["name"]) for one in listed} == {
        ("000131024001", "食品经营许可"), (TRADER[0], "个体工商户登记注册"), (TOBACCO[0], "烟草专卖零售许可"), ("000123001000", "医疗机构执业登记"),
    }  # fmt: skip
    tobacco = (await _entry(catalog, TOBACCO[0])).json()
    assert (tobacco["elements"]["legal_basis"], tobacco["edition"]) == ("烟草专卖法第十六条、实施条例第六条", 2)
    gone = (await _entry(catalog, DISABILITY[0])).json()
    assert (gone["is_deleted"], gone["name"]) == (True, "残疾人证办理")


async def test_what_is_accepted_is_told_with_full_state_and_nothing_else_is(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    await in_force(catalog, admin)
    await import_file(catalog, admin, csv_file(CHANGED))
    recoded, renamed, changed, deleted, _ = await _differences(catalog, admin, 2)
    told_before = len(await catalog.emitted())
    for one, decision in ((renamed, "rejected"), (changed, "postponed"), (recoded, "accepted"), (deleted, "accepted")):
        await _decide(catalog, admin, one, decision)
    new, old, gone = (await catalog.emitted())[told_before:]
    entry = {"name": "食品经营许可", "department": "市场监管局", "elements": {"item_type": "01", "legal_basis": "食品安全法第三十五条"}}
    fact = {"type": "tongban.catalog.base-entry.changed.v1", "catalog": "sichuan", "edition": 2, "issued_on": "2026-09-01"}
    when = {"changed_at": "2026-09-21T01:00:00Z", "change": "recoded"}
    assert new == {
        **entry, **fact, **when, "code": "000131024001", "state": "current", "moved_to": None, "old_codes": ["000131024000"],
    }  # fmt: skip
    assert old == {**entry, **fact, **when, "code": "000131024000", "state": "recoded", "moved_to": "000131024001", "old_codes": []}
    assert (gone["code"], gone["state"], gone["name"], gone["change"]) == (DISABILITY[0], "deleted", "残疾人证办理", "deleted")


async def test_an_accepted_difference_is_final_and_a_stale_decision_is_refused(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    await in_force(catalog, admin)
    await import_file(catalog, admin, csv_file(CHANGED))
    one = (await _differences(catalog, admin, 2))[0]
    unseen = await catalog.http.put(f"/base-differences/{one['id']}/decision", json={"decision": "accepted", "reason": "x"}, headers=admin)
    assert unseen.status_code == 428
    answers = await asyncio.gather(*(_decide(catalog, admin, one, decision) for decision in ("accepted", "rejected", "postponed")))
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412]
    await _decide(catalog, admin, one, "accepted", seen=2)
    final = await _decide(catalog, admin, one, "rejected", seen=(await _version(catalog, admin, one)))
    assert (final.status_code, final.json()["type"]) == (409, "urn:tongban:problem:base-difference-accepted")
    for body in ({"decision": "accepted"}, {"decision": "accepted", "reason": " "}, {"decision": "maybe", "reason": "x"}):
        answer = await catalog.http.put(f"/base-differences/{one['id']}/decision", json=body, headers={**admin, "If-Match": '"1"'})
        assert answer.status_code == 422


async def _version(service: ServiceUnderTest, admin: dict[str, str], one: dict[str, Any]) -> int:
    return int((await service.http.get(f"/base-differences/{one['id']}", headers=admin)).headers["etag"].strip('"'))


async def test_many_are_decided_together_or_none(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    await in_force(catalog, admin)
    await import_file(catalog, admin, csv_file(CHANGED))
    wrong = await decide_all(catalog, admin, 2, 4)
    assert (wrong.status_code, wrong.json()["type"], wrong.json()["count"]) == (409, "urn:tongban:problem:count-differs", 5)
    assert len(await _differences(catalog, admin, 2, decision="undecided")) == 5
    some = await decide_all(catalog, admin, 2, 2, department="市场监管局")
    assert (some.json()["differences"]["accepted"], some.json()["state"]) == (2, "open")
    rest = await decide_all(catalog, admin, 2, 3, decision="rejected")
    assert rest.json()["state"] == "finished"
    assert (await decide_all(catalog, admin, 2, 0)).status_code == 200


async def test_the_next_edition_supersedes_a_review_and_lists_what_was_left(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    await in_force(catalog, admin)
    await import_file(catalog, admin, csv_file(CHANGED))
    before = await _differences(catalog, admin, 2)
    await _decide(catalog, admin, before[0], "accepted")
    await _decide(catalog, admin, before[1], "rejected")
    await import_file(catalog, admin, csv_file((*CHANGED, DISABILITY)))
    assert [one["kind"] for one in await _differences(catalog, admin, 3)] == ["renamed", "changed", "added"]
    for answer in (await _decide(catalog, admin, before[2], "accepted"), await decide_all(catalog, admin, 2, 3)):
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:tongban:problem:base-review-superseded")
        assert answer.json()["newest"] == 3


async def test_items_that_carry_an_entry_out_are_listed_with_its_difference(
    catalog: ServiceUnderTest, admin: dict[str, str], publish: Publish
) -> None:
    await in_force(catalog, admin)
    for code in ("food-1", "food-2", "food-3"):
        assert (await publish(code, item())).status_code == 201
    unrelated = item(name="烟草", base_code=TOBACCO[0], implementation_code=f"{AUTHORITY}4{TOBACCO[0]}")
    assert (await publish("food-3", unrelated)).status_code == 201
    await import_file(catalog, admin, csv_file(CHANGED))
    recoded, renamed, changed, *_ = await _differences(catalog, admin, 2)
    assert [one["implementation_count"] for one in (recoded, renamed, changed)] == [2, 0, 1]
    path = f"/base-differences/{recoded['id']}/implementations"
    first = (await catalog.http.get(path, params={"limit": 1}, headers=admin)).json()
    rest = (await catalog.http.get(path, params={"cursor": first["next_cursor"]}, headers=admin)).json()
    assert [one["local_code"] for one in (*first["data"], *rest["data"])] == ["food-1", "food-2"]
    assert first["data"][0]["authority"] == "广安区市场监督管理局"
    await decide_all(catalog, admin, 2, 5)
    await import_file(catalog, admin, csv_file(CHANGED[1:]))
    [deleted] = await _differences(catalog, admin, 3)
    assert (deleted["before"]["code"], deleted["implementation_count"]) == ("000131024001", 2), "items under the old code are still its own"


async def test_items_of_a_code_and_rows_of_a_review_are_found_by_index(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    plans = {
        "EXPLAIN " + drift_store.IMPLEMENTATIONS.text: "ix_item_versions_base_code",
        "EXPLAIN " + drift_store.IMPLEMENTATION_COUNTS.text: "ix_item_versions_base_code",
        "EXPLAIN SELECT * FROM base_differences WHERE catalog = 'a' AND edition = 1 AND position > 5 ORDER BY position LIMIT 50":
            "uq_base_differences_position",
        "EXPLAIN UPDATE base_redirects SET code = 'b' WHERE catalog = 'a' AND code = 'c'": "ix_base_redirects_code",
    }  # fmt: skip
    async with catalog.runtime.db.write() as tx:
        await tx.execute(text("SET LOCAL enable_seqscan = off"))
        for statement, index in plans.items():
            given = {"codes": ["000131024000"], "after": None, "limit": 50} if ":codes" in statement else {}
            wanted = {name: value for name, value in given.items() if f":{name}" in statement}
            plan = "\n".join(str(row[0]) for row in await tx.rows(text(statement), wanted))
            assert index in plan, plan


async def test_old_codes_lead_to_the_newest_for_ever_and_never_through_another(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    codes = ["000131024000", "000131024001", "000131024002", "000131024003"]
    await in_force(catalog, admin)
    for code in codes[1:]:
        await in_force(catalog, admin, ((code, *FOOD[1:]), *ROWS[1:]))
    for old in codes[:-1]:
        answer = await _entry(catalog, old)
        assert (answer.status_code, answer.headers["location"]) == (308, f"/api/catalog/v1/base-catalogs/sichuan/entries/{codes[-1]}")
    assert (await _entry(catalog, codes[-1])).json()["old_codes"] == codes[:-1]
    followed = await catalog.http.get(f"/base-catalogs/sichuan/entries/{codes[0]}", follow_redirects=True)
    assert (followed.status_code, followed.json()["name"], len(followed.history)) == (200, "食品经营许可", 1)
    await in_force(catalog, admin, ROWS[1:])
    deleted = await catalog.http.get(f"/base-catalogs/sichuan/entries/{codes[1]}", follow_redirects=True)
    assert (deleted.status_code, deleted.json()["is_deleted"]) == (200, True)


async def test_an_entry_that_gets_its_old_code_back_makes_no_loop(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    await in_force(catalog, admin)
    there, back = (("000131024001", *FOOD[1:]), *ROWS[1:]), ROWS
    for rows in (there, back, there, back):
        await in_force(catalog, admin, rows)
    assert (await _entry(catalog, FOOD[0])).status_code == 200
    assert (await _entry(catalog, "000131024001")).headers["location"].endswith(FOOD[0])
    async with catalog.runtime.db.read() as tx:
        chained = await tx.scalar(text("SELECT count(*) FROM base_redirects a JOIN base_redirects b ON a.code = b.old_code"))
    assert chained == 0


async def test_a_retired_code_is_not_given_to_another_entry(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    recoded = (("000131024001", *FOOD[1:]), *ROWS[1:])
    await in_force(catalog, admin)
    await in_force(catalog, admin, recoded)
    reused = ("000131024000", "歌舞娱乐场所设立", "文化和旅游局", "行政许可", "娱乐场所管理条例第九条")
    await import_file(catalog, admin, csv_file((*recoded, reused)))
    told = len(await catalog.emitted())
    [added] = await _differences(catalog, admin, 3)
    for answer in (await _decide(catalog, admin, added, "accepted"), await decide_all(catalog, admin, 3, 1)):
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:tongban:problem:base-code-retired")
    assert (await _entry(catalog, "000131024000")).status_code == 308
    assert len(await catalog.emitted()) == told
    assert (await _decide(catalog, admin, added, "rejected")).status_code == 200


@pytest.mark.parametrize("path", ["/base-differences/0196f0a0-0000-7000-8000-000000000000", "/base-catalogs/sichuan/entries/none"])
async def test_what_is_not_there_is_a_404(catalog: ServiceUnderTest, admin: dict[str, str], path: str) -> None:
    assert (await catalog.http.get(path, headers=admin)).status_code == 404


async def test_what_is_asked_badly_is_refused_and_never_an_internal_error(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    await import_file(catalog, admin, csv_file())
    [one, *_] = await _differences(catalog, admin, 1)
    root = "/base-catalogs/sichuan/editions"
    asked: list[tuple[str, str, dict[str, Any]]] = [
        *(("GET", f"/base-catalogs/{name}/entries", {}) for name in ("S", "a" * 41, "a%00", "-", "%E7%9B%AE")),
        *(("GET", f"{root}/{number}", {}) for number in (0, -1, 10**30, "x", "1.5")),
        *(("GET", f"{root}/1/differences", {"params": query}) for query in ({"kind": "moved"}, {"least_confidence": "NaN"}, {"limit": 0}, {"cursor": "x"})),
        *(("GET", f"/base-catalogs/sichuan/entries/{code}", {}) for code in ("a b", "a" * 81, "..", "食品")),
        *(("POST", f"{root}?{query}", {"content": csv_file()}) for query in ("", "issued_on=2026-13-01&source=x", "issued_on=0001-01-01&source=x", "issued_on=2026-09-01&source=%00")),
        *(("POST", f"{root}?issued_on=2026-09-02&source=x", {"content": content}) for content in (b"", b"\x00" * 100, b"{}", b"[]", b'[{"code": null}]', b"PK\x03\x04")),
        *(("POST", f"{root}/1/decisions", {"json": body}) for body in ({}, {"decision": "accepted", "reason": "x", "expected_count": 10**30})),
        ("POST", f"{root}/1/decisions", {"json": {"decision": "accepted", "reason": "x", "expected_count": 4, "least_confidence": 7}}),
        ("PUT", f"/base-differences/{one['id']}/decision", {"json": {"decision": "accepted", "reason": "x" * 1001}}),
        ("GET", "/base-differences/none", {}),
    ]  # fmt: skip
    for method, path, content in asked:
        answer = await catalog.http.request(method, path, headers={**admin, "If-Match": '"1"'}, **content)
        assert 400 <= answer.status_code < 500, (method, path, content, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
    assert len(await _differences(catalog, admin, 1, decision="undecided")) == 4

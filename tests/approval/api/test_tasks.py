"""Work at the desk: queue, claim, complete, decide."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.approval.conftest import OTHER_AUTHORITY, Town

CASE = "tongban.approval.case"
REFUSAL = {"reasons": "场所不符合卫生要求。", "remedies": "可在六十日内申请行政复议，或在六个月内提起行政诉讼。"}


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("urn:tongban:problem:")


async def test_a_case_goes_from_review_to_decision_and_says_so(town: Town) -> None:
    accepted = await town.accepted()
    await town.reviewer.do("pass", opinion="材料齐全")
    town.service.clock.set(datetime(2026, 10, 12, 15, 59, tzinfo=UTC))
    decided = await town.decider.do("grant", opinion="同意")
    events = await town.service.emitted()
    assert [event["type"].removeprefix(f"{CASE}.") for event in events] == [
        "opened.v1",
        "task_completed.v1",
        "task_completed.v1",
        "decided.v1",
    ]
    decision = events[-1]
    assert decision["case_id"] == decided["case_id"]
    assert (decision["outcome"], decision["decided_on"], decision["is_on_time"]) == ("granted", "2026-10-12", True)
    assert decision["decided_by"] == {"subject": str(town.decider.subject), "name": "赵六"}
    for name in (
        "application_id",
        "receipt_number",
        "item",
        "authority",
        "applicant",
        "result_type_code",
        "result_validity_months",
        "form",
    ):
        assert decision[name] == accepted[name]


async def test_a_decision_one_minute_into_the_next_day_is_late(town: Town) -> None:
    await town.accepted()
    await town.reviewer.do("pass")
    town.service.clock.set(datetime(2026, 10, 12, 16, 1, tzinfo=UTC))
    await town.decider.do("grant")
    (decision,) = await town.service.emitted(f"{CASE}.decided.v1")
    assert (decision["decided_on"], decision["is_on_time"]) == ("2026-10-13", False)


async def test_a_refusal_carries_its_reasons_and_remedies(town: Town) -> None:
    await town.accepted()
    await town.reviewer.do("pass")
    done = await town.decider.do("refuse", **REFUSAL)
    file = await town.file(done["case_id"])
    assert (file["outcome"], file["reasons"], file["remedies"]) == ("refused", REFUSAL["reasons"], REFUSAL["remedies"])
    (decision,) = await town.service.emitted(f"{CASE}.decided.v1")
    assert (decision["outcome"], decision["reasons"]) == ("refused", REFUSAL["reasons"])


async def test_a_refusal_without_reasons_and_remedies_is_told_both_at_once_and_changes_nothing(town: Town) -> None:
    await town.accepted()
    await town.reviewer.do("pass")
    (task,) = await town.decider.tasks()
    version = (await town.decider.claim(task["id"])).json()["version"]
    refused = await town.decider.complete(task["id"], version, "refuse", reasons="   ")
    assert problem(refused) == (422, "statement-missing")
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/reasons", "/remedies"]
    assert (await town.file(task["case_id"]))["state"] == "open"
    assert await town.service.emitted(f"{CASE}.decided.v1") == []


async def test_nobody_decides_what_they_reviewed(town: Town) -> None:
    both = town.desk("reviewer", "decider")
    await town.accepted()
    await both.do("pass")
    (task,) = await both.tasks()
    assert problem(await both.claim(task["id"])) == (403, "reviewed-by-you")
    await town.decider.do("grant")


async def test_a_returned_case_comes_back_to_review_and_its_first_reviewer_still_may_not_decide(town: Town) -> None:
    await town.accepted()
    await town.reviewer.do("pass")
    (task,) = await town.decider.tasks()
    version = (await town.decider.claim(task["id"])).json()["version"]
    assert problem(await town.decider.complete(task["id"], version, "return")) == (422, "statement-missing")
    assert (await town.decider.complete(task["id"], version, "return", opinion="请核实面积")).status_code == 200
    second = town.desk("reviewer")
    (again,) = await second.tasks()
    assert (again["key"], again["round"]) == ("review", 2)
    await second.do("pass")
    first_with_new_post = town.desk("decider", subject=town.reviewer.subject)
    (decide,) = await first_with_new_post.tasks()
    assert problem(await first_with_new_post.claim(decide["id"])) == (403, "reviewed-by-you")


async def test_who_returned_the_case_may_decide_it_when_it_comes_back(town: Town) -> None:
    await town.accepted()
    await town.reviewer.do("pass")
    await town.decider.do("return", opinion="请核实面积")
    await town.reviewer.do("pass")
    await town.decider.do("grant")


async def test_a_claimed_task_is_not_completed_by_another(town: Town) -> None:
    await town.accepted()
    (task,) = await town.reviewer.tasks()
    first = await town.reviewer.claim(task["id"])
    second = town.desk("reviewer")
    assert problem(await second.claim(task["id"])) == (409, "task-claimed-by-another")
    assert problem(await second.complete(task["id"], first.json()["version"], "pass")) == (409, "task-not-claimed-by-you")
    assert (await town.reviewer.claim(task["id"])).json() == first.json()


async def test_a_task_is_claimed_before_it_is_completed(town: Town) -> None:
    await town.accepted()
    (task,) = await town.reviewer.tasks()
    assert problem(await town.reviewer.complete(task["id"], task["version"], "pass")) == (409, "task-not-claimed-by-you")


async def test_completing_needs_the_version_seen(town: Town) -> None:
    await town.accepted()
    (task,) = await town.reviewer.tasks()
    claimed = await town.reviewer.claim(task["id"])
    assert claimed.headers["etag"] == '"2"'
    assert problem(await town.reviewer.complete(task["id"], 1, "pass")) == (412, "changed-meanwhile")
    without = await town.service.http.post(f"/tasks/{task['id']}/complete", json={"outcome": "pass"}, headers=town.reviewer.headers)
    assert problem(without) == (428, "precondition-required")


async def test_a_completed_task_stays_completed(town: Town) -> None:
    await town.accepted()
    done = await town.reviewer.do("pass")
    assert problem(await town.reviewer.complete(done["id"], done["version"], "pass")) == (409, "task-closed")


@pytest.mark.parametrize("outcome", ["grant", "refuse", "return"])
async def test_a_first_review_cannot_decide_or_return(town: Town, outcome: str) -> None:
    await town.accepted()
    (task,) = await town.reviewer.tasks()
    version = (await town.reviewer.claim(task["id"])).json()["version"]
    refused = await town.reviewer.complete(task["id"], version, outcome, opinion="x", **REFUSAL)
    assert problem(refused) == (422, "outcome-not-of-this-step")
    assert refused.json()["errors"][0]["pointer"] == "/outcome"


async def test_another_departments_tasks_and_cases_do_not_exist(town: Town) -> None:
    await town.accepted()
    (task,) = await town.reviewer.tasks()
    stranger = town.desk("reviewer", "decider", department=OTHER_AUTHORITY)
    assert await stranger.tasks() == []
    assert problem(await stranger.claim(task["id"])) == (404, "task-not-found")
    assert problem(await stranger.complete(task["id"], 1, "pass")) == (404, "task-not-found")
    for path in (f"/cases/{task['case_id']}", f"/cases/{task['case_id']}/clock"):
        assert problem(await town.service.http.get(path, headers=stranger.headers)) == (404, "case-not-found")


async def test_another_post_and_a_lower_grade_are_told_what_is_needed(town: Town) -> None:
    await town.accepted(process=[{"key": "decide", "name": "决定", "post": "decider", "grade": 2, "kind": "decide"}])
    (task,) = await town.decider.tasks()
    assert problem(await town.reviewer.claim(task["id"])) == (403, "not-your-post")
    refused = await town.decider.claim(task["id"])
    assert problem(refused) == (403, "grade-too-low")
    assert (refused.json()["needed"], refused.json()["actual"]) == (2, 1)
    senior = town.desk("decider", grade=2)
    await senior.do("grant")


async def test_staff_without_a_department_are_refused_and_citizens_too(town: Town) -> None:
    lost = town.desk("reviewer", department=None)
    assert problem(await town.service.http.get("/tasks", headers=lost.headers)) == (403, "no-department")
    citizen = town.service.as_("person", "approval.work")
    assert problem(await town.service.http.get("/tasks", headers=citizen)) == (403, "wrong-kind-of-actor")
    assert problem(await town.service.http.get("/tasks")) == (401, "unauthenticated")


async def test_the_queue_is_read_in_pages_without_gaps(town: Town) -> None:
    for _ in range(5):
        await town.accepted()
    seen: list[str] = []
    cursor = None
    while True:
        query: dict[str, Any] = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = (await town.service.http.get("/tasks", params=query, headers=town.reviewer.headers)).json()
        seen += [task["id"] for task in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == 5
    assert seen == sorted(set(seen))


async def test_a_repeated_completion_with_one_key_has_one_effect(town: Town) -> None:
    await town.accepted()
    (task,) = await town.reviewer.tasks()
    claimed = await town.reviewer.claim(task["id"])
    headers = {**town.reviewer.headers, "If-Match": claimed.headers["etag"], "Idempotency-Key": "complete-once"}
    first = await town.service.http.post(f"/tasks/{task['id']}/complete", json={"outcome": "pass"}, headers=headers)
    again = await town.service.http.post(f"/tasks/{task['id']}/complete", json={"outcome": "pass"}, headers=headers)
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert len(await town.service.emitted(f"{CASE}.task_completed.v1")) == 1

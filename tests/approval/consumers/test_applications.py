"""What approval does when it hears of applications."""

from typing import Any

from tests.approval.conftest import Town

CASE = "tongban.approval.case"


async def test_an_acceptance_opens_a_case_with_the_first_task_of_its_process(town: Town) -> None:
    accepted = await town.accepted()
    (task,) = await town.reviewer.tasks()
    assert (task["key"], task["state"], task["item_name"], task["due_on"]) == ("review", "open", "食品经营许可", "2026-10-12")
    (opened,) = await town.service.emitted(f"{CASE}.opened.v1")
    assert opened["application_id"] == accepted["application_id"]
    assert opened["due_on"] == "2026-10-12"
    assert opened["case_number"] == task["case_number"]
    assert await town.decider.tasks() == []


async def test_hearing_of_the_same_acceptance_again_opens_nothing(town: Town) -> None:
    accepted = await town.accepted(event_id="first-telling")
    await town.accepted(event_id="first-telling", **accepted)
    await town.accepted(event_id="second-telling", **accepted)
    assert len(await town.reviewer.tasks()) == 1
    assert len(await town.service.emitted()) == 1


async def test_an_acceptance_without_a_process_runs_by_the_two_stage_default(town: Town) -> None:
    await town.accepted(process=[])
    await town.reviewer.do("pass")
    (task,) = await town.decider.tasks()
    assert task["kind"] == "decide"


async def test_a_process_that_cannot_run_is_parked_and_opens_nothing(town: Town) -> None:
    steps: list[dict[str, Any]] = [
        {"key": "decide", "name": "决定", "post": "decider", "grade": 1, "kind": "decide"},
        {"key": "review", "name": "审查", "post": "reviewer", "grade": 1, "kind": "review"},
        {"key": "seal", "name": "用印", "post": "decider", "grade": 1, "kind": "decide"},
    ]
    await town.accepted(process=steps)
    (error,) = await town.service.dead_letters()
    assert "decides in its last step only" in error
    assert await town.reviewer.tasks() == []


async def test_a_withdrawal_terminates_the_case_and_takes_its_task_off_the_desk(town: Town) -> None:
    accepted = await town.accepted()
    (task,) = await town.reviewer.tasks()
    await town.withdrawn(accepted["application_id"])
    assert await town.reviewer.tasks() == []
    file = await town.file(task["case_id"])
    assert (file["state"], file["tasks"][0]["state"]) == ("terminated", "cancelled")
    assert [event["type"] for event in await town.service.emitted()] == [f"{CASE}.opened.v1", f"{CASE}.terminated.v1"]
    refused = await town.reviewer.claim(task["id"])
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:tongban:problem:task-closed")


async def test_a_withdrawal_after_the_decision_changes_nothing(town: Town) -> None:
    accepted = await town.accepted()
    await town.reviewer.do("pass")
    done = await town.decider.do("grant")
    await town.withdrawn(accepted["application_id"])
    assert (await town.file(done["case_id"]))["state"] == "decided"
    assert await town.service.emitted(f"{CASE}.terminated.v1") == []


async def test_a_withdrawal_of_what_was_never_accepted_is_nobodys_case(town: Town) -> None:
    await town.withdrawn("01999999-0000-7000-8000-000000000001")
    assert await town.service.emitted() == []
    assert await town.service.dead_letters() == []


async def test_a_calendar_that_contradicts_itself_is_parked_and_the_old_one_stays(town: Town) -> None:
    await town.calendar_loaded()
    await town.calendar_loaded(holidays=["2026-10-10"], workdays=["2026-10-10"])
    assert len(await town.service.dead_letters()) == 1
    await town.accepted()
    (task,) = await town.reviewer.tasks()
    assert task["working_days_left"] == 10

"""The file of a case and its clock."""

from datetime import UTC, datetime

from sqlalchemy import text

from tests.approval.conftest import Town


async def test_the_clock_is_right_across_national_day(town: Town) -> None:
    await town.calendar_loaded()
    await town.accepted()
    (task,) = await town.reviewer.tasks()
    assert await town.clock(task["case_id"]) == {
        "accepted_on": "2026-09-21",
        "due_on": "2026-10-12",
        "statutory_due_on": "2026-10-26",
        "working_days_used": 0,
        "working_days_left": 10,
        "light": "green",
        "is_provisional": False,
        "is_stopped": False,
    }
    town.service.clock.set(datetime(2026, 10, 7, 12, tzinfo=UTC))
    during = await town.clock(task["case_id"])
    assert (during["working_days_used"], during["working_days_left"], during["light"]) == (6, 4, "green")
    town.service.clock.set(datetime(2026, 10, 10, 1, tzinfo=UTC))
    make_up_saturday = await town.clock(task["case_id"])
    assert (make_up_saturday["working_days_used"], make_up_saturday["light"]) == (9, "yellow")
    town.service.clock.set(datetime(2026, 10, 13, 1, tzinfo=UTC))
    overdue = await town.clock(task["case_id"])
    assert (overdue["working_days_left"], overdue["light"]) == (-1, "red")


async def test_without_a_calendar_the_clock_goes_by_weekends_and_says_so(town: Town) -> None:
    await town.accepted()
    (task,) = await town.reviewer.tasks()
    before = await town.clock(task["case_id"])
    assert (before["working_days_left"], before["is_provisional"]) == (15, True)
    await town.calendar_loaded()
    after = await town.clock(task["case_id"])
    assert (after["working_days_left"], after["is_provisional"]) == (10, False)


async def test_the_clock_stops_with_the_decision(town: Town) -> None:
    await town.calendar_loaded()
    await town.accepted()
    await town.reviewer.do("pass")
    done = await town.decider.do("grant")
    town.service.clock.set(datetime(2026, 12, 1, tzinfo=UTC))
    clock = await town.clock(done["case_id"])
    assert (clock["working_days_used"], clock["light"], clock["is_stopped"]) == (0, "green", True)


async def test_reading_a_file_shows_it_whole_and_is_recorded_with_its_purpose(town: Town) -> None:
    accepted = await town.accepted()
    (task,) = await town.reviewer.tasks()
    file = await town.file(task["case_id"])
    assert file["applicant"]["name"] == "李梅"
    assert file["form"] == accepted["form"]
    assert file["materials"] == accepted["materials"]
    assert [step["key"] for step in file["process"]] == ["review", "decide"]
    async with town.service.runtime.db.read() as tx:
        read = await tx.one(text("SELECT reader, subject, purpose FROM personal_data_reads"))
    assert read["reader"] == str(town.reviewer.subject)
    assert read["subject"] == accepted["applicant"]["subject"]
    assert file["case_number"] in read["purpose"]


async def test_the_queue_shows_no_personal_data(town: Town) -> None:
    await town.accepted()
    answer = await town.service.http.get("/tasks", headers=town.reviewer.headers)
    assert "李梅" not in answer.text
    assert "511602********" not in answer.text

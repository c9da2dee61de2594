"""What happens to the case happens to its application, once and in whatever order it is heard."""

from uuid import uuid4

from tests.intake.conftest import Hall, Someone

CONCLUDED = "tongban.intake.application.concluded.v1"
DELIVERED = "tongban.intake.application.delivered.v1"


async def _accepted(hall: Hall) -> tuple[Someone, str]:
    citizen = hall.citizen()
    application, _ = await hall.accepted(citizen)
    return citizen, application["id"]


async def test_a_decision_concludes_and_its_certificate_delivers(hall: Hall) -> None:
    citizen, application = await _accepted(hall)
    await hall.decide(application)
    shown = (await citizen.get(f"/applications/{application}")).json()
    assert shown["state"] == "concluded"
    assert shown["outcome"] == {"outcome": "granted", "decided_on": "2026-09-24", "is_on_time": True, "reasons": None, "remedies": None}
    await hall.issue(application, "1.2.156.3005.2.A")
    shown = (await citizen.get(f"/applications/{application}")).json()
    assert shown["state"] == "delivered"
    assert shown["certificate"]["identifier"] == "1.2.156.3005.2.A"
    assert [e["type"] for e in await hall.service.emitted()][-2:] == [CONCLUDED, DELIVERED]
    tracked = (await hall.service.http.get(f"/tracking/{shown['receipt']['tracking_code']}")).json()
    assert [step["step"] for step in tracked["steps"]] == ["submitted", "accepted", "concluded", "delivered"]
    assert tracked["certificate_identifier"] == "1.2.156.3005.2.A"
    assert tracked["light"] is None


async def test_the_order_in_which_the_two_are_heard_does_not_matter(hall: Hall) -> None:
    citizen, application = await _accepted(hall)
    await hall.issue(application)
    assert (await citizen.get(f"/applications/{application}")).json()["state"] == "accepted"
    await hall.decide(application)
    assert (await citizen.get(f"/applications/{application}")).json()["state"] == "delivered"
    assert [e["type"] for e in await hall.service.emitted()][-2:] == [CONCLUDED, DELIVERED]


async def test_hearing_it_again_changes_nothing(hall: Hall) -> None:
    _, application = await _accepted(hall)
    for _ in range(2):
        await hall.decide(application)
        await hall.issue(application)
    assert len(await hall.service.emitted(CONCLUDED)) == 1
    assert len(await hall.service.emitted(DELIVERED)) == 1
    assert await hall.service.dead_letters() == []


async def test_a_refused_case_tells_its_reasons_and_remedies(hall: Hall) -> None:
    citizen, application = await _accepted(hall)
    await hall.decide(application, "refused", reasons="场所不符合", remedies="可申请行政复议")
    shown = (await citizen.get(f"/applications/{application}")).json()
    assert (shown["state"], shown["outcome"]["reasons"], shown["outcome"]["remedies"]) == ("concluded", "场所不符合", "可申请行政复议")


async def test_a_decision_made_before_the_withdrawal_was_heard_stands(hall: Hall) -> None:
    citizen, application = await _accepted(hall)
    withdrawn = await citizen.post(f"/applications/{application}/withdraw", seen=4)
    assert withdrawn.status_code == 200, withdrawn.text
    await hall.decide(application)
    shown = (await citizen.get(f"/applications/{application}")).json()
    assert shown["state"] == "concluded"
    assert shown["times"]["withdrawn_at"]


async def test_a_decided_application_is_not_withdrawn(hall: Hall) -> None:
    citizen, application = await _accepted(hall)
    await hall.decide(application)
    assert (await citizen.post(f"/applications/{application}/withdraw", seen=5)).status_code == 409


async def test_a_supplied_certificate_concerns_no_application(hall: Hall) -> None:
    await hall.issue(None)
    assert await hall.service.dead_letters() == []


async def test_a_decision_on_what_was_never_accepted_is_parked_for_people_to_see(hall: Hall) -> None:
    await hall.decide(str(uuid4()))
    assert ["ApplicationMissing" in error for error in await hall.service.dead_letters()] == [True]


async def test_a_corrected_calendar_replaces_the_year(hall: Hall) -> None:
    await hall.load_calendar()
    body = {"year": 2026, "holidays": [], "workdays": [], "source": "更正"}
    await hall.service.deliver("tongban.catalog.calendar", "tongban.catalog.calendar.loaded.v1", "2026", body)
    _, receipt = await hall.accepted(hall.citizen())
    assert (receipt["due_on"], receipt["due_is_provisional"]) == ("2026-10-05", False)

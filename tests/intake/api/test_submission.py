"""Submission: complete or told everything at once; withdrawn while undecided."""

import asyncio

from stdnum.iso7064 import mod_11_10

from tests.intake.conftest import AUTHORITY, CITY, DISTRICT, PDF, Hall


async def test_a_complete_application_is_numbered_and_told(hall: Hall) -> None:
    citizen = hall.citizen()
    application = await citizen.submitted()
    assert application["state"] == "submitted"
    assert application["number"].startswith("51160220260921")
    assert mod_11_10.is_valid(application["number"])
    (event,) = await hall.service.emitted()
    assert event["type"] == "tongban.intake.application.submitted.v1"
    assert event["application_id"] == application["id"]
    assert event["authority"] == {"code": AUTHORITY, "name": "广安区市场监督管理局"}
    assert event["applicant"]["code"] is None
    assert event["applicant"]["holder_index"] == citizen.claims["holder_index"]
    assert event["region_code"] == DISTRICT


async def test_everything_missing_and_wrong_is_told_in_one_notice(hall: Hall) -> None:
    citizen = hall.citizen()
    draft = await citizen.draft(form={"business_name": "面", "extra": True})
    answered = await citizen.post(f"/applications/{draft['id']}/submit", seen=1, Accept_Language="en")
    assert answered.status_code == 422
    assert answered.json()["type"].endswith("application-incomplete")
    assert [(e["pointer"], e["code"]) for e in answered.json()["errors"]] == [
        ("/form/business_name", "minLength"),
        ("/form/extra", "additionalProperties"),
        ("/form/phone", "required"),
        ("/materials/floor-plan", "material-missing"),
    ]
    assert answered.json()["errors"][3]["detail"] == "submit this material: Floor plan"
    assert (await citizen.get(f"/applications/{draft['id']}")).json()["version"] == 1
    assert await hall.service.emitted() == []


async def test_a_submission_sends_once_however_often_it_is_repeated(hall: Hall) -> None:
    citizen = hall.citizen()
    draft = await citizen.draft()
    await citizen.upload(draft["id"], "floor-plan", PDF)
    path = f"/applications/{draft['id']}/submit"
    first = await citizen.post(path, seen=2, Idempotency_Key="submit-0001")
    again = await citizen.post(path, seen=2, Idempotency_Key="submit-0001")
    anew = await citizen.post(path, seen=3)
    assert (first.status_code, again.status_code, anew.status_code) == (200, 200, 409)
    assert first.content == again.content
    assert len(await hall.service.emitted()) == 1


async def test_two_who_submit_at_once_submit_once(hall: Hall) -> None:
    citizen = hall.citizen()
    draft = await citizen.draft()
    await citizen.upload(draft["id"], "floor-plan", PDF)
    answers = await asyncio.gather(*(citizen.post(f"/applications/{draft['id']}/submit", seen=2) for _ in range(3)))
    assert sorted(a.status_code for a in answers) == [200, 409, 409]
    assert len(await hall.service.emitted()) == 1


async def test_a_stale_reader_does_not_submit(hall: Hall) -> None:
    citizen = hall.citizen()
    draft = await citizen.draft()
    await citizen.upload(draft["id"], "floor-plan", PDF)
    assert (await citizen.post(f"/applications/{draft['id']}/submit", seen=1)).status_code == 412
    assert (await citizen.post(f"/applications/{draft['id']}/submit")).status_code == 428


async def test_submission_fills_what_the_library_could_not_answer_before(hall: Hall) -> None:
    hall.service.peers.take_down("certificates")
    citizen = hall.citizen()
    draft = await citizen.draft()
    await citizen.upload(draft["id"], "floor-plan", PDF)
    path = f"/applications/{draft['id']}/submit"
    away = await citizen.post(path, seen=2)
    assert away.status_code == 503
    assert away.json()["type"].endswith("library-unanswered")
    hall.bring_back("certificates")
    submitted = await citizen.post(path, seen=2)
    assert submitted.status_code == 200, submitted.text
    assert submitted.json()["materials"][1]["standing"] == "filled"


async def test_a_draft_is_withdrawn_silently_and_a_submission_is_not(hall: Hall) -> None:
    citizen = hall.citizen()
    draft = await citizen.draft()
    assert (await citizen.post(f"/applications/{draft['id']}/withdraw", seen=1)).json()["state"] == "withdrawn"
    assert await hall.service.emitted() == []
    application = await citizen.submitted()
    withdrawn = await citizen.post(f"/applications/{application['id']}/withdraw", seen=application["version"])
    assert withdrawn.json()["state"] == "withdrawn"
    assert withdrawn.json()["times"]["withdrawn_at"]
    (event,) = await hall.service.emitted("tongban.intake.application.withdrawn.v1")
    assert event["application_id"] == application["id"]
    assert (await citizen.post(f"/applications/{application['id']}/withdraw", seen=4)).status_code == 409


async def test_an_application_may_be_handed_in_at_another_level_of_the_same_place(hall: Hall) -> None:
    application = await hall.citizen().submitted(region_code=CITY)
    assert application["number"].startswith("511600")

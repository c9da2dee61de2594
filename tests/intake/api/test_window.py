"""The window: its region's applications, accepted with a receipt or refused with reasons."""

from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.intake.conftest import AUTHORITY, CITY, DISTRICT, FORM, Hall


async def test_an_acceptance_issues_a_receipt_and_starts_the_clock_across_the_holidays(hall: Hall) -> None:
    await hall.load_calendar()
    application, receipt = await hall.accepted(hall.citizen())
    assert receipt["number"].startswith("SL51160220260921")
    assert receipt["due_on"] == "2026-10-12"
    assert receipt["statutory_due_on"] == "2026-10-26"
    assert receipt["due_is_provisional"] is False
    assert len(receipt["tracking_code"]) == 20
    assert receipt["tracking_url"].endswith(f"/api/intake/v1/tracking/{receipt['tracking_code']}")
    assert receipt["application_number"] == application["number"]


async def test_without_the_years_notice_the_due_date_is_provisional(hall: Hall) -> None:
    _, receipt = await hall.accepted(hall.citizen())
    assert (receipt["due_on"], receipt["due_is_provisional"]) == ("2026-10-05", True)


async def test_the_acceptance_tells_whoever_decides_everything_they_need(hall: Hall) -> None:
    citizen = hall.citizen()
    application, receipt = await hall.accepted(citizen, form=FORM | {"note": "身份证 440524188001010014"})
    (event,) = await hall.service.emitted("tongban.intake.application.accepted.v1")
    assert event["receipt_number"] == receipt["number"]
    assert event["tracking_code"] == receipt["tracking_code"]
    assert event["accepted_by"]["name"] == "李窗口"
    assert [(step["key"], step["post"], step["grade"], step["kind"]) for step in event["process"]] == [
        ("review", "reviewer", 1, "review"),
        ("decide", "decider", 2, "decide"),
    ]
    assert event["promised_limit"] == {"days": 10, "unit": "working_day"}
    assert event["statutory_limit"] == {"days": 20, "unit": "working_day"}
    assert (event["result_type_code"], event["result_validity_months"]) == ("11510000MB0X00002N009", 60)
    assert event["form"] == FORM | {"note": "身份证 4405**********0014"}
    shown = {material["key"]: material for material in event["materials"]}
    assert shown["business-licence"]["certificate_identifier"].startswith("1.2.156.3005.2.")
    assert shown["business-licence"]["grade"] == "A"
    assert shown["floor-plan"]["file_id"]
    assert event["item"]["name"] == application["item"]["name"]
    async with hall.service.runtime.db.read() as tx:
        headers = await tx.scalar(text("SELECT headers FROM outbox WHERE type LIKE '%accepted.v1'"))
    assert headers["ce_authority"] == AUTHORITY


async def test_a_clerk_sees_the_regions_below_the_own_and_no_other(hall: Hall) -> None:
    application = await hall.citizen().submitted()
    for region, expected in ((CITY, 200), (DISTRICT, 200), ("511602001000", 404), ("511700000000", 404)):
        clerk = hall.clerk(region)
        assert (await clerk.get(f"/window/applications/{application['id']}")).status_code == expected, region
        listed = (await clerk.get("/window/applications")).json()["data"]
        assert [row["id"] for row in listed] == ([application["id"]] if expected == 200 else []), region


async def test_a_stranger_window_can_neither_accept_nor_refuse(hall: Hall) -> None:
    application = await hall.citizen().submitted()
    clerk = hall.clerk("511700000000")
    path = f"/window/applications/{application['id']}"
    assert (await clerk.post(f"{path}/accept", seen=3)).status_code == 404
    assert (await clerk.post(f"{path}/refuse", {"reasons": "不属于", "remedies": "复议"}, seen=3)).status_code == 404


async def test_drafts_are_nobodys_business(hall: Hall) -> None:
    draft = await hall.citizen().draft()
    assert (await hall.clerk().get(f"/window/applications/{draft['id']}")).status_code == 404
    assert (await hall.clerk().get("/window/applications", state="draft")).status_code == 422


async def test_who_waited_longest_comes_first_page_by_page(hall: Hall) -> None:
    submitted = [(await hall.citizen().submitted())["id"] for _ in range(3)]
    clerk = hall.clerk()
    first = (await clerk.get("/window/applications", limit=2)).json()
    second = (await clerk.get("/window/applications", limit=2, cursor=first["next_cursor"])).json()
    assert [row["id"] for page in (first, second) for row in page["data"]] == submitted
    assert (await clerk.get("/window/applications", state="accepted")).json()["data"] == []


async def test_two_clerks_accept_once(hall: Hall) -> None:
    application = await hall.citizen().submitted()
    path = f"/window/applications/{application['id']}/accept"
    first = await hall.clerk().post(path, seen=application["version"])
    second = await hall.clerk().post(path, seen=application["version"])
    assert (first.status_code, second.status_code) == (200, 409)
    assert len(await hall.service.emitted("tongban.intake.application.accepted.v1")) == 1


async def test_an_acceptance_needs_the_version_the_clerk_saw(hall: Hall) -> None:
    application = await hall.citizen().submitted()
    path = f"/window/applications/{application['id']}/accept"
    assert (await hall.clerk().post(path)).status_code == 428
    assert (await hall.clerk().post(path, seen=1)).status_code == 412


async def test_a_refusal_says_why_and_what_can_be_done(hall: Hall) -> None:
    citizen = hall.citizen()
    application = await citizen.submitted()
    body = {"reasons": "经营场所不在本辖区", "remedies": "可向所在区市场监督管理局申请，或自收到之日起六十日内申请行政复议"}
    refused = await hall.clerk().post(f"/window/applications/{application['id']}/refuse", body, seen=application["version"])
    assert refused.json()["state"] == "refused"
    assert (await citizen.get(f"/applications/{application['id']}")).json()["refusal"] == body
    (event,) = await hall.service.emitted("tongban.intake.application.refused.v1")
    assert {"reasons": event["reasons"], "remedies": event["remedies"]} == body


@pytest.mark.parametrize(
    "body", [{}, {"reasons": "缺", "remedies": ""}, {"reasons": "不属于本机关"}, {"reasons": "  ", "remedies": "复议"}]
)
async def test_a_refusal_without_reasons_or_remedies_is_none(hall: Hall, body: dict[str, str]) -> None:
    application = await hall.citizen().submitted()
    answered = await hall.clerk().post(f"/window/applications/{application['id']}/refuse", body, seen=application["version"])
    assert answered.status_code == 422
    assert (await hall.clerk().get(f"/window/applications/{application['id']}")).json()["state"] == "submitted"


async def test_reading_an_application_at_the_window_is_recorded(hall: Hall) -> None:
    citizen, clerk = hall.citizen(), hall.clerk()
    application = await citizen.submitted()
    await clerk.get(f"/window/applications/{application['id']}")
    async with hall.service.runtime.db.read() as tx:
        read = await tx.one(text("SELECT reader, subject, purpose FROM personal_data_reads"))
    assert (read["reader"], read["subject"], read["purpose"]) == (str(clerk.subject), citizen.claims["holder_index"], "window.examine")


async def test_only_the_window_post_stands_at_the_window(hall: Hall) -> None:
    assert (await hall.clerk(posts=("reviewer",)).get("/window/applications")).status_code == 403
    assert (await hall.citizen().get("/window/applications")).status_code == 403


async def test_a_delegated_window_reaches_what_was_delegated_and_no_more(hall: Hall) -> None:
    application = await hall.citizen().submitted()
    code = application["item"]["local_code"]
    box = {"department": AUTHORITY, "post": "window", "region": DISTRICT, "grade": 0, "departments": None, "items": None}
    for change, expected in (
        ({}, 200),
        ({"items": [code]}, 200),
        ({"departments": [AUTHORITY]}, 200),
        ({"items": ["another"]}, 404),
        ({"departments": ["11511602MB0X000099"]}, 404),
        ({"region": "511602001000"}, 404),
        ({"post": "reviewer"}, 403),
    ):
        deputy = hall.clerk("511700000000", posts=())
        deputy.claims["grants"] = [{**box, **change, "delegation": str(uuid4())}]
        assert (await deputy.get(f"/window/applications/{application['id']}")).status_code == expected, change

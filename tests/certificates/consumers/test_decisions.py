from typing import Any
from uuid import uuid4

from tests.certificates.conftest import Headers, Supply
from tests.certificates.sample import BUSINESS_LICENCE, CITIZEN_ID, FOOD_PERMIT, IDENTITY_CARD, ISSUER, NOODLE_SHOP, business_licence
from tests.support.peers import answer
from tests.support.service import ServiceUnderTest

TOPIC = "tongban.approval.case"
DECIDED = "tongban.approval.case.decided.v1"


def decision(**changes: Any) -> dict[str, Any]:
    return {
        "case_id": str(uuid4()),
        "application_id": str(uuid4()),
        "application_number": "511602202609210000017",
        "receipt_number": "511602202609210000025",
        "outcome": "granted",
        "reasons": "符合条件",
        "decided_at": "2026-10-12T02:00:00+00:00",
        "decided_by": {"subject": str(uuid4()), "name": "王主任"},
        "decided_on": "2026-10-12",
        "is_on_time": True,
        "due_on": "2026-10-14",
        "item": {"local_code": "food", "version_id": str(uuid4()), "name": "食品经营许可"},
        "authority": ISSUER,
        "region_code": "511602000000",
        "applicant": {
            "subject": str(uuid4()),
            "kind": "organisation",
            "name": "春分面馆",
            "holder_index": "0" * 32,
            "code": NOODLE_SHOP,
            "code_masked": "9251**********0154",
        },
        "result_type_code": FOOD_PERMIT,
        "result_validity_months": None,
        "form": {
            "premises_address": "测试路 20 号",
            "main_business": "餐饮服务经营者",
            "food_items": ["热食类食品制售"],
            "contact_phone": "1",
        },
        **changes,
    }


def of_a_person(**changes: Any) -> dict[str, Any]:
    applicant = {"subject": str(uuid4()), "kind": "person", "name": "张小满", "code": None}
    return decision(applicant=applicant, result_type_code=IDENTITY_CARD, form={}, **changes)


async def decided(library: ServiceUnderTest, body: dict[str, Any], **kwargs: Any) -> None:
    await library.deliver(TOPIC, DECIDED, body["case_id"], body, **kwargs)


async def test_a_granted_decision_becomes_a_certificate_in_the_holders_wallet(library: ServiceUnderTest, noodle_shop: Headers) -> None:
    body = decision()
    await decided(library, body)
    [line] = (await library.http.get("/wallet", headers=noodle_shop)).json()["data"]
    assert (line["number"], line["type_name"], line["issuer"]) == ("JY5116022026000001", "食品经营许可证", ISSUER)
    assert (line["issued_on"], line["valid_from"], line["valid_until"]) == ("2026-10-12", "2026-10-12", "2031-10-11")
    [event] = await library.emitted()
    assert (event["case_id"], event["application_id"]) == (body["case_id"], body["application_id"])
    assert event["holder"]["subject"] == body["applicant"]["subject"]
    full = (await library.http.get(f"/certificates/{line['id']}", headers=noodle_shop)).json()
    assert full["elements"] == {
        "number": "JY5116022026000001",
        "name": "春分面馆",
        "uscc": NOODLE_SHOP,
        "premises": "测试路 20 号",
        "main_business": "餐饮服务经营者",
        "food_items": ["热食类食品制售"],
    }


async def test_a_decision_told_twice_issues_one_certificate(library: ServiceUnderTest) -> None:
    body = decision()
    await decided(library, body, event_id="one")
    await decided(library, body, event_id="one")
    await decided(library, body, event_id="two")
    assert len(await library.emitted()) == 1


async def test_numbers_follow_one_another_and_pass_over_taken_ones(library: ServiceUnderTest, supply: Supply) -> None:
    elements = {"number": "JY5116022026000002", "name": "面馆", "uscc": NOODLE_SHOP, "premises": "街"}
    await supply(business_licence(type_code=FOOD_PERMIT, number="JY5116022026000002", elements=elements))
    for _ in range(2):
        await decided(library, decision())
    await decided(library, decision(region_code="511603000000"))
    numbers = [event["number"] for event in await library.emitted() if event["case_id"]]
    assert numbers == ["JY5116022026000001", "JY5116022026000003", "JY5116032026000001"]


async def test_the_items_validity_wins_over_the_types(library: ServiceUnderTest) -> None:
    await decided(library, decision(result_validity_months=12))
    [event] = await library.emitted()
    assert event["valid_until"] == "2027-10-11"


async def test_a_refusal_and_a_grant_without_a_result_issue_nothing(library: ServiceUnderTest) -> None:
    await decided(library, decision(outcome="refused"))
    await decided(library, decision(result_type_code=None))
    assert await library.emitted() == [] and await library.dead_letters() == []


async def test_a_persons_number_is_asked_of_identity_and_never_told_on(library: ServiceUnderTest, citizen: Headers) -> None:
    token = {"access_token": library.issuer.token("service"), "expires_in": 900}
    library.peers.on("POST", "identity", "/token", token)
    body = of_a_person()
    path = f"/holders/{body['applicant']['subject']}/identifier.purpose=certificate-issue"
    library.peers.on("GET", "identity", path, {"kind": "person", "code": CITIZEN_ID, "name": "张小满"})
    await decided(library, body)
    [line] = (await library.http.get("/wallet", headers=citizen)).json()["data"]
    assert line["holder_name"] == "张小满"
    [event] = await library.emitted()
    assert event["holder"]["code_masked"] == "5116**********001X" and CITIZEN_ID not in str(event)


async def test_a_person_identity_does_not_know_parks_the_decision_and_only_it(library: ServiceUnderTest) -> None:
    library.peers.on("POST", "identity", "/token", {"access_token": "t", "expires_in": 900})
    library.peers.on("GET", "identity", "/holders/.*", answer({"type": "urn:tongban:problem:not-found", "title": "", "status": 404}, 404))
    await decided(library, of_a_person())
    assert len(await library.dead_letters()) == 1
    await decided(library, decision())
    assert len(await library.emitted()) == 1


async def test_a_certificate_whose_required_elements_the_form_lacks_is_issued_without_them(
    library: ServiceUnderTest, noodle_shop: Headers
) -> None:
    await decided(library, decision(form={"food_items": [], "main_business": 5}, result_type_code=BUSINESS_LICENCE))
    [line] = (await library.http.get("/wallet", headers=noodle_shop)).json()["data"]
    full = (await library.http.get(f"/certificates/{line['id']}", headers=noodle_shop)).json()
    assert full["elements"] == {"name": "春分面馆"}

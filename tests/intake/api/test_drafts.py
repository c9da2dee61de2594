"""Drafts: filled first, changed, listed, one's own only."""

from typing import Any

import orjson
import pytest

from tests.intake.conftest import CITY, FORM, ID_CARD_TYPE, LICENCE_TYPE, PDF, Hall, certificate
from tests.support.peers import answer


def _standings(application: dict[str, Any]) -> dict[str, str]:
    return {material["key"]: material["standing"] for material in application["materials"]}


async def test_a_draft_begins_with_what_the_library_has(hall: Hall) -> None:
    citizen = hall.citizen()
    draft = await citizen.draft()
    assert _standings(draft) == {
        "application-form": "answered_in_form",
        "business-licence": "filled",
        "identity-card": "filled",
        "floor-plan": "asked",
        "tax-record": "shared",
        "lease": "asked",
    }
    licence = draft["materials"][1]["certificate"]
    assert licence["grade"] == "A"
    assert licence["use_id"]
    assert draft["state"] == "draft"
    assert draft["number"] is None
    assert draft["form"] == FORM
    assert draft["applicant"] == {"kind": "person", "name": "张三", "code_masked": "5116**********1234"}


async def test_the_library_is_asked_with_the_applicants_own_token_for_this_application(hall: Hall) -> None:
    citizen = hall.citizen()
    headers = citizen.headers
    made = await hall.service.http.post("/applications", json={"item_code": "sp-jy"}, headers=headers)
    ((_, request),) = [(peer, r) for peer, r in hall.service.peers.requests if peer == "certificates"]
    assert request.headers["authorization"] == headers["Authorization"]
    body = orjson.loads(request.body)
    assert body["application_id"] == made.json()["id"]
    assert body["type_codes"] == [LICENCE_TYPE, ID_CARD_TYPE]
    assert body["item_code"] == "sp-jy"


async def test_without_the_library_a_draft_is_made_and_filled_later(hall: Hall) -> None:
    hall.service.peers.take_down("certificates")
    citizen = hall.citizen()
    draft = await citizen.draft()
    assert _standings(draft)["business-licence"] == "pending_library"
    still_away = await citizen.post(f"/applications/{draft['id']}/fill")
    assert still_away.status_code == 503
    assert still_away.json()["type"].endswith("library-unanswered")
    assert "Retry-After" in still_away.headers
    hall.bring_back("certificates")
    filled = await citizen.post(f"/applications/{draft['id']}/fill")
    assert filled.status_code == 200, filled.text
    assert _standings(filled.json())["business-licence"] == "filled"
    assert filled.headers["etag"] == '"2"'


async def test_what_the_library_lacks_is_asked(hall: Hall) -> None:
    hall.service.peers.on("POST", "certificates", "/uses", answer({"matches": [certificate(ID_CARD_TYPE, "居民身份证")]}, 201))
    draft = await hall.citizen().draft()
    assert _standings(draft)["business-licence"] == "asked"
    assert _standings(draft)["identity-card"] == "filled"


async def test_an_applicant_who_authorises_no_use_is_asked_instead(hall: Hall) -> None:
    refusal = {"type": "urn:tongban:problem:missing-scope", "title": "x", "status": 403}
    hall.service.peers.on("POST", "certificates", "/uses", answer(refusal, 403))
    assert _standings(await hall.citizen().draft())["identity-card"] == "asked"


async def test_a_repeated_request_makes_one_draft_and_one_use(hall: Hall) -> None:
    citizen = hall.citizen()
    first = await citizen.post("/applications", {"item_code": "sp-jy"}, Idempotency_Key="draft-0001")
    again = await citizen.post("/applications", {"item_code": "sp-jy"}, Idempotency_Key="draft-0001")
    other = await citizen.post("/applications", {"item_code": "sp-jy", "form": {"a": 1}}, Idempotency_Key="draft-0001")
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert again.headers["idempotent-replay"] == "true"
    assert other.status_code == 422
    assert len((await citizen.get("/applications")).json()["data"]) == 1
    assert len([peer for peer, _ in hall.service.peers.requests if peer == "certificates"]) == 1


async def test_an_organisation_applies_through_its_handler(hall: Hall) -> None:
    handler = hall.citizen("王经办")
    company = hall.company(handler)
    draft = await company.draft()
    assert draft["applicant"]["kind"] == "organisation"
    assert draft["applicant"]["code_masked"] == "9251**********00X1"
    assert draft["handler"] == {"subject": str(handler.subject), "name": "王经办"}
    assert (await handler.get(f"/applications/{draft['id']}")).status_code == 404
    assert (await company.get(f"/applications/{draft['id']}")).status_code == 200


async def test_another_persons_application_is_not_there(hall: Hall) -> None:
    draft = await hall.citizen().draft()
    stranger = hall.citizen("李四")
    assert (await stranger.get(f"/applications/{draft['id']}")).status_code == 404
    assert (await stranger.put(f"/applications/{draft['id']}/form", {"form": {}}, seen=1)).status_code == 404
    assert (await stranger.upload(draft["id"], "floor-plan", PDF)).status_code == 404
    assert (await stranger.post(f"/applications/{draft['id']}/fill")).status_code == 404
    assert (await stranger.post(f"/applications/{draft['id']}/submit", seen=1)).status_code == 404
    assert (await stranger.post(f"/applications/{draft['id']}/withdraw", seen=1)).status_code == 404
    assert (await stranger.get("/applications")).json() == {"data": [], "next_cursor": None}


async def test_own_applications_are_listed_newest_first_page_by_page(hall: Hall) -> None:
    citizen = hall.citizen()
    made = [(await citizen.draft())["id"] for _ in range(5)]
    first = (await citizen.get("/applications", limit=2)).json()
    second = (await citizen.get("/applications", limit=2, cursor=first["next_cursor"])).json()
    third = (await citizen.get("/applications", limit=2, cursor=second["next_cursor"])).json()
    assert [row["id"] for page in (first, second, third) for row in page["data"]] == made[::-1]
    assert third["next_cursor"] is None
    assert (await hall.citizen().get("/applications", cursor=first["next_cursor"])).status_code == 400


async def test_a_form_is_replaced_by_whoever_saw_the_newest_version(hall: Hall) -> None:
    citizen = hall.citizen()
    draft = await citizen.draft()
    path = f"/applications/{draft['id']}/form"
    changed = await citizen.put(path, {"form": {"note": "第二稿"}}, seen=1)
    assert changed.json()["form"] == {"note": "第二稿"}
    assert (changed.headers["etag"], changed.json()["version"]) == ('"2"', 2)
    assert (await citizen.put(path, {"form": {}}, seen=1)).status_code == 412
    assert (await citizen.put(path, {"form": {}})).status_code == 428
    assert (await citizen.get(f"/applications/{draft['id']}")).json()["form"] == {"note": "第二稿"}


async def test_forms_are_not_readable_in_the_database(hall: Hall) -> None:
    from sqlalchemy import text

    await hall.citizen().draft()
    async with hall.service.runtime.db.read() as tx:
        row = await tx.one(text("SELECT applications::text AS everything FROM applications"))
    assert "13900001234" not in row["everything"]
    assert "小面馆" not in row["everything"]


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({}, 422, "/item_code"),
        ({"item_code": "no-such-item"}, 422, "/item_code"),
        ({"item_code": "../items"}, 422, "/item_code"),
        ({"item_code": "sp-jy", "region_code": "510100000000"}, 422, "/region_code"),
        ({"item_code": "sp-jy", "region_code": "51"}, 422, "/region_code"),
        ({"item_code": "sp-jy", "form": []}, 422, "/form"),
        ({"item_code": "sp-jy", "form": {"n": 2**60}}, 422, "/form"),
        ({"item_code": "sp-jy", "form": {"n": "长" * 40_000}}, 422, "/form"),
        ({"item_code": "sp-jy", "unknown": 1}, 422, "/unknown"),
    ],
)
async def test_a_bad_draft_is_refused_at_its_field(hall: Hall, body: dict[str, Any], status: int, pointer: str) -> None:
    answered = await hall.citizen().post("/applications", body)
    assert answered.status_code == status, answered.text
    assert [error["pointer"] for error in answered.json()["errors"]] == [pointer]


@pytest.mark.parametrize(
    "content", [b'{"item_code":"sp-jy","form":{"n":NaN}}', b"{", b'{"item_code":"sp-jy","form":' + b'{"a":' * 900 + b"1" + b"}" * 901]
)
async def test_json_that_cannot_be_kept_is_refused(hall: Hall, content: bytes) -> None:
    headers = hall.citizen().headers | {"Content-Type": "application/json"}
    answered = await hall.service.http.post("/applications", content=content, headers=headers)
    assert answered.status_code in (400, 422), answered.text


async def test_while_the_catalog_is_away_no_draft_is_made_and_the_answer_says_to_come_back(hall: Hall) -> None:
    hall.service.peers.take_down("catalog")
    citizen = hall.citizen()
    answered = await citizen.post("/applications", {"item_code": "sp-jy"})
    assert answered.status_code == 503
    assert (await citizen.get("/applications")).json()["data"] == []


async def test_applications_are_for_people_and_organisations(hall: Hall) -> None:
    clerk = hall.clerk(CITY)
    assert (await clerk.post("/applications", {"item_code": "sp-jy"})).status_code == 403
    assert (await hall.service.http.post("/applications", json={})).status_code == 401

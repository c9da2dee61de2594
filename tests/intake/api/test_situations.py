"""Drafts of items that ask questions: the catalog narrows, intake demands exactly what is left."""

from typing import Any

import orjson
import pytest

from chassis.http import Answer, Request
from tests.intake.conftest import FORM, ITEM, PDF, Hall, Someone, answer_uses
from tests.support.peers import answer

QUESTION = {"key": "rented", "text": {"zh": "场地是租的吗？", "en": "Are the premises rented?"}}
ASKING = {**ITEM, "situation_table": {"rule": "only", "questions": [], "rows": []}}
WITH_LEASE = {
    **ASKING,
    "materials": [{**one, "necessity": "required"} if one["key"] == "lease" else one for one in ITEM["materials"]],
}
OWN = {
    **ASKING,
    "materials": [
        {**one, "key": "owner-record", "name": "不动产权属"} if one["key"] == "floor-plan" else one
        for one in ITEM["materials"]
        if one["key"] != "lease"
    ],
    "form": {**ITEM["form"], "properties": {name: field for name, field in ITEM["form"]["properties"].items() if name != "note"}},
}


@pytest.fixture
def narrowing(hall: Hall) -> list[Any]:
    """The answers the catalog was asked about."""
    asked: list[Any] = []

    def narrow(request: Request) -> Answer:
        answers = orjson.loads(request.body)["answers"]
        asked.append(answers)
        if answers.get("rented") == ["perhaps"]:
            fault = {"pointer": "/answers/rented/0", "code": "choice-unknown", "detail": "没有这个选项"}
            return answer({"type": "urn:tongban:problem:answers-invalid", "status": 422, "errors": [fault]}, 422)
        instead = {"text": {"zh": "去备案", "en": "File instead"}, "item": "filing"} if answers.get("rented") == ["no"] else None
        left = [QUESTION] if "rented" not in answers else []
        return answer({"open_questions": left, "instead": instead, "guide": OWN if answers.get("rented") == ["own"] else WITH_LEASE})

    hall.service.peers.on("GET", "catalog", "/items/sp-jy", ASKING)
    hall.service.peers.on("POST", "catalog", "/items/sp-jy/narrow", narrow)
    return asked


async def test_a_draft_with_answers_demands_exactly_the_materials_of_its_situation(hall: Hall, narrowing: list[Any]) -> None:
    citizen = hall.citizen()
    draft = await citizen.draft(situation={"rented": "yes"})
    assert (draft["situation"], narrowing) == ({"rented": "yes"}, [{"rented": ["yes"]}])
    assert (await citizen.upload(draft["id"], "floor-plan", b"%PDF-1.7\n" + b"x" * 600)).status_code == 200
    refused = await citizen.post(f"/applications/{draft['id']}/submit", seen=2)
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/materials/lease"]


async def test_a_draft_without_answers_is_made_of_the_whole_item(hall: Hall, narrowing: list[Any]) -> None:
    await hall.citizen().submitted()
    assert narrowing == []


@pytest.mark.parametrize(
    ("situation", "status", "kind", "pointers"),
    [
        ({"staff": "3"}, 422, "situation-open", ["/situation/rented"]),
        ({"rented": "perhaps"}, 422, "situation-invalid", ["/situation/rented/0"]),
        ({"rented": ["no"]}, 409, "situation-elsewhere", []),
    ],
)
async def test_answers_that_do_not_lead_to_an_application_say_why(
    hall: Hall, narrowing: list[Any], situation: dict[str, Any], status: int, kind: str, pointers: list[str]
) -> None:
    refused = await hall.citizen().post("/applications", {"item_code": "sp-jy", "situation": situation})
    problem = refused.json()
    assert (refused.status_code, problem["type"]) == (status, f"urn:tongban:problem:{kind}")
    assert [error["pointer"] for error in problem.get("errors", [])] == pointers
    if kind == "situation-elsewhere":
        assert (problem["detail"], problem["item_code"]) == ("去备案", "filing")


async def test_two_situations_of_one_version_are_two_demands(hall: Hall, narrowing: list[Any]) -> None:
    whole = await hall.citizen().draft()
    citizen = hall.citizen()
    renting = await citizen.draft(situation={"rented": "yes"})
    assert whole["item"]["version_id"] == renting["item"]["version_id"]
    assert (await citizen.upload(renting["id"], "floor-plan", PDF)).status_code == 200
    refused = await citizen.post(f"/applications/{renting['id']}/submit", seen=2)
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/materials/lease"]


async def situate(someone: Someone, draft: dict[str, Any], situation: dict[str, Any], *, seen: int) -> Any:
    return await someone.put(f"/applications/{draft['id']}/situation", {"situation": situation}, seen=seen)


def standings(application: dict[str, Any]) -> dict[str, str]:
    return {one["key"]: one["standing"] for one in application["materials"]}


async def test_answers_are_changed_and_what_is_still_asked_stays(hall: Hall, narrowing: list[Any]) -> None:
    """`rented: own` asks neither the plan nor a note, and a record of the owner; the licence is asked by both."""
    hall.service.peers.on("POST", "certificates", "/uses", answer_uses)
    citizen = hall.citizen()
    draft = await citizen.draft(situation={"rented": "yes"}, form={**FORM, "note": "二楼"})
    await citizen.upload(draft["id"], "floor-plan", PDF)
    changed = await situate(citizen, draft, {"rented": "own"}, seen=2)
    assert (changed.status_code, changed.headers["etag"]) == (200, '"3"'), changed.text
    view = changed.json()
    assert (view["situation"], view["form"]) == ({"rented": "own"}, FORM)
    assert standings(view) == {
        "application-form": "answered_in_form", "business-licence": "filled", "identity-card": "filled", "owner-record": "asked",
        "tax-record": "shared",
    }  # fmt: skip
    licences = [next(one for one in seen["materials"] if one["key"] == "business-licence") for seen in (draft, view)]
    assert licences[0] == licences[1], "a certificate that is in use is not used again"
    back = (await situate(citizen, draft, {"rented": "yes"}, seen=3)).json()
    assert standings(back)["floor-plan"] == "asked", "an upload nobody asked for any more is gone"
    assert (await citizen.get(f"/applications/{draft['id']}/materials/floor-plan/file")).status_code == 404
    await citizen.upload(draft["id"], "floor-plan", PDF)
    await citizen.upload(draft["id"], "lease", PDF)
    assert (await citizen.post(f"/applications/{draft['id']}/submit", seen=6)).status_code == 200
    late = await situate(citizen, draft, {"rented": "own"}, seen=7)
    assert (late.status_code, late.json()["type"]) == (409, "urn:tongban:problem:step-not-allowed")


async def test_answers_that_lead_nowhere_change_nothing(hall: Hall, narrowing: list[Any]) -> None:
    citizen = hall.citizen()
    draft = await citizen.draft(situation={"rented": "yes"})
    for situation, seen, status, kind in (
        ({"rented": "perhaps"}, 1, 422, "situation-invalid"),
        ({"staff": "3"}, 1, 422, "situation-open"),
        ({"rented": "no"}, 1, 409, "situation-elsewhere"),
        ({"rented": "own"}, 7, 412, "changed-meanwhile"),
    ):
        refused = await situate(citizen, draft, situation, seen=seen)
        assert (refused.status_code, refused.json()["type"]) == (status, f"urn:tongban:problem:{kind}")
    assert (await situate(hall.citizen(), draft, {"rented": "own"}, seen=1)).status_code == 404
    assert (await citizen.get(f"/applications/{draft['id']}")).json() == draft

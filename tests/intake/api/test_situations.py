"""Drafts of items that ask questions: the catalog narrows, intake demands exactly what is left."""

from typing import Any

import orjson
import pytest

from chassis.http import Answer, Request
from tests.intake.conftest import ITEM, Hall
from tests.support.peers import answer

QUESTION = {"key": "rented", "text": {"zh": "场地是租的吗？", "en": "Are the premises rented?"}}
ASKING = {**ITEM, "situation_table": {"rule": "only", "questions": [], "rows": []}}
WITH_LEASE = {
    **ASKING,
    "materials": [{**one, "necessity": "required"} if one["key"] == "lease" else one for one in ITEM["materials"]],
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
        return answer({"open_questions": left, "instead": instead, "guide": WITH_LEASE})

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

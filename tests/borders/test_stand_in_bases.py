"""The stand-in bases answer truly, and misbehave exactly as told."""

from collections.abc import AsyncIterator
import json
from typing import Any

import httpx
import pytest

from borders.app import create_app
from borders.records import CardRecord, FaceRecord, OrganisationRecord, PersonRecord

LI = PersonRecord("李春分", "511602199003210029")
NOODLES = OrganisationRecord("春分面馆（测试）", "92511602DEM100010A", LI.name, LI.citizen_id)
PERSON = {"name": LI.name, "citizen_id": LI.citizen_id}
ORGANISATION = {"name": NOODLES.name, "uscc": NOODLES.uscc, "legal_representative_citizen_id": LI.citizen_id}


@pytest.fixture
async def base() -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(people=[LI], organisations=[NOODLES])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://base") as client:
        yield client


async def ask(base: httpx.AsyncClient, path: str, question: dict[str, Any]) -> dict[str, Any]:
    response = await base.post(path, json=question)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, "match"),
        ({"name": "李春风"}, "mismatch"),
        ({"citizen_id": "511602198505200018"}, "unknown"),
    ],
)
async def test_a_person_is_verified_by_name_and_number(base: httpx.AsyncClient, change: dict[str, str], status: str) -> None:
    assert await ask(base, "/verify-person", PERSON | change) == {"match": status == "match", "status": status}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, "match"),
        ({"legal_representative_name": LI.name}, "match"),
        ({"legal_representative_name": "王谷雨"}, "mismatch"),
        ({"legal_representative_citizen_id": "511602198505200018"}, "mismatch"),
        ({"name": "秋分面馆"}, "mismatch"),
        ({"uscc": "92511602DEM100020B"}, "unknown"),
    ],
)
async def test_an_organisation_is_verified_with_its_legal_representative(
    base: httpx.AsyncClient, change: dict[str, str], status: str
) -> None:
    assert await ask(base, "/verify-organisation", ORGANISATION | change) == {"match": status == "match", "status": status}


async def test_a_wrong_base_says_the_opposite(base: httpx.AsyncClient) -> None:
    await base.put("/behaviour", json={"mode": "wrong"})
    assert (await ask(base, "/verify-person", PERSON))["status"] == "mismatch"
    assert (await ask(base, "/verify-person", PERSON | {"name": "李春风"}))["match"] is True
    await base.put("/behaviour", json={"mode": "normal"})
    assert (await ask(base, "/verify-person", PERSON))["status"] == "match"


async def test_a_base_that_is_down_answers_503_and_can_still_be_told_to_recover(base: httpx.AsyncClient) -> None:
    await base.put("/behaviour", json={"mode": "down"})
    assert (await base.post("/verify-person", json=PERSON)).status_code == 503
    assert (await base.get("/behaviour")).json() == {"mode": "down", "delay_ms": 0}
    await base.put("/behaviour", json={})
    assert (await base.post("/verify-person", json=PERSON)).status_code == 200


async def test_garbage_claims_to_be_json_and_is_not(base: httpx.AsyncClient) -> None:
    await base.put("/behaviour", json={"mode": "garbage"})
    response = await base.post("/verify-organisation", json=ORGANISATION)
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    with pytest.raises((json.JSONDecodeError, UnicodeDecodeError)):
        response.json()


async def test_a_slow_base_answers_truly_after_the_delay(base: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def note(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("borders.app.asyncio.sleep", note)
    await base.put("/behaviour", json={"mode": "slow", "delay_ms": 4000})
    assert (await ask(base, "/verify-person", PERSON))["status"] == "match"
    assert waited == [4.0]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/verify-person", {"name": LI.name}),
        ("/verify-person", PERSON | {"citizen_id": "123"}),
        ("/verify-person", PERSON | {"more": 1}),
        ("/verify-organisation", {"name": "x"}),
    ],
)
async def test_a_question_out_of_shape_is_a_422(base: httpx.AsyncClient, path: str, body: dict[str, Any]) -> None:
    assert (await base.post(path, json=body)).status_code == 422


@pytest.mark.parametrize("body", [{"mode": "asleep"}, {"delay_ms": -1}, {"delay_ms": 60_001}])
async def test_an_unknown_behaviour_is_a_422_and_changes_nothing(base: httpx.AsyncClient, body: dict[str, Any]) -> None:
    assert (await base.put("/behaviour", json=body)).status_code == 422
    assert (await base.get("/behaviour")).json() == {"mode": "normal", "delay_ms": 0}


async def test_two_bases_in_one_process_behave_each_for_itself(base: httpx.AsyncClient) -> None:
    other = create_app(people=[LI], organisations=[])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=other), base_url="http://other") as second:
        await second.put("/behaviour", json={"mode": "down"})
        assert (await second.post("/verify-person", json=PERSON)).status_code == 503
    assert (await ask(base, "/verify-person", PERSON))["status"] == "match"


async def test_one_source_misbehaves_alone(base: httpx.AsyncClient) -> None:
    await base.put("/behaviour/legal-person-base", json={"mode": "down"})
    assert (await base.post("/verify-organisation", json=ORGANISATION)).status_code == 503
    assert (await ask(base, "/verify-person", PERSON))["match"] is True
    await base.put("/behaviour", json={})
    assert (await ask(base, "/verify-organisation", ORGANISATION))["match"] is True


async def test_a_liar_contradicts_itself_or_speaks_of_somebody_else(base: httpx.AsyncClient) -> None:
    await base.put("/behaviour", json={"mode": "contradictory"})
    assert await ask(base, "/verify-person", PERSON | {"reference": "r-1"}) == {"match": False, "status": "match", "reference": "r-1"}
    await base.put("/behaviour", json={"mode": "stranger"})
    assert (await ask(base, "/verify-person", PERSON | {"reference": "r-1"}))["reference"] != "r-1"


@pytest.mark.parametrize(
    ("path", "extra", "status"),
    [
        ("/verify-card", {"card": "6228480000000000018", "phone": "13900000001"}, "match"),
        ("/verify-card", {"card": "6228480000000000018", "phone": "13900000002"}, "mismatch"),
        ("/verify-card", {"card": "4532015112830366", "phone": "13900000001"}, "unknown"),
        ("/verify-face", {"liveness_reference": "liveness-1"}, "match"),
        ("/verify-face", {"liveness_reference": "liveness-2"}, "unknown"),
    ],
)
async def test_card_and_face_are_compared_with_the_person(path: str, extra: dict[str, str], status: str) -> None:
    card = CardRecord(LI.name, LI.citizen_id, "6228480000000000018", "13900000001")
    app = create_app(people=[], organisations=[], cards=[card], faces=[FaceRecord("liveness-1", LI.citizen_id)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://base") as client:
        assert (await ask(client, path, PERSON | extra))["status"] == status

"""Narrowing an item by answers, over HTTP, with the sample city's own tables."""

from typing import Any

import httpx
import pytest

from tests.catalog.conftest import Publish
from tests.catalog.sample import item, sample_items
from tests.support.service import ServiceUnderTest

FOOD = "food-business-permit"


async def narrowed(catalog: ServiceUnderTest, code: str, **answers: Any) -> httpx.Response:
    return await catalog.http.post(f"/items/{code}/narrow", json={"answers": answers})


@pytest.fixture
async def food(publish: Publish) -> str:
    """The food permit in force; its version."""
    answer = await publish(FOOD, {**sample_items()[FOOD], "region_code": "511602000000"})
    assert answer.status_code == 201, answer.text
    version: str = answer.json()["version_id"]
    return version


async def test_a_restaurant_by_its_owner_is_asked_for_what_everybody_is_asked_for(catalog: ServiceUnderTest, food: str) -> None:
    answer = (await narrowed(catalog, FOOD, business=["catering"], vending=["no"], agent=["no"])).json()
    assert (answer["is_complete"], answer["open_questions"], answer["situations"]) == (True, [], [])
    asked = ["application-form", "business-licence", "legal-representative-identity", "layout-and-workflow", "food-safety-rules"]
    assert answer["materials"] == {"certain": asked, "possible": []}
    assert [one["key"] for one in answer["guide"]["materials"]] == asked
    assert not {"device_places", "agent_name"} & set(answer["guide"]["form"]["properties"])


async def test_vending_machines_and_an_agent_add_their_materials_and_fields(catalog: ServiceUnderTest, food: str) -> None:
    answer = (await narrowed(catalog, FOOD, business=["sales"], vending=["yes"], agent=["yes"])).json()
    assert [one["key"] for one in answer["situations"]] == ["by-machine", "by-agent"]
    required = {one["key"] for one in answer["guide"]["materials"] if one["necessity"] == "required"}
    assert {"device-plan", "authorisation-letter"} <= required
    assert {"device_places", "agent_name"} <= set(answer["guide"]["form"]["properties"])


async def test_only_questions_that_matter_are_left_open(catalog: ServiceUnderTest, food: str) -> None:
    first = (await narrowed(catalog, FOOD)).json()
    assert [one["key"] for one in first["open_questions"]] == ["business", "vending", "agent"]
    canteen = (await narrowed(catalog, FOOD, business=["canteen"])).json()
    assert [one["key"] for one in canteen["open_questions"]] == ["agent"]
    assert canteen["materials"]["possible"] == ["authorisation-letter"]


async def test_who_sells_prepackaged_food_is_sent_to_the_filing(catalog: ServiceUnderTest, food: str) -> None:
    answer = (await narrowed(catalog, FOOD, business=["prepackaged"])).json()
    assert (answer["is_complete"], answer["instead"]["item"]) == (True, "511Z31138001")


async def test_a_version_is_narrowed_as_it_was(catalog: ServiceUnderTest, food: str, publish: Publish) -> None:
    assert (await publish(FOOD, item())).json()["version_number"] == 2
    before = await catalog.http.post(f"/item-versions/{food}/narrow", json={"answers": {"business": ["canteen"]}})
    assert (before.json()["version_number"], len(before.json()["open_questions"])) == (1, 1)
    now = await narrowed(catalog, FOOD)
    assert (now.json()["is_complete"], now.json()["materials"]["certain"]) == (True, ["application-form", "business-licence"])


@pytest.mark.parametrize(
    ("answers", "pointer", "code"),
    [
        ({"age": ["old"]}, "/answers/age", "question-unknown"),
        ({"business": ["bank"]}, "/answers/business/0", "choice-unknown"),
        ({"business": ["sales", "canteen"]}, "/answers/business", "answer-not-single"),
        ({"vending": []}, "/answers/vending", "answer-empty"),
    ],
)
async def test_an_answer_that_is_none_is_refused_where_it_stands(
    catalog: ServiceUnderTest, food: str, answers: dict[str, list[str]], pointer: str, code: str
) -> None:
    answer = await narrowed(catalog, FOOD, **answers)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:tongban:problem:answers-invalid")
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [(pointer, code)]


async def test_an_item_without_questions_takes_no_answers_and_an_unknown_one_is_said_to_be(
    catalog: ServiceUnderTest, publish: Publish
) -> None:
    await publish("plain", item())
    assert (await narrowed(catalog, "plain")).json()["is_complete"]
    assert (await narrowed(catalog, "plain", kind=["shop"])).status_code == 422
    assert (await narrowed(catalog, "nothing")).status_code == 404
    missing = await catalog.http.post("/item-versions/0199a000-0000-7000-8000-000000000001/narrow", json={})
    assert missing.status_code == 404

from typing import Any

import pytest

from tests.certificates.conftest import Headers
from tests.certificates.sample import ELEMENTS, FOOD_PERMIT, type_body
from tests.support.service import ServiceUnderTest


async def test_the_same_content_keeps_its_version_and_other_content_makes_a_new_one(library: ServiceUnderTest, operator: Headers) -> None:
    path = f"/certificate-types/{FOOD_PERMIT}"
    same = await library.http.put(path, json=type_body(FOOD_PERMIT), headers=operator)
    assert (same.status_code, same.json()["version"], same.headers["etag"]) == (200, 1, '"1"')
    other = await library.http.put(path, json=type_body(FOOD_PERMIT, validity_months=36), headers=operator)
    assert (other.status_code, other.json()["version"]) == (201, 2)


async def test_the_order_of_elements_is_kept_because_it_is_the_order_of_lines(library: ServiceUnderTest, operator: Headers) -> None:
    listed = (await library.http.get("/certificate-types", params={"limit": 200})).json()["data"]
    food = next(row for row in listed if row["code"] == FOOD_PERMIT)
    assert list(food["elements"]["properties"]) == list(ELEMENTS[FOOD_PERMIT]["properties"])
    turned = {**ELEMENTS[FOOD_PERMIT], "properties": dict(reversed(ELEMENTS[FOOD_PERMIT]["properties"].items()))}
    answer = await library.http.put(f"/certificate-types/{FOOD_PERMIT}", json=type_body(FOOD_PERMIT, elements=turned), headers=operator)
    assert answer.json()["version"] == 2


async def test_anybody_pages_through_the_directory(library: ServiceUnderTest) -> None:
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(3):
        answer = (await library.http.get("/certificate-types", params={"limit": 1, **({"cursor": cursor} if cursor else {})})).json()
        seen += [row["code"] for row in answer["data"]]
        cursor = answer["next_cursor"]
    assert seen == sorted(ELEMENTS) and cursor is None


@pytest.mark.parametrize(
    "changes",
    [
        {"elements": {}},
        {"elements": {"type": "object", "properties": {"a": {"type": "string", "pattern": "("}}}},
        {"elements": {"type": "object", "properties": {"a": {"type": "number", "maximum": 10**40}}}},
        {"name": ""},
        {"validity_months": 0},
        {"holder_kind": "dog"},
        {"unknown": 1},
    ],
)
async def test_a_type_that_cannot_be_used_is_refused(library: ServiceUnderTest, operator: Headers, changes: dict[str, Any]) -> None:
    answer = await library.http.put(f"/certificate-types/{FOOD_PERMIT}", json=type_body(FOOD_PERMIT, **changes), headers=operator)
    assert answer.status_code == 422 and answer.json()["errors"]


async def test_only_the_operator_keeps_the_directory(library: ServiceUnderTest, citizen: Headers) -> None:
    path = f"/certificate-types/{FOOD_PERMIT}"
    assert (await library.http.put(path, json=type_body(FOOD_PERMIT), headers=citizen)).status_code == 403
    assert (await library.http.put(path, json=type_body(FOOD_PERMIT))).status_code == 401

"""What breaks a reader is refused; what does not, is not."""

from typing import Any

import pytest

from contracts.compatibility import breaking_api_changes, breaking_schema_changes


def event(properties: dict[str, Any], required: list[str], **definitions: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "$defs": definitions}


OLD = event(
    {
        "id": {"type": "string", "format": "uuid"},
        "outcome": {"enum": ["granted", "refused"], "type": "string"},
        "due": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "item": {"$ref": "#/$defs/Item"},
        "days": {"type": "array", "items": {"type": "string"}},
    },
    ["id", "outcome", "item"],
    Item={"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
)


def changed(**properties: Any) -> dict[str, Any]:
    return {**OLD, "properties": {**OLD["properties"], **properties}}


def without(name: str) -> dict[str, Any]:
    return {**OLD, "properties": {k: v for k, v in OLD["properties"].items() if k != name}}


@pytest.mark.parametrize(
    ("new", "says"),
    [
        (without("id"), "/id: is gone"),
        ({**OLD, "required": ["id", "item"]}, "/outcome: is no longer always there"),
        (changed(id={"type": "integer"}), "/id: may now be integer"),
        (changed(id={"anyOf": [{"type": "string"}, {"type": "null"}]}), "/id: may now be null"),
        (changed(outcome={"enum": ["granted", "refused", "expired"], "type": "string"}), "/outcome: has values its readers do not know"),
        (changed(outcome={"type": "string"}), "/outcome: has values its readers do not know"),
        (changed(days={"type": "array", "items": {"type": "integer"}}), "/days[]: may now be integer"),
        ({**OLD, "$defs": {"Item": {"type": "object", "properties": {}}}}, "/item/name: is gone"),
    ],
)
def test_a_change_that_breaks_a_reader_is_named(new: dict[str, Any], says: str) -> None:
    assert says in breaking_schema_changes(OLD, new)


@pytest.mark.parametrize(
    "new",
    [
        OLD,
        changed(added={"type": "string"}),
        changed(due={"type": "string"}),
        changed(outcome={"enum": ["granted"], "type": "string"}),
        {**OLD, "required": [*OLD["required"], "due"]},
    ],
)
def test_a_change_that_every_reader_survives_is_let_through(new: dict[str, Any]) -> None:
    assert breaking_schema_changes(OLD, new) == []


def api(**operation: Any) -> dict[str, Any]:
    body = {
        "content": {"application/json": {"schema": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}}}
    }
    answers = {
        "200": {
            "content": {"application/json": {"schema": {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}}}
        }
    }
    return {"paths": {"/things": {"post": {"parameters": [], "requestBody": body, "responses": answers, **operation}}}}


def schema(**parts: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": {"type": "object", **parts}}}}


@pytest.mark.parametrize(
    ("new", "says"),
    [
        ({"paths": {}}, "POST /things: is gone"),
        (api(parameters=[{"in": "query", "name": "region", "required": True}]), "query region is newly required"),
        (
            api(requestBody=schema(properties={"name": {"type": "string"}, "age": {"type": "integer"}}, required=["name", "age"])),
            "body/age: is newly required",
        ),
        (api(requestBody=schema(properties={"name": {"type": "integer"}}, required=["name"])), "body/name: may no longer be string"),
        (api(requestBody=schema(properties={}, additionalProperties=False)), "body/name: is no longer taken"),
        (api(responses={"201": {}}), "answer 200 is gone"),
        (api(responses={"200": schema(properties={})}), "answer 200/id: is gone"),
    ],
)
def test_a_change_that_breaks_a_caller_is_named(new: dict[str, Any], says: str) -> None:
    assert any(says in change for change in breaking_api_changes(api(), new)), breaking_api_changes(api(), new)


def test_new_paths_optional_parameters_and_more_answers_break_nobody() -> None:
    new = api(parameters=[{"in": "query", "name": "region"}])
    new["paths"]["/more"] = {"get": {"responses": {}}}
    assert breaking_api_changes(api(), new) == []

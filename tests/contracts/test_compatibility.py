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
        "weight": {"type": "number"},
        "form": {"type": "object", "additionalProperties": {"type": "string"}},
        "holder": {"anyOf": [{"$ref": "#/$defs/Item"}, {"$ref": "#/$defs/Firm"}, {"type": "null"}]},
        "version": {"const": 1},
        "anything": {},
    },
    ["id", "outcome", "item"],
    Item={"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
    Firm={"type": "object", "properties": {"code": {"type": "string"}, "kind": {"const": "firm"}}, "required": ["code", "kind"]},
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
        ({**OLD, "$defs": {**OLD["$defs"], "Item": {"type": "object", "properties": {}}}}, "/item/name: is gone"),
        (changed(id={"type": "string", "format": "date-time"}), "/id: is no longer a uuid"),
        (changed(form={"type": "object", "additionalProperties": {"type": "integer"}}), "/form{}: may now be integer"),
        (changed(form={"type": "object"}), "/form{}: may now be any"),
        (changed(weight={"type": "string"}), "/weight: may now be string"),
        (changed(version={"const": 2}), "/version: has values its readers do not know"),
        (changed(holder={"anyOf": [{"$ref": "#/$defs/Item"}, {"type": "object", "properties": {}}]}), "/holder/name: is gone"),
        (
            {**OLD, "$defs": {**OLD["$defs"], "Firm": {"type": "object", "properties": {"kind": {"const": "firm"}}, "required": ["kind"]}}},
            "/holder/name: is gone",
        ),
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
        changed(weight={"type": "integer"}),
        changed(anything={"type": "string"}),
        changed(holder={"anyOf": [{"$ref": "#/$defs/Firm"}, {"$ref": "#/$defs/Item"}]}),
        changed(holder={"$ref": "#/$defs/Firm"}),
        changed(id={"type": "string", "format": "uuid", "maxLength": 36}),
        changed(form={"type": "object", "additionalProperties": {"type": "string", "maxLength": 5}}),
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


FIELDS = {
    "name": {"type": "string", "maxLength": 50},
    "size": {"type": "integer", "minimum": 0},
    "tags": {"type": "array", "items": {"enum": ["a", "b"]}},
}


def taking(**fields: Any) -> dict[str, Any]:
    return api(requestBody=schema(properties={**FIELDS, **fields}))


@pytest.mark.parametrize(
    ("new", "says"),
    [
        (taking(name={"type": "string", "maxLength": 40}), "body/name: has a narrower maxLength"),
        (taking(size={"type": "integer", "minimum": 1}), "body/size: has a narrower minimum"),
        (taking(size={"type": "integer", "minimum": 0, "maximum": 9}), "body/size: has a narrower maximum"),
        (taking(name={"type": "string", "maxLength": 50, "pattern": "^a"}), "body/name: must now keep to a pattern"),
        (taking(name={"type": "string", "maxLength": 50, "format": "uuid"}), "body/name: must now keep to a format"),
        (taking(name={"enum": ["x"], "type": "string"}), "body/name: no longer takes values it took"),
        (taking(tags={"type": "array", "items": {"enum": ["a"]}}), "body/tags[]: no longer takes values it took"),
        (api(requestBody={**schema(properties=FIELDS), "required": True}), "a body is newly required"),
        (api(requestBody={"content": {"application/xml": {}}}), "a body of application/json is no longer taken"),
        (api(requestBody=schema(properties=FIELDS), security=[{"token": []}]), "now needs a token"),
        (
            api(
                requestBody=schema(properties=FIELDS),
                parameters=[{"in": "query", "name": "limit", "schema": {"type": "integer", "maximum": 5}}],
            ),
            "query limit: has a narrower maximum",
        ),
        (
            api(requestBody=schema(properties=FIELDS), responses={"200": {"content": {"text/html": {}}}}),
            "answer 200 no longer comes as application/json",
        ),
    ],
)
def test_asking_for_more_than_before_is_named(new: dict[str, Any], says: str) -> None:
    limit = {"in": "query", "name": "limit", "schema": {"type": "integer", "maximum": 10}}
    old = api(requestBody=schema(properties=FIELDS), parameters=[limit], security=[{}, {"token": []}])
    found = breaking_api_changes(old, new)
    assert f"POST /things: {says}" in found, found


@pytest.mark.parametrize(
    "fields",
    [
        {}, {"name": {"type": "string", "maxLength": 60}}, {"size": {"type": "number", "minimum": 0}}, {"size": {}},
        {"name": {"anyOf": [{"type": "string", "maxLength": 50}, {"type": "null"}]}}, {"tags": {"type": "array", "items": {"enum": ["a", "b", "c"]}}},
        {"more": {"type": "string"}},
    ],
)  # fmt: skip
def test_taking_more_than_before_breaks_nobody(fields: dict[str, Any]) -> None:
    assert breaking_api_changes(taking(), taking(**fields)) == []


def test_new_paths_optional_parameters_and_more_answers_break_nobody() -> None:
    new = api(parameters=[{"in": "query", "name": "region"}])
    new["paths"]["/more"] = {"get": {"responses": {}}}
    assert breaking_api_changes(api(), new) == []

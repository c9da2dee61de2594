import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
import pytest

from services.certificates.rules.elements import element_faults, issued_elements, lines, missing_elements, schema_faults
from tests.certificates.sample import CITIZEN_ID, ELEMENTS, FOOD_PERMIT, IDENTITY_CARD

FOOD = ELEMENTS[FOOD_PERMIT]
FACTS = {"number": "JY1", "name": "春分面馆", "uscc": "92"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def one(element: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"a": element}}


@pytest.mark.parametrize("code", list(ELEMENTS))
def test_the_sample_types_describe_elements(code: str) -> None:
    assert schema_faults(ELEMENTS[code]) == []


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ({}, "/elements"),
        ({"type": "object", "properties": {}}, "/elements"),
        ({"type": "array", "items": {"type": "string"}}, "/elements"),
        (one({"type": "object"}), "/elements/properties/a"),
        (one({"type": "wrong"}), "/elements/properties/a/type"),
        (one({"type": "string", "pattern": "("}), "/elements/properties/a/pattern"),
        (one({"type": "string", "$ref": "http://example.org/x"}), "/elements/properties/a/$ref"),
        (one({"type": "string", "anyOf": [{"$ref": "file:///etc/passwd"}]}), "/elements/properties/a/anyOf/0/$ref"),
        (one({"type": "integer", "maximum": 10**30}), "/elements"),
        (one({"type": "number", "maximum": float("nan")}), "/elements"),
    ],
)
def test_a_schema_that_cannot_describe_a_certificate_is_refused(schema: dict[str, Any], pointer: str) -> None:
    assert schema_faults(schema)[0].pointer == pointer


def test_an_element_may_be_called_like_a_keyword() -> None:
    assert schema_faults({"type": "object", "properties": {"$ref": {"type": "string"}, "pattern": {"type": "string"}}}) == []


@given(schema=st.dictionaries(st.sampled_from(["type", "properties", "required", "$ref", "pattern"]), JSON))
def test_no_schema_however_odd_breaks_the_check(schema: dict[str, Any]) -> None:
    for fault in schema_faults(schema):
        assert fault.pointer.startswith("/elements")


@given(elements=st.dictionaries(st.sampled_from([*FOOD["properties"], "else"]), JSON))
def test_whatever_passes_can_be_signed_and_stored(elements: dict[str, Any]) -> None:
    if not element_faults(FOOD, elements):
        assert json.loads(json.dumps(elements, allow_nan=False)) == elements


def test_every_fault_is_told_at_once_and_none_repeats_a_value() -> None:
    schema = ELEMENTS[IDENTITY_CARD]
    faults = element_faults(schema, {"citizen_id": 5, "birth_date": f"born {CITIZEN_ID}", "x": "y"})
    assert {(fault.pointer, fault.code) for fault in faults} == {
        ("/elements/holder_name", "missing"),
        ("/elements/citizen_id", "type"),
        ("/elements/birth_date", "format"),
        ("/elements", "additionalProperties"),
    }
    assert CITIZEN_ID not in str(faults)


def test_of_a_form_only_what_fits_comes_on_the_certificate() -> None:
    form = {
        "premises_address": "测试路 1 号",
        "main_business": "超" * 21,
        "food_items": ["热食类食品制售"],
        "contact_phone": "13900000000",
        "number": "JY999",
    }
    elements = issued_elements(FOOD, form, FACTS)
    assert elements == {**FACTS, "premises": "测试路 1 号", "food_items": ["热食类食品制售"]}
    assert list(elements) == ["number", "name", "uscc", "premises", "food_items"]


def test_what_the_form_lacks_is_named_and_not_invented() -> None:
    assert missing_elements(FOOD, issued_elements(FOOD, {}, FACTS)) == ["premises"]


def test_printed_lines_follow_the_type_and_leave_out_what_the_head_shows() -> None:
    printed = lines(FOOD, {**FACTS, "food_items": ["甲"], "premises": "乙", "later": "丙"})
    assert [(line.label, line.label_en, line.value) for line in printed] == [
        ("经营场所", "Premises", "乙"),
        ("经营项目", "", ["甲"]),
        ("later", "", "丙"),
    ]

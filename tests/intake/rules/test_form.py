"""Forms against their schema."""

from typing import Any

import pytest

from services.intake.rules.form import filled_in, form_faults
from tests.intake.conftest import FORM, ITEM

SCHEMA = ITEM["form"]


def test_a_complete_form_has_no_faults() -> None:
    assert form_faults(SCHEMA, FORM) == ()


def test_every_fault_is_told_at_once_and_at_its_field() -> None:
    found = form_faults(SCHEMA, {"business_name": "面", "extra": 1})
    assert [(f.pointer, f.code) for f in found] == [
        ("/business_name", "minLength"),
        ("/extra", "additionalProperties"),
        ("/phone", "required"),
    ]
    assert found[0].zh == "至少 2 个字符"
    assert found[2].en == "is required"


@pytest.mark.parametrize(
    ("schema", "form", "pointer"),
    [
        ({"properties": {"a/b": {"type": "integer"}}}, {"a/b": "x"}, "/a~1b"),
        ({"properties": {"list": {"items": {"type": "integer"}}}}, {"list": [1, "x"]}, "/list/1"),
        ({"properties": {"day": {"format": "date"}}}, {"day": "2026-02-30"}, "/day"),
        ({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, {}, ""),
    ],
)
def test_pointers_lead_to_the_wrong_member(schema: dict[str, Any], form: dict[str, Any], pointer: str) -> None:
    assert [f.pointer for f in form_faults(schema, form)] == [pointer]


LICENCE = {"type_code": "L", "element": "name"}


def test_what_a_certificate_says_is_filled_in_and_an_answer_is_never_overwritten() -> None:
    schema = {"properties": {"business_name": {"type": "string", "x-from-certificate": LICENCE}, "phone": {"type": "string"}}}
    certificates = {"L": {"name": "春分面馆", "scope": "餐饮"}}
    assert filled_in(schema, {"phone": "1"}, certificates) == {"phone": "1", "business_name": "春分面馆"}
    assert filled_in(schema, {"business_name": "我的面馆"}, certificates) == {"business_name": "我的面馆"}
    assert filled_in(schema, {}, {}) == {}


def test_a_value_that_does_not_fit_its_field_stays_open() -> None:
    schema = {"properties": {"business_name": {"type": "string", "maxLength": 2, "x-from-certificate": LICENCE}}}
    assert filled_in(schema, {}, {"L": {"name": "春分面馆"}}) == {}
    assert filled_in(schema, {}, {"L": {"name": ["春分"]}}) == {}

"""Forms against their schema."""

from typing import Any

import pytest

from services.intake.rules.form import form_faults
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

"""Bundles: what is asked once, what is a conflict, in which order, and how long it takes."""

from datetime import date
from itertools import permutations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
import pytest

from services.catalog.rules.bundle import BundleGuide
from services.catalog.rules.bundle_order import all_before, circle, in_order, stages, timetable
from services.catalog.rules.form_schema import form_faults
from standards.working_days import WorkingCalendar
from tests.catalog.bundles import CODES, assembled, bundle, rules_of, sample_bundles, simple
from tests.catalog.sample import sample_items

LICENCE = "12511600DEM099990F001"


def material(key: str = "lease", name: str = "租赁合同", **changes: Any) -> dict[str, Any]:
    return {"key": key, "name": name, "source": "applicant", **changes}


def form(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def guide_of(said: dict[str, Any], **items: dict[str, Any]) -> BundleGuide:
    found = assembled(said, **items)
    assert (found.findings, found.conflicts) == ([], []) and found.guide is not None
    return found.guide


def test_what_two_items_ask_alike_is_asked_once_and_says_for_whom() -> None:
    phone = {"type": "string", "title": "电话"}
    guide = guide_of(
        bundle("A", "B"),
        A=simple(materials=[material(), material("plan", "平面图")], form=form(phone=phone, name={"type": "string"})),
        B=simple(materials=[material("contract", "租赁合同")], form=form(phone=phone, area={"type": "number"})),
    )
    assert [(one.key, [(use.item, use.material) for use in one.uses]) for one in guide.materials] == [
        ("lease", [("A", "lease"), ("B", "contract")]), ("plan", [("A", "plan")])
    ]  # fmt: skip
    assert (guide.materials_before, guide.fields_before) == (3, 4)
    assert [(one.name, len(one.uses)) for one in guide.fields] == [("phone", 2), ("name", 1), ("area", 1)]
    assert guide.form["required"] == ["phone", "name", "area"] and guide.form["additionalProperties"] is False
    assert [section.fields for section in guide.form_layout] == [["phone"], ["name"], ["area"]]


@pytest.mark.parametrize(
    ("differs", "properties"),
    [
        ({"form": "original"}, ("form",)),
        ({"copies": 2}, ("copies",)),
        ({"is_tolerant": True, "tolerant_days": 5}, ("is_tolerant", "tolerant_days")),
        ({"source": "commitment"}, ("source",)),
    ],
)
def test_the_same_material_asked_differently_is_a_conflict_until_the_editor_settles_it(
    differs: dict[str, Any], properties: tuple[str, ...]
) -> None:
    items = {"A": simple(materials=[material()]), "B": simple(materials=[material(**differs)])}
    found = assembled(bundle("A", "B"), **items)
    assert rules_of(found) == ["material-conflict"]
    assert [(one.refs, one.differing) for one in found.conflicts] == [((("A", "lease"), ("B", "lease")), properties)]
    [as_b] = guide_of(bundle("A", "B", material_choices=[{"item": "B", "material": "lease", "decision": "as_here"}]), **items).materials
    assert all(getattr(as_b, name) == differs[name] for name in properties) and len(as_b.uses) == 2
    apart = guide_of(bundle("A", "B", material_choices=[{"item": "B", "material": "lease", "decision": "apart"}]), **items)
    assert [(one.key, one.uses[0].item) for one in apart.materials] == [("lease", "A"), ("lease-2", "B")]


def test_one_certificate_under_two_names_is_believed_to_be_the_same_only_when_the_editor_says_so() -> None:
    items = {
        "A": simple(materials=[material("owner", "股东身份证", source="certificate", certificate_type="ID01")]),
        "B": simple(materials=[material("agent", "代理人身份证", source="certificate", certificate_type="ID01")]),
    }
    assert rules_of(assembled(bundle("A", "B"), **items)) == ["material-perhaps-same"]
    same = [[{"item": "A", "material": "owner"}, {"item": "B", "material": "agent"}]]
    assert [len(one.uses) for one in guide_of(bundle("A", "B", same_materials=same), **items).materials] == [2]
    apart = [{"item": "B", "material": "agent", "decision": "apart"}]
    assert [len(one.uses) for one in guide_of(bundle("A", "B", material_choices=apart), **items).materials] == [1, 1]


def test_a_form_to_fill_in_is_its_own_item_s_whatever_it_is_called() -> None:
    asked = simple(materials=[material("application", "申请书", form="filled_form")])
    assert [one.key for one in guide_of(bundle("A", "B"), A=asked, B=asked).materials] == ["application", "application-2"]


def test_a_material_is_required_where_one_item_for_everybody_requires_it() -> None:
    rarely = material(necessity="conditional", needed_when="租用场地的")
    assert guide_of(bundle("A", "B"), A=simple(materials=[rarely]), B=simple(materials=[material()])).materials[0].necessity == "required"
    for_some = bundle("A", {"local_code": "B", "needed_when": "设广告的"})
    merged = guide_of(for_some, A=simple(materials=[rarely]), B=simple(materials=[material()])).materials[0]
    assert (merged.necessity, [use.needed_when for use in merged.uses]) == ("conditional", ["租用场地的", None])


def test_a_field_of_one_name_and_two_meanings_is_a_conflict_until_the_editor_settles_it() -> None:
    items = {
        "A": simple(form=form(area={"type": "number", "title": "面积"})),
        "B": simple(form=form(area={"type": "string", "title": "面积"})),
    }
    found = assembled(bundle("A", "B"), **items)
    assert rules_of(found) == ["field-conflict"] and found.conflicts[0].differing == ("type",)
    assert found.conflicts[0].values == {"A": {"type": "number"}, "B": {"type": "string"}}
    as_b = guide_of(bundle("A", "B", field_choices=[{"item": "B", "field": "area", "decision": "as_here"}]), **items)
    assert as_b.form["properties"]["area"]["type"] == "string"
    apart = guide_of(bundle("A", "B", field_choices=[{"item": "B", "field": "area", "decision": "apart"}]), **items)
    assert [(one.name, one.uses[0].item) for one in apart.fields] == [("area", "A"), ("area_2", "B")]
    assert apart.form["required"] == ["area", "area_2"]


def test_where_a_value_may_be_drawn_from_is_no_conflict() -> None:
    drawn = {"type": "string", "x-from-certificate": {"type_code": LICENCE, "element": "name"}}
    guide = guide_of(bundle("A", "B"), A=simple(form=form(name={"type": "string"})), B=simple(form=form(name=drawn)))
    assert guide.form["properties"]["name"] == {"type": "string"}
    both = guide_of(bundle("A", "B"), A=simple(form=form(name=drawn)), B=simple(form=form(name=drawn)))
    assert both.form["properties"]["name"] == drawn


def test_references_and_conditions_of_each_form_go_on_to_hold_in_the_one() -> None:
    with_both = {
        **form(place={"$ref": "#/$defs/place"}, has_gas={"type": "boolean"}),
        "$defs": {"place": {"type": "string", "minLength": 3}},
        "if": {"properties": {"has_gas": {"const": True}}},
        "then": {"required": ["place"]},
        "required": ["has_gas"],
    }
    items = {"A": simple(form=form(name={"type": "string"})), "B": simple(form=with_both)}
    one_form = guide_of(bundle("A", "B"), **items).form
    assert form_faults(one_form) == []
    validator = Draft202012Validator(one_form)
    assert validator.is_valid({"name": "x", "has_gas": False})
    assert not validator.is_valid({"name": "x", "has_gas": True})
    assert not validator.is_valid({"name": "x", "has_gas": True, "place": "xy"})
    apart = bundle("A", "B", field_choices=[{"item": "B", "field": "place", "decision": "apart"}])
    assert rules_of(assembled(apart, **items)) == ["apart-field-in-condition"]


def test_what_only_some_need_is_offered_and_not_required() -> None:
    some = bundle("A", {"local_code": "B", "needed_when": "设广告的"})
    guide = guide_of(some, A=simple(form=form(name={"type": "string"})), B=simple(form=form(size={"type": "string"})))
    assert guide.form["required"] == ["name"] and "size" in guide.form["properties"]


def test_a_result_is_made_before_it_is_needed_and_nobody_is_asked_for_it() -> None:
    licence = material("licence", "营业执照", source="certificate", certificate_type=LICENCE)
    items = {"A": simple(result_type_code=LICENCE), "B": simple(), "C": simple(materials=[licence])}
    found = assembled(bundle("A", "B", "C"), **items)
    assert [(one.pointer, one.rule) for one in found.findings] == [("/items/2/after", "result-needed-before")]
    far = guide_of(bundle("A", {"local_code": "B", "after": ["A"]}, {"local_code": "C", "after": ["B"]}), **items)
    assert [one.comes_from for one in far.materials] == ["A"]


@pytest.mark.parametrize(
    ("said", "rules"),
    [
        (bundle("A", "A"), ["item-twice"]),
        (bundle("A", "nobody"), ["item-not-in-force"]),
        (bundle("A", {"local_code": "B", "after": ["Z"]}), ["after-unknown"]),
        (bundle({"local_code": "A", "after": ["B"]}, {"local_code": "B", "after": ["A"]}), ["order-in-a-circle"]),
        (bundle("A", {"local_code": "B", "after": ["B"]}), ["order-in-a-circle"]),
        (bundle("A", "B", region_code="511603000000"), ["item-of-another-region", "item-of-another-region"]),
        (bundle(*({"local_code": code, "needed_when": "…"} for code in "AB")), ["item-for-all-missing"]),
        (bundle("A", "B", material_choices=[{"item": "A", "material": "x", "decision": "apart"}]), ["choice-unknown"]),
        (bundle("A", "B", field_choices=[{"item": "A", "field": "x", "decision": "apart"}]), ["choice-unknown"]),
        (bundle("A", "B", same_materials=[[{"item": "A", "material": "x"}, {"item": "B", "material": "y"}]]), ["choice-unknown"] * 2),
    ],
)
def test_what_stands_against_a_bundle_is_told_by_its_rule(said: dict[str, Any], rules: list[str]) -> None:
    assert rules_of(assembled(said, A=simple(), B=simple())) == rules
    assert rules_of(assembled(bundle("A", "B"), A=simple(), B=simple())) == []


def test_the_promise_is_that_of_the_longest_chain() -> None:
    def lasting(days: int, unit: str = "working_day") -> dict[str, Any]:
        return simple(promised_limit={"days": days, "unit": unit}, statutory_limit=None)

    said = bundle("A", {"local_code": "B", "after": ["A"]}, {"local_code": "C", "after": ["A"]}, {"local_code": "D", "after": ["B", "C"]})
    limit = guide_of(said, A=lasting(1), B=lasting(8), C=lasting(3), D=lasting(2)).overall_limit
    assert (limit.days, limit.path, limit.is_bound) == (11, ["A", "B", "D"], False)
    bound = guide_of(said, A=lasting(1), B=lasting(8, "calendar_day"), C=lasting(3), D=lasting(2)).overall_limit
    assert (bound.days, bound.is_bound) == (11, True)


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, list[str]]:
    return {code: sorted(draw(st.sets(st.sampled_from(CODES)))) for code in CODES}


def is_an_order(order: tuple[str, ...], after: dict[str, list[str]]) -> bool:
    return all(order.index(one) < order.index(code) for code, those in after.items() for one in those)


@given(graphs())
def test_a_circle_is_found_exactly_where_no_order_exists(after: dict[str, list[str]]) -> None:
    found = circle(after)
    assert bool(found) is not any(is_an_order(order, after) for order in permutations(CODES))
    for at, code in enumerate(found):
        assert found[(at + 1) % len(found)] in after[code]
    if not found:
        assert is_an_order(tuple(in_order(after)), after)
        before, stage = all_before(after), stages(after)
        assert all(one in before[code] and stage[one] < stage[code] for code, those in after.items() for one in those)
        assert all(before[one] < before[code] for code in after for one in before[code])


@given(graphs(), st.lists(st.tuples(st.integers(0, 20), st.sampled_from(["working_day", "calendar_day"])), min_size=6, max_size=6))
def test_a_plan_is_never_longer_than_the_promise_and_keeps_the_order(after: dict[str, list[str]], limits: list[tuple[int, str]]) -> None:
    if circle(after):
        after = {code: [] for code in CODES}
    items = {
        code: simple(promised_limit={"days": days, "unit": unit}, statutory_limit=None)
        for code, (days, unit) in zip(CODES, limits, strict=True)
    }
    guide = guide_of(bundle(*({"local_code": code, "after": those} for code, those in after.items())), **items)
    start, calendar = date(2026, 9, 28), WorkingCalendar({})
    plan = {one.code: one for one in timetable(dict(zip(CODES, limits, strict=True)), after, start, calendar)}
    assert all(plan[one].due.date <= plan[code].begins_on for code, those in after.items() for one in those)
    last = max(one.due.date for one in plan.values())
    longest = calendar.add_working_days(start, guide.overall_limit.days).date
    assert last <= longest
    if not guide.overall_limit.is_bound and all(unit == "working_day" for _, unit in limits):
        assert last == longest


@pytest.mark.parametrize("code", sorted(sample_bundles()))
def test_every_bundle_of_the_sample_city_can_be_published_and_asks_less(code: str) -> None:
    guide = guide_of(sample_bundles()[code], **sample_items())
    assert len(guide.materials) < guide.materials_before and len(guide.fields) < guide.fields_before
    assert form_faults(guide.form) == []

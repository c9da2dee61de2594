"""What the catalog refuses to publish, and that it says everything at once."""

from typing import Any

import pytest

from services.catalog.rules.content import ItemContent
from services.catalog.rules.publication import Obtainable, findings
from tests.catalog.sample import item

LICENCE = Obtainable("12511600DEM099990F001", ("营业执照",))
IDENTITY = Obtainable("11100000000013127D001", ("居民身份证", "身份证"))


def broken(obtainable: tuple[Obtainable, ...] = (), **changes: Any) -> list[tuple[str, str]]:
    return [(finding.pointer, finding.rule) for finding in findings(ItemContent.model_validate(item(**changes)), obtainable)]


def step(key: str, kind: str) -> dict[str, Any]:
    return {"key": key, "name": key, "kind": kind, "post": "reviewer", "grade": 1}


def asked(name: str, **more: Any) -> dict[str, Any]:
    return {"key": "asked", "name": name, "source": "applicant", **more}


def test_a_lawful_item_has_nothing_against_it() -> None:
    assert broken((LICENCE, IDENTITY)) == []


def test_a_promise_longer_than_the_law_is_refused() -> None:
    assert broken(promised_limit={"days": 21, "unit": "working_day"}) == [("/promised_limit/days", "promise-exceeds-law")]
    assert broken(promised_limit={"days": 20, "unit": "working_day"}) == []


def test_limits_in_different_units_are_not_compared_but_refused() -> None:
    assert broken(promised_limit={"days": 8, "unit": "calendar_day"}) == [("/promised_limit/unit", "limit-units-differ")]


def test_deciding_at_once_keeps_every_limit() -> None:
    assert broken(kind="instant", promised_limit={"days": 0, "unit": "calendar_day"}) == []


def test_an_instant_item_does_not_promise_days() -> None:
    assert broken(kind="instant") == [("/promised_limit/days", "instant-takes-days")]


def test_a_statutory_limit_names_its_article() -> None:
    assert broken(statutory_limit={"days": 20}) == [("/statutory_limit/basis", "statutory-limit-without-basis")]


@pytest.mark.parametrize(
    "name", ["营业执照", "营业执照复印件", "营业执照（副本）原件及复印件", "申请人的营业执照扫描件", "法定代表人身份证", "企业营业执照"]
)
def test_what_the_network_can_supply_is_not_asked_under_any_of_its_names(name: str) -> None:
    assert broken((LICENCE, IDENTITY), materials=[asked(name)]) == [("/materials/0/source", "needless-ask")]


@pytest.mark.parametrize("name", ["营业场所照片", "食品安全管理制度", "身份证明材料真实性承诺", "申请人"])
def test_other_materials_may_be_asked_for(name: str) -> None:
    assert broken((LICENCE, IDENTITY), materials=[asked(name)]) == []


def test_a_material_that_names_its_certificate_type_is_not_asked_of_the_applicant() -> None:
    assert broken(materials=[asked("随便什么", certificate_type="X001")]) == [("/materials/0/source", "needless-ask")]


@pytest.mark.parametrize(
    ("material", "field", "rule"),
    [
        ({"source": "certificate"}, "certificate_type", "certificate-type-missing"),
        ({"source": "shared"}, "shared_resource", "shared-resource-missing"),
        ({"source": "applicant", "necessity": "conditional"}, "needed_when", "needed-when-missing"),
        ({"source": "applicant", "is_tolerant": True}, "tolerant_days", "tolerant-days-missing"),
    ],
)
def test_a_material_says_what_its_kind_needs(material: dict[str, Any], field: str, rule: str) -> None:
    assert broken(materials=[{"key": "one", "name": "材料", **material}]) == [(f"/materials/0/{field}", rule)]


def test_keys_are_unique() -> None:
    assert broken(materials=[asked("甲"), asked("乙")]) == [("/materials/1/key", "duplicate-key")]
    assert ("/process/1/key", "duplicate-key") in broken(process=[step("same", "review"), step("same", "decide")])


def test_a_commitment_does_not_replace_proof_where_health_is_touched() -> None:
    committed = [{"key": "pledge", "name": "承诺书", "source": "commitment"}]
    assert broken(materials=committed) == []
    assert broken(materials=committed, sensitivities=["health"]) == [("/materials/0/source", "commitment-not-allowed")]


def test_a_fee_has_a_basis() -> None:
    fee = {"is_charged": True, "text": {"zh": "每件10元"}}
    assert broken(fee=fee) == [("/fee/basis", "fee-without-basis")]
    assert broken(fee={**fee, "basis": "川发改价格〔2017〕472号"}) == []


@pytest.mark.parametrize(
    "kinds", [["review"], ["decide", "review"], ["decide", "decide"]], ids=["no decision", "decision before review", "two decisions"]
)
def test_a_process_ends_in_its_only_decision(kinds: list[str]) -> None:
    process = [step(f"step{at}", kind) for at, kind in enumerate(kinds)]
    assert broken(process=process) == [("/process", "process-without-decider")]


def test_a_report_takes_three_pairs_of_hands() -> None:
    report = {**step("decide", "decide"), "grade": 3}
    assert broken(process=[step("review", "review"), report]) == [("/process/1/grade", "grade-without-hands")]
    assert broken(process=[step("review", "review"), step("check", "review"), report]) == []


@pytest.mark.parametrize(
    ("form", "pointer"),
    [
        ({"type": "array"}, "/form/type"),
        ({}, "/form/type"),
        ({"type": "object", "properties": {"a/b": {"type": "text"}}}, "/form/properties/a~1b/type"),
        ({"type": "object", "properties": {"a": {"type": "string", "pattern": "("}}}, "/form/properties/a/pattern"),
        ({"type": "object", "required": "a"}, "/form/required"),
        ({"type": "object", "properties": {"a": {"type": "string", "pattern": "(" * 5000 + ")" * 5000}}}, "/form"),
        ({"type": "object", "properties": {"a": {"type": "string", "pattern": "a{99999999999999999999}"}}}, "/form"),
        ({"type": "object", "allOf": [{"$ref": "http://elsewhere.example/schema"}]}, "/form/allOf/0/$ref"),
        ({"type": "object", "allOf": [{"$ref": "#/$defs/missing"}]}, "/form/allOf/0/$ref"),
        ({"type": "object", "$ref": "#"}, "/form/$ref"),
        ({"type": "object", "$defs": {"a": {"items": {"$ref": "#/$defs/a"}}}}, "/form/$defs/a/items/$ref"),
    ],
)
def test_a_form_is_a_json_schema_of_an_object_that_stands_alone(form: dict[str, Any], pointer: str) -> None:
    assert broken(form=form) == [(pointer, "form-invalid")]


def test_a_form_may_share_definitions() -> None:
    phone = {"type": "object", "properties": {"one": {"$ref": "#/$defs/a~1b"}, "two": {"$ref": "#/$defs/a~1b"}}, "$defs": {"a/b": True}}
    assert broken(form=phone) == []


def test_definitions_that_double_at_every_step_are_refused_in_no_time() -> None:
    doubling = {f"d{at}": {"allOf": [{"$ref": f"#/$defs/d{at + 1}"}] * 2} for at in range(60)}
    found = broken(form={"type": "object", "$ref": "#/$defs/d0", "$defs": {**doubling, "d60": True}})
    assert ("/form/$ref", "form-invalid") in found
    assert ("/form/$defs/d59/allOf/0/$ref", "form-invalid") not in found


def test_a_field_may_be_called_ref() -> None:
    assert broken(form={"type": "object", "properties": {"$ref": {"type": "string"}}}) == []


def test_the_layout_shows_fields_that_exist() -> None:
    layout = [{"title": {"zh": "基本信息"}, "fields": ["premises", "owner"]}]
    assert broken(form_layout=layout) == [("/form_layout/0/fields/1", "layout-field-unknown")]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"base_code": "009931024000", "implementation_code": None}, [("/base_code", "base-code-invalid")]),
        ({"item_type": "07"}, [("/item_type", "item-type-differs")]),
        ({"exercise_level": "3"}, [("/implementation_code", "implementation-code-differs")]),
        ({"implementation_code": "0" * 31}, [("/implementation_code", "implementation-code-invalid")]),
        ({"base_code": None}, [("/implementation_code", "implementation-code-differs")]),
        (
            {"authority": {"code": "11511602DEM0000140", "name": "局"}, "implementation_code": None},
            [("/authority/code", "authority-code-invalid")],
        ),
    ],
)
def test_codes_are_well_formed_and_fit_together(changes: dict[str, Any], found: list[tuple[str, str]]) -> None:
    assert broken(**changes) == found


def test_every_failure_is_told_at_once() -> None:
    changes: dict[str, Any] = {
        "promised_limit": {"days": 30},
        "fee": {"is_charged": True, "text": {"zh": "收费"}},
        "process": [step("review", "review")],
    }
    assert {rule for _, rule in broken(**changes)} == {"promise-exceeds-law", "fee-without-basis", "process-without-decider"}

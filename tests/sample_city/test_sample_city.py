"""The sample city holds together: every reference is answered, every code is valid, every limit is lawful."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from typing import Any

import jsonschema
from pydantic import ValidationError
import pytest

from host import city_bodies
from host.sample_city import load_city
from host.sample_city.models import Certificate, Fee, Item, Limits, Material
from services.catalog.rules.content import ItemContent
from services.catalog.rules.publication import Obtainable, findings
from standards.certificate_id import parse as parse_certificate_id
from standards.citizen_id import parse_citizen_id
from standards.item_codes import compose_implementation_code, parse_base_code
from standards.uscc import parse_uscc
from standards.working_days import DueDate

CITY = load_city()
DEPARTMENTS = {department.key for department in CITY.departments}
REGIONS = {region.code for region in CITY.regions}
TYPES = {kind.type_code: kind for kind in CITY.certificate_types}
CITIZENS = {citizen.key: citizen for citizen in CITY.citizens}
ORGANISATIONS = {organisation.key: organisation for organisation in CITY.organisations}
OFFICIAL_BASE_CODES = {"000131024000", "000131128000", "00016211200Y"}
OFFICIAL_TYPE_CODES = {"11100000000013127D001"}

each_item = pytest.mark.parametrize("item", CITY.items, ids=lambda item: item.key)


def twice(values: Iterable[str]) -> set[str]:
    return {value for value, count in Counter(values).items() if count > 1}


def test_the_city_is_as_large_as_promised() -> None:
    assert len(CITY.items) >= 45
    assert len({item.department for item in CITY.items}) >= 12
    assert len(CITY.departments) >= 14
    assert len(CITY.certificate_types) >= 8
    assert len(CITY.citizens) >= 3
    assert len(CITY.organisations) >= 3


def test_no_key_is_used_twice() -> None:
    for keys in (
        (department.key for department in CITY.departments),
        (department.uscc for department in CITY.departments),
        (item.key for item in CITY.items),
        (item.name.zh for item in CITY.items),
        (item.local_code for item in CITY.items if item.local_code),
        (member.login for member in CITY.staff),
        (system.client_id for system in CITY.systems),
        (kind.type_code for kind in CITY.certificate_types),
        (kind.key for kind in CITY.certificate_types),
        (region.code for region in CITY.regions),
        (citizen.citizen_id for citizen in CITY.citizens),
        (organisation.uscc for organisation in CITY.organisations),
    ):
        assert twice(keys) == set()


def test_every_division_stands_inside_the_one_above() -> None:
    levels = {region.code: region.level for region in CITY.regions}
    assert {region.level for region in CITY.regions} == {1, 2, 3, 4}
    for region in CITY.regions:
        if region.level == 1:
            assert region.parent_code is None
        else:
            assert region.parent_code is not None
            assert levels[region.parent_code] == region.level - 1
            assert region.code.startswith(region.parent_code.rstrip("0"))
    assert {"511602000000", "511602001000"} <= REGIONS


def test_every_organisation_code_is_a_test_code() -> None:
    for code in [*(department.uscc for department in CITY.departments), *(organisation.uscc for organisation in CITY.organisations)]:
        assert parse_uscc(code).organisation_number.startswith("DEM")
    for kind in CITY.certificate_types:
        assert kind.type_code in OFFICIAL_TYPE_CODES or parse_uscc(kind.type_code[:18]).organisation_number.startswith("DEM")


@each_item
def test_an_item_refers_only_to_what_exists(item: Item) -> None:
    resources = {resource.key for resource in CITY.shared_resources}
    assert item.department in DEPARTMENTS
    assert item.region_code in REGIONS
    assert item.result_certificate_type is None or item.result_certificate_type in TYPES
    for material in item.materials:
        assert material.certificate_type is None or material.certificate_type in TYPES
        assert material.shared_resource is None or material.shared_resource in resources
    assert twice(material.key for material in item.materials) == set()


@each_item
def test_an_item_keeps_its_promise_within_the_law(item: Item) -> None:
    assert item.limits.statutory is None or item.limits.promised <= item.limits.statutory
    assert (item.kind == "instant") == (item.limits.promised == 0)
    if item.item_type == "01":
        assert item.limits.statutory is not None, "a licence always has a limit: article 42 of the Licensing Law at the least"


@each_item
def test_an_items_codes_are_official_or_absent(item: Item) -> None:
    if item.base_code is None:
        assert item.implementation_code is None
        return
    assert item.base_code in OFFICIAL_BASE_CODES
    assert parse_base_code(item.base_code).item_type == item.item_type
    uscc = CITY.department(item.department).uscc
    assert item.implementation_code == compose_implementation_code(uscc, item.exercise_level, item.base_code)


@each_item
def test_an_items_form_is_a_schema_with_bilingual_fields(item: Item) -> None:
    jsonschema.Draft202012Validator.check_schema(item.form)
    for field in item.form["properties"].values():
        assert field["title"] and field["x-title-en"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"unasked": True}, item.form)


@each_item
def test_nobody_is_asked_for_what_the_library_holds(item: Item) -> None:
    held = {kind.name.zh for kind in CITY.certificate_types}
    for material in item.materials:
        if material.source == "applicant" and material.form != "filled_form":
            assert material.name.zh not in held
            assert not any(word in material.name.zh for word in ("身份证", "营业执照", "户口"))


@each_item
def test_no_commitment_stands_in_for_proof_where_life_and_safety_are_at_stake(item: Item) -> None:
    if item.sensitivities:
        assert all(material.source != "commitment" for material in item.materials)


@each_item
def test_an_item_can_be_found_by_what_people_call_it(item: Item) -> None:
    assert len(set(item.synonyms)) == len(item.synonyms) >= 3
    assert all(2 <= len(phrase) <= 12 for phrase in item.synonyms)


@each_item
def test_two_pairs_of_hands_decide_what_is_not_decided_on_the_spot(item: Item) -> None:
    expected = ["decide"] if item.kind == "instant" else ["review", "decide"]
    assert [step.kind for step in item.process] == expected
    grades = [step.authority_grade for step in item.process]
    assert all(first < second for first, second in pairwise(grades))


@each_item
def test_an_item_may_be_published(item: Item) -> None:
    network = [Obtainable(code, tuple(body["names"])) for code, body in city_bodies.obtainable_materials(CITY).items()]
    content = ItemContent.model_validate(city_bodies.item(CITY, item))
    assert findings(content, network) == []


def test_at_least_two_items_decide_situations_by_a_table_and_send_elsewhere_only_to_items_there_are() -> None:
    tables = {item.key: item.situation_table for item in CITY.items if item.situation_table}
    assert {"food-business-permit", "residence-permit"} <= set(tables)
    codes = {city_bodies.item_code(item) for item in CITY.items}
    assert {row["instead"]["item"] for table in tables.values() for row in table["rows"] if row.get("instead")} <= codes


def test_the_food_permit_asks_what_its_story_needs() -> None:
    item = CITY.item("food-business-permit")
    sources = {material.key: material.source for material in item.materials}
    assert sources == {
        "application-form": "applicant",
        "business-licence": "certificate",
        "legal-representative-identity": "certificate",
        "layout-and-workflow": "applicant",
        "food-safety-rules": "applicant",
        "device-plan": "applicant",
        "authorisation-letter": "applicant",
    }
    assert [material.key for material in item.materials if material.necessity == "conditional"] == ["device-plan", "authorisation-letter"]
    assert {"开饭店", "开餐馆", "奶茶店"} <= set(item.synonyms)
    application: dict[str, Any] = {
        "business_name": "广安区春分面馆",
        "premises_address": "广安市广安区北辰街道测试路20号",
        "main_business": "餐饮服务经营者",
        "food_items": ["热食类食品制售"],
        "contact_phone": "13900000002",
    }
    jsonschema.validate(application, item.form)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(application | {"main_business": "别的"}, item.form)


def test_every_department_with_items_has_different_people_to_review_and_to_decide_and_a_system() -> None:
    systems = {system.department for system in CITY.systems}
    for department in {item.department for item in CITY.items}:
        reviewers = {member.login for member in CITY.staff if member.department == department and "reviewer" in member.roles}
        deciders = {member.login for member in CITY.staff if member.department == department and "decider" in member.roles}
        assert reviewers and deciders and not reviewers & deciders, department
        assert department in systems
    assert systems <= DEPARTMENTS


def test_every_member_of_staff_has_a_department_and_a_region() -> None:
    for member in CITY.staff:
        assert member.department in DEPARTMENTS
        assert member.region_code in REGIONS
    assert any(member.department == "service-centre" and member.roles == ("window_clerk",) for member in CITY.staff)


def test_people_and_businesses_fit_together_and_are_known_at_the_border() -> None:
    people = {record.citizen_id: record.name for record in CITY.population_base}
    organisations = {record.uscc: record for record in CITY.legal_person_base}
    for citizen in CITY.citizens:
        assert parse_citizen_id(citizen.citizen_id, today=date(2026, 1, 1)).region_code == "511602"
        assert people[citizen.citizen_id] == citizen.name
    for organisation in CITY.organisations:
        representative = CITIZENS[organisation.legal_representative]
        known = organisations[organisation.uscc]
        assert (known.name, known.legal_representative_name) == (organisation.name, representative.name)
        assert known.legal_representative_citizen_id == representative.citizen_id
        assert parse_uscc(organisation.uscc).category == {"sole_trader": "92", "company": "91"}[organisation.kind]


@pytest.mark.parametrize("certificate", CITY.certificates, ids=lambda certificate: certificate.holder)
def test_a_certificate_fits_its_type_and_has_an_identifier(certificate: Certificate) -> None:
    kind = TYPES[certificate.type_code]
    assert certificate.issuer == kind.issuer
    assert certificate.holder in (CITIZENS if kind.holder_kind == "person" else ORGANISATIONS)
    jsonschema.validate(certificate.elements, kind.elements, format_checker=jsonschema.FormatChecker())
    identifier = parse_certificate_id(certificate.identifier(CITY.department(certificate.issuer).uscc))
    assert identifier.type_code == certificate.type_code


def test_every_citizen_has_an_identity_card_and_every_business_a_licence() -> None:
    held = {(certificate.holder, TYPES[certificate.type_code].key) for certificate in CITY.certificates}
    assert held == {(key, "identity-card") for key in CITIZENS} | {(key, "business-licence") for key in ORGANISATIONS}
    for kind in CITY.certificate_types:
        jsonschema.Draft202012Validator.check_schema(kind.elements)
        assert kind.issuer in DEPARTMENTS


def test_shared_resources_have_providers() -> None:
    assert {resource.provider for resource in CITY.shared_resources} <= DEPARTMENTS


@pytest.mark.parametrize(("year", "working_days"), [(2024, 251), (2025, 248), (2026, 248)])
def test_the_calendar_has_the_working_days_of_the_notices(year: int, working_days: int) -> None:
    calendar = CITY.calendar.working_calendar()
    assert calendar.working_days_between(date(year - 1, 12, 31), date(year, 12, 31)) == working_days
    assert calendar.covers(date(year - 1, 12, 31), date(year, 12, 31))


def test_the_calendar_counts_over_national_day_and_knows_where_it_ends() -> None:
    calendar = CITY.calendar.working_calendar()
    assert calendar.add_working_days(date(2026, 9, 24), 5) == DueDate(date(2026, 10, 9), is_provisional=False)
    assert calendar.add_working_days(date(2026, 12, 31), 1).is_provisional


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (Limits, {"unit": "working_days", "statutory": 20, "statutory_basis": "第四十二条", "promised": 21}),
        (Limits, {"unit": "working_days", "statutory": 20, "statutory_basis": None, "promised": 1}),
        (Material, {"key": "a", "name": {"zh": "甲", "en": "a"}, "source": "certificate", "form": "electronic"}),
        (Material, {"key": "a", "name": {"zh": "甲", "en": "a"}, "source": "shared", "form": "electronic"}),
        (Material, {"key": "a", "name": {"zh": "甲", "en": "a"}, "source": "applicant", "form": "copy", "necessity": "conditional"}),
        (Material, {"key": "a", "name": {"zh": "甲", "en": "a"}, "source": "applicant", "form": "copy", "is_tolerant": True}),
        (Fee, {"is_charged": True, "text": {"zh": "十元", "en": "10 yuan"}, "basis": None}),
    ],
)
def test_a_record_that_contradicts_itself_is_not_loaded(model: type[Limits | Material | Fee], fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(fields)

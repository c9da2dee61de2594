"""Content of items as tests publish them: one made up, and the sample city's, in the shapes of catalog's API."""

from typing import Any

from host.sample_city.loading import load_city
from host.sample_city.models import Bilingual, Item, Material

AUTHORITY = "11511602DEM000014R"
CITY_REGIONS = [
    {"code": "510000000000", "name": "四川省", "level": 1, "parent_code": None},
    {"code": "511600000000", "name": "广安市", "level": 2, "parent_code": "510000000000"},
    {"code": "511602000000", "name": "广安区", "level": 3, "parent_code": "511600000000"},
    {"code": "511603000000", "name": "前锋区", "level": 3, "parent_code": "511600000000"},
    {"code": "511602001000", "name": "浓洄街道", "level": 4, "parent_code": "511602000000"},
]


def item(**changes: Any) -> dict[str, Any]:
    """An item that may be published, with what a test changes of it."""
    return {
        "name": "食品经营许可",
        "name_en": "Food business permit",
        "authority": {"code": AUTHORITY, "name": "广安区市场监督管理局"},
        "region_code": "511602000000",
        "item_type": "01",
        "exercise_level": "4",
        "base_code": "000131024000",
        "implementation_code": f"{AUTHORITY}4000131024000",
        "service_objects": ["1", "2"],
        "channels": ["1", "2"],
        "kind": "committed",
        "statutory_limit": {"days": 20, "unit": "working_day", "basis": "行政许可法第四十二条"},
        "promised_limit": {"days": 8, "unit": "working_day"},
        "visits": 1,
        "conditions": ["有与食品品种、数量相适应的场所"],
        "legal_basis": [{"law": "食品安全法", "version": "2021-04-29", "article": "第三十五条"}],
        "materials": [
            {"key": "application-form", "name": "食品经营许可申请书", "source": "applicant", "form": "filled_form"},
            {"key": "business-licence", "name": "营业执照", "source": "certificate", "certificate_type": "12511600DEM099990F001"},
        ],
        "form": {"type": "object", "properties": {"premises": {"type": "string"}}, "required": ["premises"]},
        "process": [
            {"key": "review", "name": "审查", "kind": "review", "post": "reviewer", "grade": 1},
            {"key": "decide", "name": "决定", "kind": "decide", "post": "decider", "grade": 2},
        ],
        "fee": {"is_charged": False, "text": {"zh": "不收费", "en": "Free of charge"}},
        "result_type_code": "12511600DEM099990F002",
        "result_validity_months": 60,
        "synonyms": ["开饭店", "开餐馆", "奶茶店"],
        **changes,
    }


def sample_items() -> dict[str, dict[str, Any]]:
    """Every item of the sample city, by local code."""
    return {one.local_code or one.key: _content(one) for one in load_city().items}


def _content(one: Item) -> dict[str, Any]:
    city = load_city()
    department = city.department(one.department)
    validity = {kind.type_code: kind.validity_months for kind in city.certificate_types}
    unit = {"working_days": "working_day", "calendar_days": "calendar_day"}[one.limits.unit]
    statutory = {"days": one.limits.statutory, "unit": unit, "basis": one.limits.statutory_basis} if one.limits.statutory else None
    kept = ("region_code", "item_type", "exercise_level", "base_code", "implementation_code", "service_objects", "channels", "kind")
    plain = ("visits", "conditions", "legal_basis", "form", "situations", "special_procedures", "sensitivities", "fee", "synonyms")
    dumped = one.model_dump(mode="json")
    return {
        **_named(one.name),
        **{name: dumped[name] for name in (*kept, *plain)},
        "authority": {"code": department.uscc, **_named(department.name)},
        "statutory_limit": statutory,
        "promised_limit": {"days": one.limits.promised, "unit": unit},
        "materials": [_material(material) for material in one.materials],
        "process": [{"key": s.key, **_named(s.name), "kind": s.kind, "post": s.role, "grade": s.authority_grade} for s in one.process],
        "result_type_code": one.result_certificate_type,
        "result_validity_months": validity.get(one.result_certificate_type) if one.result_certificate_type else None,
    }


def _material(material: Material) -> dict[str, Any]:
    return {**material.model_dump(mode="json", exclude={"name"}), **_named(material.name)}


def _named(name: Bilingual) -> dict[str, str]:
    return {"name": name.zh, "name_en": name.en}

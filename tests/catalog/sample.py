"""Content of items as tests publish them: one made up, and the sample city's, in the shapes of catalog's API."""

from typing import Any

from host import city_bodies
from host.sample_city.loading import load_city

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
        "results": [
            {
                "name": {"zh": "食品经营许可证"},
                "kind": "licence",
                "type_code": "12511600DEM099990F002",
                "validity_months": 60,
                "seal": {"kind": "authority", "name": {"zh": "广安区市场监督管理局印章"}},
            }
        ],
        "synonyms": ["开饭店", "开餐馆", "奶茶店"],
        **changes,
    }


def sample_items() -> dict[str, dict[str, Any]]:
    """Every item of the sample city, by local code."""
    city = load_city()
    return {city_bodies.item_code(one): city_bodies.item(city, one) for one in city.items}


def sample_obtainable_materials() -> dict[str, dict[str, Any]]:
    """What the sample city's network can supply, by code."""
    return city_bodies.obtainable_materials(load_city())

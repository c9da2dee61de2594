"""Types, holders and bodies as the library's tests use them. Every number is of nobody, every authority a test one."""

from typing import Any

from standards.uscc import make_uscc

FOOD_PERMIT = "12511600DEM099990F002"
IDENTITY_CARD = "11100000000013127D001"
BUSINESS_LICENCE = "12511600DEM099990F001"
ISSUER = {"code": make_uscc("11", "511602", "DEM00014"), "name": "广安区市场监督管理局"}
OTHER_DEPARTMENT = make_uscc("11", "511602", "DEM00015")
NOODLE_SHOP = make_uscc("92", "511602", "DEM10001")
CITIZEN_ID = "51160219850520001X"

ELEMENTS: dict[str, dict[str, Any]] = {
    FOOD_PERMIT: {
        "type": "object",
        "properties": {
            "number": {"type": "string", "title": "证号"},
            "name": {"type": "string", "title": "名称"},
            "uscc": {"type": "string", "title": "统一社会信用代码"},
            "premises": {"type": "string", "title": "经营场所", "x-title-en": "Premises", "x-form-fields": ["premises_address"]},
            "main_business": {"type": "string", "title": "主体业态", "maxLength": 20},
            "food_items": {"type": "array", "title": "经营项目", "items": {"type": "string"}, "minItems": 1},
        },
        "required": ["number", "name", "uscc", "premises"],
        "additionalProperties": False,
    },
    IDENTITY_CARD: {
        "type": "object",
        "properties": {
            "holder_name": {"type": "string", "title": "姓名"},
            "citizen_id": {"type": "string", "title": "公民身份号码"},
            "birth_date": {"type": "string", "title": "出生日期", "format": "date"},
        },
        "required": ["holder_name", "citizen_id"],
        "additionalProperties": False,
    },
    BUSINESS_LICENCE: {
        "type": "object",
        "properties": {"name": {"type": "string", "title": "名称"}, "scope": {"type": "string", "title": "经营范围"}},
        "required": ["name"],
    },
}


def type_body(code: str, **changes: Any) -> dict[str, Any]:
    names = {FOOD_PERMIT: "食品经营许可证", IDENTITY_CARD: "居民身份证", BUSINESS_LICENCE: "营业执照"}
    return {
        "name": names[code],
        "name_en": "A certificate",
        "holder_kind": "person" if code == IDENTITY_CARD else "organisation",
        "number_prefix": "JY" if code == FOOD_PERMIT else "",
        "validity_months": 60 if code == FOOD_PERMIT else None,
        "elements": ELEMENTS[code],
        **changes,
    }


def identity_card(**changes: Any) -> dict[str, Any]:
    return {
        "type_code": IDENTITY_CARD,
        "number": CITIZEN_ID,
        "holder": {"kind": "person", "name": "张小满", "code": CITIZEN_ID},
        "issuer": ISSUER,
        "region_code": "511602000000",
        "valid_from": "2020-01-06",
        "valid_until": "2040-01-06",
        "elements": {"holder_name": "张小满", "citizen_id": CITIZEN_ID, "birth_date": "1985-05-20"},
        **changes,
    }


def business_licence(**changes: Any) -> dict[str, Any]:
    return {
        "type_code": BUSINESS_LICENCE,
        "number": NOODLE_SHOP,
        "holder": {"kind": "organisation", "name": "春分面馆", "code": NOODLE_SHOP},
        "issuer": ISSUER,
        "region_code": "511602000000",
        "valid_from": "2024-03-20",
        "elements": {"name": "春分面馆", "scope": "餐饮服务"},
        **changes,
    }

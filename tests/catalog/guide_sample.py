"""An item that says everything a guide can say, with a situation table; and one whose every text is hostile."""

from typing import Any

from tests.catalog.sample import AUTHORITY, item

HOSTILE = '<script>alert("1")</script><img src=x onerror=alert(1)>&amp;"\'#[raw]$x$ \\u{202e}'

TABLE = {
    "rule": "only",
    "questions": [
        {
            "key": "business",
            "text": {"zh": "您经营的是哪一类？", "en": "What do you run?"},
            "choices": [
                {
                    "key": "restaurant",
                    "label": {"zh": "餐馆、小吃店", "en": "A restaurant"},
                    "hint": {"zh": "现场制作热食", "en": "Hot food"},
                },
                {"key": "canteen", "label": {"zh": "单位食堂", "en": "A canteen"}},
                {"key": "farm", "label": {"zh": "销售自产食用农产品", "en": "Selling what you grow"}},
            ],
        },
        {
            "key": "premises",
            "text": {"zh": "经营场所是租的吗？", "en": "Do you rent the premises?"},
            "choices": [{"key": "rented", "label": {"zh": "是", "en": "Yes"}}, {"key": "own", "label": {"zh": "不是", "en": "No"}}],
        },
    ],
    "rows": [
        {
            "key": "restaurant-rented",
            "name": {"zh": "租房开餐馆", "en": "A restaurant in rented premises"},
            "when": {"business": ["restaurant"], "premises": ["rented"]},
            "materials": ["lease", "layout"],
        },
        {
            "key": "restaurant-own",
            "name": {"zh": "自有房屋开餐馆", "en": "A restaurant in premises of one's own"},
            "when": {"business": ["restaurant"], "premises": ["own"]},
            "materials": ["layout"],
        },
        {
            "key": "canteen",
            "name": {"zh": "单位食堂", "en": "A canteen"},
            "when": {"business": ["canteen"]},
            "materials": ["layout"],
            "promised_limit": {"days": 5, "unit": "working_day"},
        },
        {
            "key": "farm",
            "name": {"zh": "自产食用农产品", "en": "Own produce"},
            "when": {"business": ["farm"]},
            "instead": {"text": {"zh": "销售自产食用农产品不需要取得食品经营许可。", "en": "No permit is needed."}},
        },
    ],
}

PLACE = {
    "name": {"zh": "广安区政务服务中心", "en": "Guang'an District Service Centre"},
    "address": {"zh": "广安区滨江路 1 号", "en": "1 Binjiang Road"},
    "windows": {"zh": "二楼综合窗口 12—18 号", "en": "Windows 12–18, second floor"},
    "phones": ["0826-2222222", "0826-2222223"],
    "hours": [
        {"on": {"zh": "工作日", "en": "Working days"}, "opens": "09:00", "closes": "12:00"},
        {"on": {"zh": "工作日", "en": "Working days"}, "opens": "13:00", "closes": "17:00"},
    ],
    "directions": {"zh": "乘 6 路到滨江路站", "en": "Bus 6 to Binjiang Road"},
}


def whole_item(**changes: Any) -> dict[str, Any]:
    """Every element of a guide, in both languages where it has two."""
    said: dict[str, Any] = {
        "authority": {"code": AUTHORITY, "name": "广安区市场监督管理局", "name_en": "Guang'an District Market Supervision Bureau"},
        "delegated_authority": {"code": AUTHORITY, "name": "浓洄街道办事处", "basis": "广安区委托执法清单（2025）第三项"},
        "channels": ["1", "2", "3"],
        "web_address": "https://example.gov.cn/food",
        "reach": "city",
        "quantity_limit": {"text": {"zh": "不限数量", "en": "No limit"}},
        "legal_basis": [
            {
                "law": "食品安全法",
                "version": "2021-04-29",
                "article": "第三十五条第一款",
                "text": "国家对食品生产经营实行许可制度。从事食品生产、食品销售、餐饮服务，应当依法取得许可。",
            },
            {"law": "食品经营许可和备案管理办法", "version": "2023-06-15", "article": "第四条"},
        ],
        "materials": [
            {
                "key": "application-form", "name": "食品经营许可申请书", "name_en": "Application", "source": "applicant",
                "form": "filled_form", "is_core": True,
                "samples": [
                    {"kind": "blank", "title": {"zh": "申请书空表", "en": "Application, blank"}, "address": "https://example.gov.cn/blank.pdf"},
                    {"kind": "wrong", "title": {"zh": "漏填经营项目", "en": "No trade named"}, "text": "“经营项目”一栏必须填写。"},
                ],
            },
            {
                "key": "layout", "name": "经营场所布局图", "name_en": "Plan of the premises", "source": "applicant", "copies": 2, "necessity": "conditional",
                "needed_when": "有固定经营场所的",
                "form": "copy", "is_tolerant": True, "tolerant_days": 5, "note": {"zh": "手绘也可以", "en": "Drawn by hand will do"},
            },
            {
                "key": "lease", "name": "房屋租赁合同", "name_en": "Lease", "source": "applicant", "form": "copy",
                "necessity": "conditional", "needed_when": "经营场所为租赁的", "issued_by": {"zh": "出租人", "en": "the landlord"},
            },
            {"key": "hygiene", "name": "食品安全管理制度", "name_en": "Food safety rules", "source": "commitment"},
            {
                "key": "business-licence", "name": "营业执照", "name_en": "Business licence", "source": "certificate",
                "certificate_type": "12511600DEM099990F001",
            },
            {"key": "credit", "name": "信用记录", "name_en": "Credit record", "source": "shared", "shared_resource": "credit-record"},
        ],
        "form": {
            "type": "object",
            "properties": {
                "business_name": {"type": "string", "title": "经营者名称", "x-title-en": "Business name", "x-from-certificate": {}},
                "premises": {"type": "string", "title": "经营场所地址", "x-title-en": "Address of the premises"},
                "staff": {"type": "integer", "title": "从业人员数", "x-title-en": "Number of staff"},
            },
            "required": ["business_name", "premises"],
        },
        "form_layout": [{"title": {"zh": "经营者", "en": "Business"}, "fields": ["business_name", "premises"]}],
        "situations": [{"zh": "新开办", "en": "Opening"}, {"zh": "变更地址"}],
        "situation_table": TABLE,
        "special_procedures": ["inspection"],
        "special_limits": [{"kind": "inspection", "days": 10, "text": {"zh": "现场核查", "en": "A visit to the premises"}}],
        "fee": {"is_charged": True, "text": {"zh": "工本费 10 元", "en": "10 yuan for the paper"}, "basis": "川发改价格〔2020〕1 号"},
        "fee_entries": [
            {
                "name": {"zh": "工本费", "en": "Paper"}, "standard": {"zh": "10 元/本", "en": "10 yuan each"},
                "basis": "川发改价格〔2020〕1 号", "exemption": {"zh": "小微企业免收", "en": "Small businesses"},
            }
        ],
        "results": [
            {
                "name": {"zh": "食品经营许可证", "en": "Food business permit"}, "kind": "licence", "validity_months": 60,
                "type_code": "12511600DEM099990F002", "seal": {"kind": "approvals", "name": {"zh": "区市场监管局", "en": "the bureau"}},
            }
        ],
        "places": [PLACE],
        "appointment": {"is_needed": False, "text": {"zh": "可提前 7 天预约", "en": "Up to 7 days ahead"}, "phone": "0826-2222222"},
        "express_delivery": {"takes_materials": True, "sends_results": True, "paid_by": "authority"},
        "consultation": [{"name": {"zh": "政务服务热线", "en": "Hotline"}, "phone": "12345"}],
        "complaints": [{"name": {"zh": "纪检监察", "en": "Discipline inspection"}, "phone": "0826-12388", "address": "https://example.gov.cn/complain"}],
        "remedies": [
            {"kind": "reconsideration", "body": {"zh": "广安区人民政府", "en": "the district government"}, "within": 60, "unit": "day"},
            {
                "kind": "litigation", "body": {"zh": "广安区人民法院", "en": "the district court"}, "within": 6, "unit": "month",
                "basis": "行政诉讼法第四十六条",
            },
        ],
        "guide_texts": [{"title": {"zh": "温馨提示", "en": "Good to know"}, "text": "许可证到期前 30 日申请延续。", "text_en": "Renew 30 days before it expires."}],
        "faq": [{"question": "没有营业执照能先申请吗？", "answer": "不能，请先办理营业执照。\n办好后系统会自动带入。"}],
        "process_plan": {
            "stages": [{"key": "accept", "name": {"zh": "受理", "en": "Acceptance"}}, {"key": "review", "name": {"zh": "审查", "en": "Review"}}],
            "steps": [
                {"key": "review", "name": "审查", "name_en": "Review of documents", "stage": "accept", "kind": "review", "post": "reviewer",
                 "days": 2, "ways": [{"to": "visit"}]},
                {"key": "visit", "name": "现场核查", "name_en": "Visit", "stage": "review", "kind": "site_visit", "post": "reviewer",
                 "authority": {"code": AUTHORITY, "name": "浓洄街道办事处", "name_en": "the street office"}, "days": 2, "ways": [{"to": "decide"}]},
                {"key": "decide", "name": "决定", "name_en": "Decision", "kind": "decide", "post": "decider", "grade": 2, "days": 1},
            ],
        },
    }  # fmt: skip
    return item(**{**said, **changes})


def hostile_item() -> dict[str, Any]:
    """Markup in every text that is one: for HTML, for typst, for SVG."""
    spoiled: dict[str, Any] = _spoiled(whole_item(), ())
    return spoiled


_NOT_TEXT = {
    "key", "code", "region_code", "item_type", "exercise_level", "base_code", "implementation_code", "kind", "unit", "source", "necessity",
    "form", "type_code", "result_type_code", "certificate_type", "shared_resource", "version", "phone", "phones", "address", "web_address",
    "opens", "closes", "paid_by", "post", "stage", "to", "rule", "when", "materials", "fields", "service_objects", "channels", "reach",
    "special_procedures", "type", "required", "split", "waits_for",
}  # fmt: skip


def _spoiled(value: Any, path: tuple[str, ...]) -> Any:
    if isinstance(value, dict):
        return {name: inner if name in ("when", "synonyms") else _spoiled(inner, (*path, name)) for name, inner in value.items()}
    if isinstance(value, list):
        return [_spoiled(inner, path) for inner in value]
    if isinstance(value, str) and (not path or path[-1] not in _NOT_TEXT or path[-2:] == ("title", "title")):
        return HOSTILE
    return value

"""What fields and values of an item are called when people are told of a change. A field without a name here is called by its own."""

from collections.abc import Mapping
from typing import Any

Name = tuple[str, str]

FIELDS: Mapping[str, Name] = {
    "name": ("名称", "name"),
    "name_en": ("英文名称", "English name"),
    "authority": ("实施机关", "authority"),
    "delegated_authority": ("受委托机关", "delegated authority"),
    "code": ("代码", "code"),
    "region_code": ("区划", "region"),
    "item_type": ("事项类型", "item type"),
    "exercise_level": ("行使层级", "exercise level"),
    "base_code": ("基本编码", "base code"),
    "implementation_code": ("实施编码", "implementation code"),
    "handling_item_code": ("业务办理项编码", "handling-item code"),
    "service_objects": ("服务对象", "whom it serves"),
    "channels": ("办理渠道", "channels"),
    "web_address": ("网上办理地址", "web address"),
    "reach": ("通办范围", "reach"),
    "kind": ("类型", "kind"),
    "statutory_limit": ("法定时限", "statutory limit"),
    "promised_limit": ("承诺时限", "promised limit"),
    "days": ("天数", "days"),
    "unit": ("单位", "unit"),
    "basis": ("依据", "basis"),
    "visits": ("到场次数", "visits"),
    "conditions": ("受理条件", "conditions"),
    "quantity_limit": ("数量限制", "limit of number"),
    "most": ("最多数量", "most"),
    "legal_basis": ("设定依据", "legal basis"),
    "law": ("法律", "law"),
    "version": ("版本", "edition"),
    "article": ("条款", "article"),
    "text": ("文字", "text"),
    "text_en": ("英文文字", "English text"),
    "materials": ("材料", "material"),
    "source": ("来源", "source"),
    "certificate_type": ("证照类型", "certificate type"),
    "shared_resource": ("共享资源", "shared resource"),
    "necessity": ("必要性", "necessity"),
    "needed_when": ("需要的情形", "when it is needed"),
    "is_core": ("核心材料", "core material"),
    "is_tolerant": ("可否容缺", "may follow later"),
    "tolerant_days": ("补交期限（工作日）", "working days to follow"),
    "form": ("形式", "form"),
    "copies": ("份数", "copies"),
    "trust_grade": ("可信等级", "trust grade"),
    "issued_by": ("出具单位", "issuer"),
    "note": ("说明", "note"),
    "checks": ("审查要点", "points checked"),
    "is_beyond_catalog": ("是否超出基本目录", "beyond the base catalog"),
    "samples": ("样本", "sample"),
    "title": ("标题", "title"),
    "address": ("地址", "address"),
    "form_layout": ("表单分组", "form section"),
    "fields": ("字段", "fields"),
    "situations": ("情形", "situation"),
    "situation_table": ("情形判定表", "situation table"),
    "questions": ("问题", "question"),
    "choices": ("选项", "choice"),
    "rows": ("情形", "situation"),
    "rule": ("判定方式", "rule"),
    "label": ("文字", "label"),
    "hint": ("提示", "hint"),
    "when": ("条件", "condition"),
    "steps": ("环节", "step"),
    "instead": ("改办", "what to do instead"),
    "item": ("事项", "item"),
    "process": ("办理环节", "step"),
    "process_plan": ("办理流程", "process plan"),
    "stages": ("阶段", "stage"),
    "stage": ("阶段", "stage"),
    "ways": ("去向", "way"),
    "to": ("下一环节", "next step"),
    "is_return": ("是否退回", "a return"),
    "split": ("分支方式", "split"),
    "waits_for": ("汇合方式", "what it waits for"),
    "participants": ("参加部门", "participant"),
    "post": ("岗位", "post"),
    "grade": ("授权等级", "grade"),
    "special_procedures": ("特别程序", "special procedures"),
    "special_limits": ("特别程序时限", "limit of a special procedure"),
    "sensitivities": ("涉及领域", "what it touches"),
    "fee": ("收费", "fee"),
    "fee_entries": ("收费项目", "charge"),
    "standard": ("标准", "standard"),
    "exemption": ("减免", "exemption"),
    "is_charged": ("是否收费", "whether it is charged"),
    "result_type_code": ("结果证照类型", "result's certificate type"),
    "result_validity_months": ("结果有效期（月）", "months the result is valid"),
    "results": ("办理结果", "result"),
    "type_code": ("证照类型", "certificate type"),
    "validity_months": ("有效期（月）", "months it is valid"),
    "validity_text": ("有效期说明", "validity"),
    "seal": ("印章", "seal"),
    "sample": ("样本", "sample"),
    "places": ("办理地点", "place"),
    "windows": ("窗口", "windows"),
    "phones": ("电话", "phones"),
    "phone": ("电话", "phone"),
    "hours": ("办公时间", "opening hours"),
    "on": ("日期", "days"),
    "opens": ("开始", "opens"),
    "closes": ("结束", "closes"),
    "directions": ("交通", "directions"),
    "appointment": ("预约", "appointment"),
    "is_needed": ("是否需要", "whether it is needed"),
    "express_delivery": ("快递", "express delivery"),
    "takes_materials": ("可否寄送材料", "takes materials"),
    "sends_results": ("可否寄送结果", "sends results"),
    "paid_by": ("费用承担", "who pays"),
    "consultation": ("咨询方式", "way to ask"),
    "complaints": ("投诉方式", "way to complain"),
    "place": ("地点", "place"),
    "remedies": ("救济途径", "remedy"),
    "body": ("受理机关", "body"),
    "within": ("期限", "time allowed"),
    "guide_texts": ("指南文字", "passage"),
    "synonyms": ("俗称", "everyday names"),
    "faq": ("常见问题", "question"),
    "question": ("问题", "question"),
    "answer": ("回答", "answer"),
}

_UNITS: Mapping[str, Name] = {
    "working_day": ("个工作日", "working days"),
    "calendar_day": ("个自然日", "calendar days"),
    "day": ("日", "days"),
    "month": ("个月", "months"),
}

_VALUES: Mapping[str, Mapping[str, Name]] = {
    "kind": {
        "instant": ("即办件", "instant"),
        "committed": ("承诺件", "committed"),
        "review": ("审查", "review"),
        "check": ("审核", "check"),
        "decide": ("决定", "decide"),
        "single": ("单选", "single choice"),
        "multiple": ("多选", "multiple choice"),
        "blank": ("空白表", "blank"),
        "filled": ("示例", "filled in"),
        "wrong": ("错误示例", "wrong example"),
        "reconsideration": ("行政复议", "reconsideration"),
        "litigation": ("行政诉讼", "litigation"),
    },
    "unit": _UNITS,
    "source": {
        "applicant": ("申请人提交", "the applicant"),
        "certificate": ("电子证照", "the certificate library"),
        "shared": ("共享数据", "shared data"),
        "commitment": ("告知承诺", "a commitment"),
    },
    "necessity": {"required": ("必要", "required"), "conditional": ("按情形", "conditional")},
    "form": {
        "filled_form": ("填写表单", "a filled form"),
        "electronic": ("电子件", "electronic"),
        "original": ("原件", "the original"),
        "copy": ("复印件", "a copy"),
    },
    "reach": {"county": ("本县", "county"), "city": ("全市", "city"), "province": ("全省", "province"), "nation": ("全国", "nation")},
    "channels": {"1": ("窗口", "window"), "2": ("电脑端", "web"), "3": ("移动端", "mobile"), "4": ("快递", "express")},
    "service_objects": {
        "1": ("自然人", "people"),
        "2": ("企业法人", "companies"),
        "3": ("事业法人", "public institutions"),
        "4": ("社会组织法人", "social organisations"),
        "5": ("行政机关", "authorities"),
        "6": ("其他", "others"),
    },
    "item_type": {
        "01": ("行政许可", "licence"),
        "02": ("行政处罚", "penalty"),
        "03": ("行政强制", "coercion"),
        "04": ("行政征收", "levy"),
        "05": ("行政给付", "benefit"),
        "06": ("行政检查", "inspection"),
        "07": ("行政确认", "confirmation"),
        "08": ("行政奖励", "award"),
        "09": ("行政裁决", "ruling"),
        "10": ("其他行政权力", "other power"),
        "20": ("公共服务", "public service"),
    },
    "exercise_level": {
        "1": ("国家级", "state"),
        "2": ("省级", "province"),
        "3": ("市级", "city"),
        "4": ("县级", "county"),
        "5": ("乡镇级", "town"),
        "6": ("村级", "village"),
    },
    "special_procedures": {
        "hearing": ("听证", "hearing"),
        "inspection": ("检验", "inspection"),
        "testing": ("检测", "testing"),
        "expert_review": ("专家评审", "expert review"),
    },
    "sensitivities": {
        "public_safety": ("公共安全", "public safety"),
        "ecology": ("生态环境", "ecology"),
        "health": ("人身健康", "health"),
        "life": ("生命安全", "life"),
    },
    "paid_by": {"applicant": ("申请人", "the applicant"), "authority": ("实施机关", "the authority")},
}

_LONGEST = 120
NOTHING: Name = ("（无）", "(none)")


def field_name(field: str) -> Name:
    return FIELDS.get(field) or (field.replace("_", " "), field.replace("_", " "))


def is_nothing(value: Any) -> bool:
    """Left out, null and empty say the same."""
    return value is None or value == [] or value == {}


def is_limit(value: Any) -> bool:
    return isinstance(value, dict) and "days" in value and "unit" in value


def is_bilingual(value: Any) -> bool:
    return isinstance(value, dict) and "zh" in value and set(value) <= {"zh", "en"}


def limit_words(value: Mapping[str, Any]) -> Name:
    """“20 个工作日”."""
    if value["days"] == 0:
        return "当场", "at once"
    zh, en = _UNITS.get(value["unit"], (value["unit"], value["unit"]))
    return f"{value['days']} {zh}", f"{value['days']} {en.removesuffix('s') if value['days'] == 1 else en}"


def value_words(field: str, value: Any) -> Name:
    """A value as a sentence says it."""
    if is_nothing(value):
        return NOTHING
    if isinstance(value, bool):
        return ("是", "yes") if value else ("否", "no")
    if isinstance(value, int | float):
        return str(value), str(value)
    if isinstance(value, str):
        known = _VALUES.get(field, {}).get(value)
        return known or (f"“{_short(value)}”", f"“{_short(value)}”")
    if isinstance(value, list):
        said = [value_words(field, one) for one in value]
        return "、".join(zh for zh, _ in said), ", ".join(en for _, en in said)
    if is_bilingual(value):
        return f"“{_short(value['zh'])}”", f"“{_short(value['en'] or value['zh'])}”" if value.get("en") else f"“{_short(value['zh'])}”"
    return _parts(value)


def _parts(value: Mapping[str, Any]) -> Name:
    """A group of fields: each called by its name."""
    told = [(field_name(field), value_words(field, inner)) for field, inner in value.items() if field != "key" and not is_nothing(inner)]
    if is_limit(value):
        rest = [(name, said) for (name, said), field in zip(told, (f for f in value if f != "key" and not is_nothing(value[f])), strict=True)
                if field not in ("days", "unit")]  # fmt: skip
        zh, en = limit_words(value)
        return "，".join([zh, *(f"{n[0]}{s[0]}" for n, s in rest)]), ", ".join([en, *(f"{n[1]} {s[1]}" for n, s in rest)])
    return "，".join(f"{name[0]}{said[0]}" for name, said in told), ", ".join(f"{name[1]} {said[1]}" for name, said in told)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"

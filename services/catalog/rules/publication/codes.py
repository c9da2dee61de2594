"""Codes: well formed, and fitting together. What is wrong with a code is said so that it can be corrected."""

from collections.abc import Iterator

from services.catalog.rules.publication import sources
from services.catalog.rules.publication.registry import Fault, Said, Subject, rule
from standards.errors import StandardViolation
from standards.item_codes import (
    InvalidItemCode,
    ItemBaseCode,
    parse_base_code,
    parse_handling_item_code,
    parse_implementation_code,
)
from standards.uscc import parse_uscc

_EXPECTED = {"基本编码": 12, "实施编码": 31, "业务办理项编码": 33}
_ZH = {
    "characters": "有不该出现的字符：各段应为数字，部门段和末位可为大写字母",
    "item_type": "事项类型段（基本编码第3、4位）应为01至10或20",
    "authority": "前18位不是有效的统一社会信用代码",
    "exercise_level": "第19位行使层级应为1（国家）至6（村）",
}


def _wrong(name: str, name_en: str, code: str, fault: InvalidItemCode) -> Said:
    zh = _ZH.get(fault.reason) or f"应为{_EXPECTED[name]}位，现为{len(code)}位"
    return Said(f"{name}有误：{zh}", f"The {name_en} is wrong: {fault.explanation}.")


def _base(subject: Subject) -> ItemBaseCode | None:
    try:
        return parse_base_code(subject.item.base_code) if subject.item.base_code else None
    except InvalidItemCode:
        return None


@rule(
    "authority-code-invalid",
    title=("实施机关代码有效", "The authority's code is valid"),
    source=sources.USCC,
    remedy=("按组织的登记证照核对18位代码", "Check the 18 characters against the authority's registration"),
)
def authority_code_invalid(subject: Subject) -> Iterator[Fault]:
    for place, part in (("authority", subject.item.authority), ("delegated_authority", subject.item.delegated_authority)):
        if part is None:
            continue
        try:
            parse_uscc(part.code)
        except StandardViolation as fault:
            yield f"/{place}/code", Said("实施机关的统一社会信用代码有误", f"The authority's code is wrong: {fault}.")


@rule(
    "item-type-differs",
    title=("事项类型与基本编码一致", "The item type is that of the base code"),
    source=sources.ITEM_CODES,
    remedy=("以基本目录为准，改正事项类型或基本编码", "Follow the base catalog: correct the type or the code"),
)
def item_type_differs(subject: Subject) -> Iterator[Fault]:
    base = _base(subject)
    if base is not None and base.item_type != subject.item.item_type:
        yield "/item_type", Said("事项类型与基本编码不一致", "The item type is not that of the base code.")


@rule(
    "base-code-invalid",
    title=("基本编码有效", "The base code is well formed"),
    source=sources.ITEM_CODES,
    remedy=("从基本目录中取编码；本地编码写在事项地址中", "Take the code from the base catalog; a local code goes into the item's address"),
)
def base_code_invalid(subject: Subject) -> Iterator[Fault]:
    try:
        if subject.item.base_code is not None:
            parse_base_code(subject.item.base_code)
    except InvalidItemCode as fault:
        yield "/base_code", _wrong("基本编码", "base code", subject.item.base_code or "", fault)


@rule(
    "base-code-retired",
    title=("基本编码在基本目录中有效", "The base code is in force in the base catalog"),
    source=sources.ITEM_CODES,
    remedy=(
        "改用基本目录的现行编码；已取消的事项请申请注销",
        "Take the code that is in force now; ask to withdraw an item that was abolished",
    ),
)
def base_code_retired(subject: Subject) -> Iterator[Fault]:
    retired = subject.retired_base_code
    if retired is None:
        return
    if retired.moved_to is None:
        yield "/base_code", Said("基本目录已取消这个编码", "The base catalog has deleted this code.")
    else:
        zh, en = f"基本目录已将这个编码改为 {retired.moved_to}", f"The base catalog has changed this code to {retired.moved_to}."
        yield "/base_code", Said(zh, en)


@rule(
    "implementation-code-invalid",
    title=("实施编码有效", "The implementation code is well formed"),
    source=sources.ITEM_CODES,
    remedy=("由实施机关代码、行使层级和基本编码组成31位", "Join the authority's code, the level and the base code to 31 characters"),
)
def implementation_code_invalid(subject: Subject) -> Iterator[Fault]:
    try:
        if subject.item.implementation_code is not None:
            parse_implementation_code(subject.item.implementation_code)
    except InvalidItemCode as fault:
        yield "/implementation_code", _wrong("实施编码", "implementation code", subject.item.implementation_code or "", fault)


@rule(
    "implementation-code-differs",
    title=("实施编码与其组成部分一致", "The implementation code is made of its parts"),
    source=sources.ITEM_CODES,
    remedy=("改正实施编码，或改正实施机关、行使层级、基本编码", "Correct the code, or the authority, level or base code"),
)
def implementation_code_differs(subject: Subject) -> Iterator[Fault]:
    item = subject.item
    try:
        parts = parse_implementation_code(item.implementation_code) if item.implementation_code else None
    except InvalidItemCode:
        return
    if parts and (parts.authority, parts.exercise_level, parts.base.value) != (item.authority.code, item.exercise_level, item.base_code):
        yield (
            "/implementation_code",
            Said(
                "实施编码应由实施机关代码、行使层级和基本编码组成",
                "The implementation code is the authority's code, the exercise level and the base code.",
            ),
        )


@rule(
    "handling-code-invalid",
    title=("业务办理项编码有效", "The handling-item code is well formed"),
    source=sources.ITEM_CODES,
    remedy=("在31位实施编码后加2位数字", "Put two digits behind the 31 characters of the implementation code"),
)
def handling_code_invalid(subject: Subject) -> Iterator[Fault]:
    try:
        if subject.item.handling_item_code is not None:
            parse_handling_item_code(subject.item.handling_item_code)
    except InvalidItemCode as fault:
        yield "/handling_item_code", _wrong("业务办理项编码", "handling-item code", subject.item.handling_item_code or "", fault)


@rule(
    "handling-code-differs",
    title=("业务办理项编码与实施编码一致", "The handling-item code is one of the implementation code"),
    source=sources.ITEM_CODES,
    remedy=("以本事项的实施编码开头", "Begin it with this item's implementation code"),
)
def handling_code_differs(subject: Subject) -> Iterator[Fault]:
    code = subject.item.handling_item_code
    if code is not None and len(code) == 33 and code[:31] != subject.item.implementation_code:
        yield (
            "/handling_item_code",
            Said("业务办理项编码的前31位应为本事项的实施编码", "Its first 31 characters are the item's implementation code."),
        )

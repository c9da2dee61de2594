"""The catalog refuses unlawful asks: what an item must satisfy before it may be published.

Every check names its rule and points at the field; all failures are told at once. "What the network can supply, nobody may
demand again" is the State Council's rule for service guides; a promise within the law is the Administrative Licensing Law's
art. 42; fees need a basis by its art. 58; notify-and-commit does not cover public safety, ecology, health and life.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
import re

from services.catalog.rules.content import ItemContent, Material
from services.catalog.rules.form_schema import form_faults, form_fields
from services.catalog.rules.words import normal_form
from standards.errors import StandardViolation
from standards.item_codes import parse_base_code, parse_implementation_code
from standards.uscc import parse_uscc

_ABOUT_A_COPY = re.compile(r"(原件|复印件|扫描件|电子版|照片)?(及|和|或|、)?(原件|复印件|扫描件|电子版|照片)$|[（(][^）)]*[）)]$")
_WHOSE = re.compile(r"^(申请人|申请单位|法定代表人|负责人|经办人|代理人|受托人|本人|企业|单位)+(的)?")

_SAYS = {
    "certificate-type-missing": (
        "来源为电子证照的材料应写明证照类型",
        "A material from the certificate library names its certificate type.",
    ),
    "shared-resource-missing": ("来源为共享数据的材料应写明共享资源", "A material from shared data names its shared resource."),
    "needed-when-missing": ("按情形提交的材料应写明何种情形需要", "A conditional material says when it is needed."),
    "tolerant-days-missing": ("可容缺的材料应写明补交期限", "A tolerant material says within how many working days it follows."),
    "duplicate-key": ("标识“{key}”重复", "The key “{key}” is used twice."),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason why an item may not be published. `pointer` is a JSON pointer into its content; `rule` is stable."""

    pointer: str
    rule: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Obtainable:
    """A material that the network can supply: from the certificate library, or as shared data. `names` are what people call it."""

    code: str
    names: tuple[str, ...]


def findings(item: ItemContent, obtainable: Iterable[Obtainable]) -> list[Finding]:
    """Everything that stands against publishing the item; empty when nothing does."""
    checks = (_limits(item), _codes(item), _materials(item, tuple(obtainable)), _commitments(item), _fee(item), _process(item), _form(item))
    return [finding for check in checks for finding in check]


def _limits(item: ItemContent) -> Iterator[Finding]:
    promised, statutory = item.promised_limit, item.statutory_limit
    if item.kind == "instant" and promised.days > 1:
        yield Finding("/promised_limit/days", "instant-takes-days", "即办件应当场或当日办结", "An instant item is decided on the spot.")
    if statutory is None:
        return
    if statutory.basis is None:
        yield Finding(
            "/statutory_limit/basis",
            "statutory-limit-without-basis",
            "法定时限应写明依据",
            "A statutory limit names the article it comes from.",
        )
    if promised.days == 0:
        return
    if promised.unit != statutory.unit:
        yield Finding(
            "/promised_limit/unit",
            "limit-units-differ",
            "承诺时限与法定时限应使用同一单位，否则无法比较",
            "The promised limit uses the statutory limit's unit; otherwise they cannot be compared.",
        )
    elif promised.days > statutory.days:
        yield Finding(
            "/promised_limit/days",
            "promise-exceeds-law",
            f"承诺时限不得超过法定时限（{statutory.days}）",
            f"The promised limit may not exceed the statutory one ({statutory.days}).",
        )


def _codes(item: ItemContent) -> Iterator[Finding]:
    try:
        parse_uscc(item.authority.code)
    except StandardViolation as fault:
        yield Finding(
            "/authority/code", "authority-code-invalid", "实施机关的统一社会信用代码有误", f"The authority's code is wrong: {fault}."
        )
    if item.base_code is not None:
        try:
            if parse_base_code(item.base_code).item_type != item.item_type:
                yield Finding("/item_type", "item-type-differs", "事项类型与基本编码不一致", "The item type is not that of the base code.")
        except StandardViolation as fault:
            yield Finding("/base_code", "base-code-invalid", "基本编码有误", f"The base code is wrong: {fault}.")
    if item.implementation_code is not None:
        yield from _implementation_code(item, item.implementation_code)


def _implementation_code(item: ItemContent, code: str) -> Iterator[Finding]:
    try:
        parts = parse_implementation_code(code)
    except StandardViolation as fault:
        yield Finding("/implementation_code", "implementation-code-invalid", "实施编码有误", f"The implementation code is wrong: {fault}.")
        return
    if (parts.authority, parts.exercise_level, parts.base.value) != (item.authority.code, item.exercise_level, item.base_code):
        yield Finding(
            "/implementation_code",
            "implementation-code-differs",
            "实施编码应由实施机关代码、行使层级和基本编码组成",
            "The implementation code is the authority's code, the exercise level and the base code.",
        )


def _materials(item: ItemContent, obtainable: tuple[Obtainable, ...]) -> Iterator[Finding]:
    by_name = {_document_name(name): source for source in obtainable for name in source.names}
    yield from _duplicates("/materials", [material.key for material in item.materials])
    for at, material in enumerate(item.materials):
        place = f"/materials/{at}"
        needed = (
            ("certificate_type", "certificate-type-missing", material.source == "certificate", material.certificate_type),
            ("shared_resource", "shared-resource-missing", material.source == "shared", material.shared_resource),
            ("needed_when", "needed-when-missing", material.necessity == "conditional", material.needed_when),
            ("tolerant_days", "tolerant-days-missing", material.is_tolerant, material.tolerant_days),
        )
        for field, rule, is_needed, value in needed:
            if is_needed and value is None:
                yield _said(f"{place}/{field}", rule)
        yield from _needless_ask(place, material, by_name)


def _needless_ask(place: str, material: Material, by_name: dict[str, Obtainable]) -> Iterator[Finding]:
    """A material asked of the applicant that the network has: by its own word, or by its name."""
    if material.source != "applicant":
        return
    known = by_name.get(_document_name(material.name))
    code = material.certificate_type or material.shared_resource or (known.code if known else None)
    if code is not None:
        yield Finding(
            f"{place}/source",
            "needless-ask",
            f"“{material.name}”可由系统共享取得（{code}），不得再向申请人索要",
            f"“{material.name}” can be had over the network ({code}) and may not be asked of the applicant.",
        )


def _document_name(name: str) -> str:
    """The document a material's name speaks of: 申请人身份证复印件 is 身份证."""
    bare = _ABOUT_A_COPY.sub("", _ABOUT_A_COPY.sub("", name.strip()))
    return normal_form(_WHOSE.sub("", bare) or bare)


def _commitments(item: ItemContent) -> Iterator[Finding]:
    if not item.sensitivities:
        return
    for at, material in enumerate(item.materials):
        if material.source == "commitment":
            yield Finding(
                f"/materials/{at}/source",
                "commitment-not-allowed",
                "涉及公共安全、生态环境、人身健康或生命安全的事项不适用告知承诺",
                "An item that touches public safety, ecology, health or life does not take a commitment in place of proof.",
            )


def _fee(item: ItemContent) -> Iterator[Finding]:
    if item.fee.is_charged and item.fee.basis is None:
        yield Finding("/fee/basis", "fee-without-basis", "收费应写明依据", "A fee names the rule that allows it.")


def _process(item: ItemContent) -> Iterator[Finding]:
    yield from _duplicates("/process", [step.key for step in item.process])
    deciding = [at for at, step in enumerate(item.process) if step.kind == "decide"]
    if deciding != [len(item.process) - 1]:
        yield Finding(
            "/process",
            "process-without-decider",
            "办理流程应有且仅有一个决定环节，并在最后",
            "A process has exactly one deciding step, and it is the last.",
        )


def _form(item: ItemContent) -> Iterator[Finding]:
    for place, fault in form_faults(item.form):
        yield Finding(
            f"/form{place}",
            "form-invalid",
            f"表单不是有效的 JSON Schema 2020-12：{fault}",
            f"The form is not a valid JSON Schema 2020-12: {fault}",
        )
    fields = form_fields(item.form)
    for at, section in enumerate(item.form_layout):
        for position, field in enumerate(section.fields):
            if field not in fields:
                yield Finding(
                    f"/form_layout/{at}/fields/{position}",
                    "layout-field-unknown",
                    f"表单中没有字段“{field}”",
                    f"The form has no field “{field}”.",
                )


def _duplicates(place: str, keys: list[str]) -> Iterator[Finding]:
    for at, key in enumerate(keys):
        if key in keys[:at]:
            yield _said(f"{place}/{at}/key", "duplicate-key", key=key)


def _said(pointer: str, rule: str, **facts: str) -> Finding:
    zh, en = _SAYS[rule]
    return Finding(pointer, rule, zh.format(**facts), en.format(**facts))

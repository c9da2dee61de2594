"""Materials: never asked for needlessly, and said completely."""

from collections.abc import Callable, Iterator
import re

from services.catalog.rules.content import ItemContent, Material
from services.catalog.rules.publication import sources
from services.catalog.rules.publication.registry import Fault, Obtainable, Said, Subject, rule
from services.catalog.rules.words import normal_form

_ABOUT_A_COPY = re.compile(r"(原件|复印件|扫描件|电子版|照片)?(及|和|或|、)?(原件|复印件|扫描件|电子版|照片)$|[（(][^）)]*[）)]$")
_WHOSE = re.compile(r"^(申请人|申请单位|法定代表人|负责人|经办人|代理人|受托人|本人|企业|单位)+(的)?")

_AND = re.compile(r"、|，|以及|和|及|或者|或|与")
_A_STATEMENT = re.compile(r"(承诺|声明|说明|意见|报告|方案|协议|合同|信息)书?$")


def _lacking(subject: Subject, field: str, is_needed: Callable[[Material], bool], said: Said) -> Iterator[Fault]:
    for at, material in enumerate(subject.item.materials):
        if is_needed(material) and getattr(material, field) is None:
            yield f"/materials/{at}/{field}", said


@rule(
    "certificate-type-missing",
    title=("来自证照库的材料写明证照类型", "A material from the certificate library names its type"),
    source=sources.WHOLE_RECORD,
    remedy=("填写证照类型代码，或改为其他来源", "Give the certificate type's code, or another source"),
)
def certificate_type_missing(subject: Subject) -> Iterator[Fault]:
    said = Said("来源为电子证照的材料应写明证照类型", "A material from the certificate library names its certificate type.")
    return _lacking(subject, "certificate_type", lambda material: material.source == "certificate", said)


@rule(
    "shared-resource-missing",
    title=("来自共享数据的材料写明共享资源", "A material from shared data names its resource"),
    source=sources.WHOLE_RECORD,
    remedy=("填写共享资源标识，或改为其他来源", "Give the resource's key, or another source"),
)
def shared_resource_missing(subject: Subject) -> Iterator[Fault]:
    said = Said("来源为共享数据的材料应写明共享资源", "A material from shared data names its shared resource.")
    return _lacking(subject, "shared_resource", lambda material: material.source == "shared", said)


@rule(
    "needed-when-missing",
    title=("按情形提交的材料写明何种情形", "A conditional material says when it is needed"),
    source=sources.ONE_TIME_NOTICE,
    remedy=("写明何种情形需要，或改为必要", "Say when it is needed, or make it required"),
)
def needed_when_missing(subject: Subject) -> Iterator[Fault]:
    said = Said("按情形提交的材料应写明何种情形需要", "A conditional material says when it is needed.")
    return _lacking(subject, "needed_when", lambda material: material.necessity == "conditional", said)


@rule(
    "tolerant-days-missing",
    title=("容缺的材料写明补交期限", "A tolerant material says by when it follows"),
    source=sources.TOLERANCE,
    remedy=("写明补交的工作日数，或不容缺", "Give the working days, or do not tolerate its absence"),
)
def tolerant_days_missing(subject: Subject) -> Iterator[Fault]:
    said = Said("可容缺的材料应写明补交期限", "A tolerant material says within how many working days it follows.")
    return _lacking(subject, "tolerant_days", lambda material: material.is_tolerant, said)


@rule(
    "duplicate-key",
    title=("标识不重复", "Keys are unique"),
    source=sources.WHOLE_RECORD,
    remedy=("给其中一个另取标识", "Give one of them another key"),
)
def duplicate_key(subject: Subject) -> Iterator[Fault]:
    for place, keys in _keyed(subject.item):
        for at, key in enumerate(keys):
            if key in keys[:at]:
                yield f"{place}/{at}/key", Said(f"标识“{key}”重复", f"The key “{key}” is used twice.")


def _keyed(item: ItemContent) -> Iterator[tuple[str, list[str]]]:
    yield "/materials", [material.key for material in item.materials]
    yield "/process", [step.key for step in item.process]
    if item.process_plan is not None:
        yield "/process_plan/stages", [stage.key for stage in item.process_plan.stages]
        yield "/process_plan/steps", [step.key for step in item.process_plan.steps]
    if item.situation_table is not None:
        yield "/situation_table/questions", [question.key for question in item.situation_table.questions]
        yield "/situation_table/rows", [row.key for row in item.situation_table.rows]
        for at, question in enumerate(item.situation_table.questions):
            yield f"/situation_table/questions/{at}/choices", [choice.key for choice in question.choices]


@rule(
    "needless-ask",
    title=("不索要网络上能取得的材料", "What the network can supply is not asked"),
    source=sources.SHARED_ONCE,
    remedy=("把来源改为电子证照或共享数据，或删去该材料", "Draw it from the library or shared data, or leave it out"),
)
def needless_ask(subject: Subject) -> Iterator[Fault]:
    """A material asked of the applicant that the network has: by its own word, by its name, or as one of several in its name."""
    by_name: dict[str, Obtainable] = {_document_name(name): source for source in subject.obtainable for name in source.names}
    for at, material in enumerate(subject.item.materials):
        if material.source != "applicant":
            continue
        for document in _documents(material.name):
            known = by_name.get(_document_name(document))
            code = material.certificate_type or material.shared_resource or (known.code if known else None)
            if code is not None:
                yield (
                    f"/materials/{at}/source",
                    Said(
                        f"“{document}”可由系统共享取得（{code}），不得再向申请人索要",
                        f"“{document}” can be had over the network ({code}) and may not be asked of the applicant.",
                    ),
                )
                break


def _documents(name: str) -> Iterator[str]:
    """The documents a name lists: 居民身份证和户口簿及复印件 are two. A statement about documents is one document."""
    yield name
    bare = _ABOUT_A_COPY.sub("", name)
    if not _A_STATEMENT.search(bare):
        yield from (part for part in _AND.split(bare) if part and part != name)


def _document_name(name: str) -> str:
    """The document a material's name speaks of: 申请人身份证复印件 is 身份证."""
    bare = _ABOUT_A_COPY.sub("", _ABOUT_A_COPY.sub("", name.strip()))
    return normal_form(_WHOSE.sub("", bare) or bare)


@rule(
    "commitment-not-allowed",
    title=("风险较大的事项不适用告知承诺", "No commitment where risks are great"),
    source=sources.COMMITMENTS,
    remedy=("改为提交或核验证明", "Have the proof shown or drawn from the network"),
)
def commitment_not_allowed(subject: Subject) -> Iterator[Fault]:
    for at, material in enumerate(subject.item.materials if subject.item.sensitivities else ()):
        if material.source == "commitment":
            yield (
                f"/materials/{at}/source",
                Said(
                    "涉及公共安全、生态环境、人身健康或生命安全的事项不适用告知承诺",
                    "An item that touches public safety, ecology, health or life does not take a commitment in place of proof.",
                ),
            )


@rule(
    "tolerance-on-core-material",
    title=("核心材料不容缺", "A core material may not follow later"),
    source=sources.TOLERANCE,
    remedy=("不容缺，或说明它不是核心材料", "Do not tolerate its absence, or say that it is not core"),
)
def tolerance_on_core_material(subject: Subject) -> Iterator[Fault]:
    """What the item calls core, and the application form itself."""
    for at, material in enumerate(subject.item.materials):
        if material.is_tolerant and (material.is_core or material.form == "filled_form"):
            yield (
                f"/materials/{at}/is_tolerant",
                Said(
                    f"“{material.name}”是核心材料，没有它不能受理，不适用容缺",
                    f"“{material.name}” is core: nothing can be accepted without it.",
                ),
            )


@rule(
    "beyond-catalog-without-basis",
    title=("增设的材料和环节有依据", "Added materials and steps have a basis"),
    source=sources.BUSINESS_35,
    remedy=("写明依据的法律、法规、规章条款，或删去", "Name the law and article, or leave it out"),
)
def beyond_catalog_without_basis(subject: Subject) -> Iterator[Fault]:
    for at, material in enumerate(subject.item.materials):
        if material.is_beyond_catalog and not material.legal_basis:
            yield (
                f"/materials/{at}/legal_basis",
                Said(
                    f"“{material.name}”不在基本目录中，又没有依据，不得索要",
                    f"“{material.name}” is not in the base catalog and has no basis: it may not be asked.",
                ),
            )
    for at, step in enumerate(subject.item.process_plan.steps if subject.item.process_plan else ()):
        if step.is_beyond_catalog and step.basis is None:
            yield (
                f"/process_plan/steps/{at}/basis",
                Said(
                    f"环节“{step.name}”不在基本目录中，又没有依据，不得增设",
                    f"The step “{step.name}” is not in the base catalog and has no basis: it may not be added.",
                ),
            )

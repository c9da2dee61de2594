"""Wording: what a citizen has to act on says exactly what is meant."""

from collections.abc import Iterator
import re

from services.catalog.rules.content import ItemContent
from services.catalog.rules.publication import sources
from services.catalog.rules.publication.registry import Fault, Said, Subject, rule

_CATCH_ALL = re.compile(
    r"^(其他|其它|相关|有关)(的)?(申请)?(材料|资料|证明|文件|条件|情形)?$"
    r"|(规定|要求|需要|认为)(应当|需要|必须)?(提供|提交|具备|补充|出具)?的(其他|其它|相关|有关)(的)?(部门)?(意见|申请)?(材料|资料|证明|文件|条件|情形|要求)"
    r"|(其他|其它)(的)?(相关|有关|必要|证明|申请|法定)*(的)?(材料|资料|证明|文件|条件|情形)$"
    r"|(其他|其它)(依法|法律法规|有关)?(规定|要求)?(需要|应当)?(提供|提交)?的?(材料|资料|文件)$"
    r"|等(其他|其它|相关|有关|必要)的?(证明)?(材料|资料|文件|证明)"
    r"|(有关|相关)(部门|单位|机关)(要求|规定|认为)"
    r"|的(相关|有关)(证明)?(材料|资料|文件|证明)$"
)
_POINTS_AWAY = re.compile(
    r"(详见|参见|见)(附件|附表|附录|相关规定|有关规定|官网|网站|窗口|公告|文件)"
    r"|^(按|依|按照|依照)(有关|相关|国家)?规定(办理|执行|提供|提交)?$"
    r"|视情况(而定|确定|提供|提交)|酌情(提供|提交)|以窗口(告知|要求)为准|^(无|/|-+|同上|略|待定)$"
)
_ABBREVIATIONS = {
    re.compile(pattern): full
    for pattern, full in {
        "环评": "环境影响评价",
        "能评": "节能评估",
        "安评": "安全评价",
        "稳评": "社会稳定风险评估",
        "震评": "地震安全性评价",
        "水保(?!持)": "水土保持",
        "交评": "交通影响评价",
        "职评": "职业病危害评价",
        "控评": "职业病危害控制效果评价",
        "图审(?!查)": "施工图设计文件审查",
        "两证一书": "选址意见书、建设用地规划许可证和建设工程规划许可证",
        "法人证(?![书明照件])": "法人登记证书",
        "红本": "不动产权证书",
    }.items()
}
"""Short forms that officials use and citizens do not. Each was looked for in 1,135 real names: none may be part of other words."""

_LATIN = re.compile(r"(?<![A-Za-z0-9-])[A-Z]{2,8}(?![A-Za-z0-9])")
_KNOWN_LATIN = frozenset(
    {"PDF", "JPG", "JPEG", "PNG", "OFD", "DOC", "XLS", "APP", "ID", "QQ", "WIFI", "CT", "DNA", "POS", "ATM", "PM", "GB", "VR"}
)


def _asked(item: ItemContent) -> Iterator[tuple[str, str]]:
    """The texts that say what must be brought or met, each with its place."""
    for at, material in enumerate(item.materials):
        yield f"/materials/{at}/name", material.name
        if material.needed_when is not None:
            yield f"/materials/{at}/needed_when", material.needed_when
        if material.note is not None:
            yield f"/materials/{at}/note/zh", material.note.zh
    for at, condition in enumerate(item.conditions):
        yield f"/conditions/{at}", condition
    for at, question in enumerate(item.situation_table.questions if item.situation_table else ()):
        yield f"/situation_table/questions/{at}/text/zh", question.text.zh
        for number, choice in enumerate(question.choices):
            yield f"/situation_table/questions/{at}/choices/{number}/label/zh", choice.label.zh


@rule(
    "catch-all",
    title=("没有兜底条款", "No catch-all clauses"),
    source=sources.LICENSING_30,
    remedy=("逐项写明需要什么；说不出是什么的，删去", "Name each thing that is needed; what cannot be named is left out"),
)
def catch_all(subject: Subject) -> Iterator[Fault]:
    for place, text in _asked(subject.item):
        if place.endswith("/label/zh"):
            continue  # among named choices, "another" is an honest answer
        found = _CATCH_ALL.search(text.strip(" 。；;，,"))
        if found is not None:
            yield (
                place,
                Said(
                    f"“{found.group()}”是兜底说法，办事人不知道要准备什么",
                    f"“{found.group()}” is a catch-all: nobody can tell what to bring.",
                ),
            )


@rule(
    "text-points-elsewhere",
    title=("要求就地说清楚", "What is asked is said where it is asked"),
    source=sources.PLAIN_LANGUAGE,
    remedy=("把要求写在这里；样表作为材料的样本附上", "Write it here; attach forms as samples of the material"),
)
def text_points_elsewhere(subject: Subject) -> Iterator[Fault]:
    for place, text in _asked(subject.item):
        found = _POINTS_AWAY.search(text.strip(" 。；;，,"))
        if found is not None:
            yield place, Said(f"“{found.group()}”没有说明要求是什么", f"“{found.group()}” does not say what is asked.")


@rule(
    "abbreviation-unexplained",
    title=("简称写出全称", "Abbreviations are spelled out"),
    source=sources.PLAIN_LANGUAGE,
    remedy=("写全称，需要时在括号中加简称", "Write it in full, with the abbreviation in brackets where it helps"),
)
def abbreviation_unexplained(subject: Subject) -> Iterator[Fault]:
    for place, text in (("/name", subject.item.name), *_asked(subject.item)):
        for pattern, full in _ABBREVIATIONS.items():
            if (found := pattern.search(text)) is not None and full[:4] not in text:
                short = found.group()
                yield place, Said(f"“{short}”是简称，应写“{full}”", f"“{short}” is an abbreviation of {full}.")
        for word in _LATIN.findall(text):
            if word not in _KNOWN_LATIN and not re.search(rf"[（(]\s*{word}\s*[)）]|{word}\s*[（(]", text):
                yield place, Said(f"“{word}”没有解释，请写出中文全称", f"“{word}” is not explained; say it in full.")

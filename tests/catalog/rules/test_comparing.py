"""Two contents compared in words."""

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
import pytest

from services.catalog.rules.bulk_edit import ReplaceText, SetChannel, edited
from services.catalog.rules.comparing import changes
from services.catalog.rules.comparing.labels import FIELDS
from services.catalog.rules.content import ItemContent
from tests.catalog.sample import item, sample_items

MATERIALS = item()["materials"]
FORM, LICENCE = MATERIALS
STEPS = item()["process"]


def content(**more: Any) -> dict[str, Any]:
    return ItemContent.model_validate(item(**more)).model_dump(mode="json")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"promised_limit": {"days": 5}}, ["承诺时限由 8 个工作日改为 5 个工作日"]),
        ({"promised_limit": {"days": 0}}, ["承诺时限由 8 个工作日改为当场"]),
        ({"statutory_limit": None}, ["法定时限由 20 个工作日，依据“行政许可法第四十二条”改为（无）"]),
        ({"kind": "instant"}, ["类型由承诺件改为即办件"]),
        ({"channels": ["2", "1"]}, ["办理渠道的顺序调整为：电脑端、窗口"]),
        ({"channels": ["1", "2", "3"]}, ["增加办理渠道移动端"]),
        ({"materials": [LICENCE, FORM]}, ["材料的顺序调整为：“营业执照”、“食品经营许可申请书”"]),
        ({"materials": [FORM]}, ["取消材料“营业执照”"]),
        ({"materials": [*MATERIALS, {**FORM, "key": "plan", "name": "布局图"}]}, ["增加材料“布局图”"]),
        ({"materials": [FORM, {**LICENCE, "copies": 2}]}, ["材料“营业执照”的份数由 1 改为 2"]),
        ({"materials": [FORM, {**LICENCE, "name": "执照副本"}]}, ["材料“营业执照”的名称由“营业执照”改为“执照副本”"]),
        ({"materials": [FORM, {**LICENCE, "necessity": "conditional", "needed_when": "是企业"}]}, [
            "材料“营业执照”的必要性由必要改为按情形", "材料“营业执照”的需要的情形由（无）改为“是企业”",
        ]),
        ({"process": [STEPS[0], {**STEPS[1], "grade": 3}]}, ["办理环节“决定”的授权等级由 2 改为 3"]),
        ({"process": [STEPS[1]]}, ["取消办理环节“审查”"]),
        ({"fee": {"is_charged": True, "text": {"zh": "每证 10 元"}, "basis": "某文件"}}, [
            "收费的是否收费由否改为是", "收费的文字由“不收费”改为“每证 10 元”", "收费的文字的英文由“Free of charge”改为（无）", "收费的依据由（无）改为“某文件”",
        ]),
        ({"legal_basis": [{**item()["legal_basis"][0], "version": "2025-01-01"}]}, [
            "设定依据《食品安全法》第三十五条的版本由“2021-04-29”改为“2025-01-01”",
        ]),
        ({"form": {"type": "object", "properties": {"premises": {"type": "string", "title": "经营场所"}}}}, [
            "表单字段“经营场所”的标题由（无）改为“经营场所”", "表单字段“premises”不再必填" if False else "表单字段“经营场所”不再必填",
        ]),
        ({"form": {"type": "object", "properties": {"area": {"type": "number", "title": "面积"}}, "required": ["area"]}}, [
            "表单增加字段“面积”", "表单取消字段“premises”", "表单字段“面积”改为必填", "表单字段“premises”不再必填",
        ]),
    ],
)  # fmt: skip
def test_each_difference_is_a_sentence(change: dict[str, Any], expected: list[str]) -> None:
    assert [one.zh for one in changes(content(), content(**change))] == expected


def test_a_sentence_is_never_a_document() -> None:
    contents = [ItemContent.model_validate(one).model_dump(mode="json") for one in list(sample_items().values())[:12]]
    for before, after in pairwise(contents):
        for one in changes(before, after):
            assert not set("{}[]") & set(one.zh.replace("[1-9]", "")) or "格式" in one.zh, one.zh
            assert one.zh.strip() == one.zh and one.en.strip() == one.en and "None" not in one.zh


def test_every_field_of_an_item_is_called_by_a_name_people_know() -> None:
    assert [name for name in ItemContent.model_fields if name not in FIELDS] == []


words = st.text(st.sampled_from("甲乙丙"), min_size=1, max_size=3)
some = st.fixed_dictionaries(
    {},
    optional={
        "name": words,
        "visits": st.integers(0, 9),
        "channels": st.lists(st.sampled_from("1234"), min_size=1, max_size=4, unique=True),
        "conditions": st.lists(words, max_size=3),
        "synonyms": st.lists(words, max_size=3),
        "promised_limit": st.fixed_dictionaries({"days": st.integers(0, 20)}),
        "situations": st.lists(st.fixed_dictionaries({"zh": words}), max_size=3),
        "materials": st.lists(
            st.fixed_dictionaries({"key": st.sampled_from("abc"), "name": words, "source": st.just("applicant"), "copies": st.integers(1, 3)}),
            max_size=3,
        ),
        "form": st.dictionaries(st.sampled_from(["title", "type", "required", "properties", "$defs"]), st.sampled_from([None, "x", ["x"], {"x": {}}, {"x": {"title": "甲"}, "y": 1}]), max_size=4),
    },
)  # fmt: skip


@given(some, some)
def test_nothing_differs_exactly_where_no_change_is_said(one: dict[str, Any], other: dict[str, Any]) -> None:
    before, after = content(**one), content(**other)
    assert changes(before, before) == []
    if before == after:
        assert changes(before, after) == []
    found, back = changes(before, after), changes(after, before)
    assert bool(found) == bool(back)
    assert sum(c.kind == "added" for c in found) == sum(c.kind == "removed" for c in back)
    if not found:
        assert ItemContent.model_validate(before).model_dump(exclude={"form"}) == ItemContent.model_validate(after).model_dump(
            exclude={"form"}
        )


def test_a_text_is_replaced_where_people_read_it_and_nowhere_else() -> None:
    before = content(faq=[{"question": "申请书在哪里？", "answer": "申请书在窗口。"}], synonyms=["申请书"])
    after = edited(before, ReplaceText(do="replace_text", find="申请书", replace="表格"))
    assert [one.zh for one in changes(before, after)] == [
        "材料“食品经营许可申请书”的名称由“食品经营许可申请书”改为“食品经营许可表格”",
        "增加俗称“表格”",
        "取消俗称“申请书”",
        "增加常见问题“表格在哪里？”",
        "取消常见问题“申请书在哪里？”",
    ]
    assert edited(before, ReplaceText(do="replace_text", find="application-form", replace="x")) == before
    assert edited(before, SetChannel(do="add_channel", channel="1")) == before

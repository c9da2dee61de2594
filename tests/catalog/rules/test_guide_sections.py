"""What a guide says: everything the item says, in the reader's language where it can be, and nothing of what nobody knows."""

from collections.abc import Iterator
from typing import Any

import pytest

from services.catalog.rules.content import ItemContent
from services.catalog.rules.guide.notice import notice_sections
from services.catalog.rules.guide.parts import Facts, Language, Listing, Passage, Said, Section, Table
from services.catalog.rules.guide.sections import guide_sections
from services.catalog.rules.narrowing import narrow
from tests.catalog.guide_sample import whole_item
from tests.catalog.sample import item, sample_items

RENTED = {"business": ["restaurant"], "premises": ["rented"]}
_NOT_IN_A_GUIDE = {
    "region_code", "key", "post", "kind", "unit", "source", "rule", "when", "choices", "questions", "rows", "form", "item_type", "reach",
    "service_objects", "channels", "exercise_level", "necessity", "certificate_type", "shared_resource", "form_layout", "synonyms", "code",
    "stage", "to", "paid_by", "special_procedures", "materials.form", "situation_table", "process", "version",
    "result_type_code", "opens", "closes",
}  # fmt: skip


def _item(**changes: Any) -> ItemContent:
    return ItemContent.model_validate(whole_item(**changes))


def _texts(sections: list[Section]) -> list[str]:
    return [text for section in sections for text in section.texts()]


def _section(sections: list[Section], key: str) -> Section:
    return next(one for one in sections if one.key == key)


def _said(section: Section) -> Iterator[Said]:
    for part in section.parts:
        match part:
            case Facts(rows, title):
                yield from (title,) if title else ()
                yield from (one for name, cell in rows for one in (name, *cell))
            case Listing(entries):
                yield from entries
            case Table(rows=table_rows):
                yield from (one for row in table_rows for cell in row for one in cell)
            case Passage(said, title):
                yield from (title,) if title else ()
                yield said


def _spoken(value: Any, language: str) -> Iterator[str]:
    """Every text for people in a content, in one language where there are two."""
    if isinstance(value, dict):
        if "zh" in value and set(value) <= {"zh", "en"}:
            yield str(value.get(language) or value["zh"])
            return
        for name, inner in value.items():
            english = value.get(f"{name}_en")
            if name in _NOT_IN_A_GUIDE or name.endswith("_en"):
                continue
            yield from _spoken(english if language == "en" and english else inner, language)
    elif isinstance(value, list):
        for inner in value:
            yield from _spoken(inner, language)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("language", ["zh", "en"])
def test_everything_the_item_says_to_people_is_in_its_guide(language: Language) -> None:
    content = whole_item()
    sections = guide_sections("food", _item(), language)
    said = "\n".join([*_texts(sections), *(one.address for section in sections for one in _said(section))])
    missing = [
        text for name, value in content.items() if name not in {*_NOT_IN_A_GUIDE, "name", "name_en"}
        for text in _spoken(value, language) if text not in said
    ]  # fmt: skip
    assert missing == []


def test_an_english_guide_says_in_chinese_what_nobody_translated_and_marks_it() -> None:
    sections = guide_sections("food", _item(), "en")
    chinese = {one.text for section in sections for one in _said(section) if one.language == "zh"}
    assert "浓洄街道办事处" in chinese and "变更地址" in chinese and "没有营业执照能先申请吗？" in chinese
    english = [one.text for section in sections for one in _said(section) if one.language == "en"]
    assert [text for text in english if any("\u4e00" <= character <= "\u9fff" for character in text)] == []


def test_materials_are_told_by_what_one_has_to_do_about_them() -> None:
    tables = [part for part in _section(guide_sections("food", _item(), "zh"), "materials").parts if isinstance(part, Table)]
    assert [(table.caption, [row[0][0].text for row in table.rows]) for table in tables] == [
        ("您要准备的材料", ["食品经营许可申请书", "经营场所布局图", "房屋租赁合同"]),
        ("可以书面承诺代替的材料", ["食品安全管理制度"]),
        ("您不用带的材料，由政务网络取得", ["营业执照", "信用记录"]),
    ]
    assert [one.text for one in tables[0].rows[1][2]] == ["何时需要：有固定经营场所的", "可以容缺：先受理，5个工作日内补交", "手绘也可以"]
    assert tables[2].head == ("材料", "从哪里取得") and [row[1][0].text for row in tables[2].rows] == ["电子证照库", "部门共享数据"]


def test_an_item_that_asks_for_nothing_says_so() -> None:
    only = [{"key": "licence", "name": "营业执照", "source": "certificate", "certificate_type": "12511600DEM099990F001"}]
    parts = _section(guide_sections("food", ItemContent.model_validate(item(materials=only)), "zh"), "materials").parts
    assert isinstance(parts[0], Passage) and (parts[0].said.text, parts[0].is_weighty) == ("您不用准备任何材料。", True)


@pytest.mark.parametrize(
    ("limit", "zh", "en"),
    [
        ({"days": 0}, "当场办结", "At once"),
        ({"days": 1}, "1个工作日", "1 working day"),
        ({"days": 20}, "20个工作日", "20 working days"),
        ({"days": 2, "unit": "calendar_day"}, "2天（自然日）", "2 calendar days"),
    ],
)
def test_limits_are_said_as_people_say_them(limit: dict[str, Any], zh: str, en: str) -> None:
    for language, wanted in (("zh", zh), ("en", en)):
        content = ItemContent.model_validate(item(promised_limit=limit))
        facts = _section(guide_sections("food", content, language), "limits").parts[0]  # type: ignore[arg-type]
        assert isinstance(facts, Facts) and facts.rows[0][1][0].text == wanted


def test_what_is_not_known_of_an_item_has_no_section() -> None:
    bare = ItemContent.model_validate(item(conditions=[], result_type_code=None, result_validity_months=None, results=[]))
    keys = [section.key for section in guide_sections("food", bare, "zh")]
    assert keys == ["overview", "materials", "process", "limits", "fees", "legal-basis", "codes"]
    assert all(part for section in guide_sections("food", bare, "zh") for part in section.parts)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_item_of_the_sample_city_has_a_guide_without_a_hole(language: Language) -> None:
    for code, content in sample_items().items():
        sections = guide_sections(code, ItemContent.model_validate(content), language)
        texts = _texts(sections)
        assert all(text.strip() for text in texts), code
        assert [text for text in texts if "None" in text or "{" in text] == [], code


def _notice(answers: dict[str, list[str]], language: Language = "zh") -> list[Section]:
    content = _item()
    return notice_sections(content, narrow(content, answers), answers, language)


def test_a_notice_lists_exactly_what_the_situation_needs() -> None:
    rented, own = (_notice({"business": ["restaurant"], "premises": [premises]}) for premises in ("rented", "own"))
    names = [
        [row[0][0].text for part in _section(one, "materials").parts if isinstance(part, Table) for row in part.rows]
        for one in (rented, own)
    ]
    always = ["食品安全管理制度", "营业执照", "信用记录"]
    assert names[0] == ["食品经营许可申请书", "经营场所布局图", "房屋租赁合同", *always]
    assert names[1] == ["食品经营许可申请书", "经营场所布局图", *always]
    assert "何时需要：经营场所为租赁的" not in _texts(rented), "the condition is met and needs no more saying"


def test_a_notice_says_what_was_answered_and_what_follows_from_it() -> None:
    sections = _notice(RENTED)
    assert [section.key for section in sections] == [
        "situation", "materials", "form", "conditions", "channels-and-appointment", "places", "limits", "fees", "results", "consultation",
        "remedies",
    ]  # fmt: skip
    assert list(sections[0].texts()) == ["您的情形", "您经营的是哪一类？", "餐馆、小吃店", "经营场所是租的吗？", "是", "租房开餐馆"]
    limit = _section(_notice({"business": ["canteen"]}), "limits").parts[0]
    assert isinstance(limit, Facts) and limit.rows[0][1][0].text == "5个工作日"


def test_a_situation_that_the_item_does_not_cover_is_told_where_to_turn_and_nothing_else() -> None:
    [section] = _notice({"business": ["farm"]}, "en")
    assert list(section.texts())[-1] == "This item does not cover it: No permit is needed."


def test_the_form_names_its_fields_and_what_is_filled_in() -> None:
    table = _section(_notice(RENTED), "form").parts[0]
    assert isinstance(table, Table)
    assert [[one.text for cell in row for one in cell] for row in table.rows] == [
        ["经营者", "经营者名称（由电子证照自动带入）", "经营场所地址"],
        ["其他", "从业人员数"],
    ]

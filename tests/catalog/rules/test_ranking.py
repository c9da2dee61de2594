"""What comes first among the items that may be meant."""

from typing import Any

from services.catalog.rules.content import ItemContent
from services.catalog.rules.finding import index_entry, understand
from services.catalog.rules.ranking import Candidate, rank
from tests.catalog.sample import item


def ranked(query: str, *names: str, popularity: dict[str, float] | None = None, **changes: Any) -> list[str]:
    candidates = []
    for at, name in enumerate(names):
        content = item(**{"name": name, "name_en": None, "synonyms": [], "base_code": None, "implementation_code": None, **changes})
        entry = index_entry(f"code-{at}", ItemContent.model_validate(content))
        candidates.append(Candidate(at, f"code-{at}", entry.lines, (popularity or {}).get(name, 0.0)))
    return [names[hit.item_no] for hit in rank(understand(query), candidates, {})]


def test_the_whole_name_comes_before_names_that_contain_it() -> None:
    assert ranked("结婚登记", "结婚登记预约", "涉外结婚登记", "结婚登记")[0] == "结婚登记"


def test_a_name_that_begins_with_what_is_typed_comes_before_one_that_has_it_inside() -> None:
    assert ranked("烟草专卖", "全国烟草专卖年报", "烟草专卖许可证")[0] == "烟草专卖许可证"


def test_what_is_written_so_comes_before_what_only_sounds_so() -> None:
    assert ranked("户照", "护照签发", "户照签发") == ["户照签发", "护照签发"]


def test_a_first_issue_comes_before_changes_unless_a_change_is_asked_for() -> None:
    names = ("护士执业注销", "护士执业许可")
    assert ranked("护士执业", *names)[0] == "护士执业许可"
    assert ranked("护士执业注销", *names)[0] == "护士执业注销"


def test_among_likes_the_one_people_ask_for_comes_first_but_never_before_the_whole_name() -> None:
    names = ("烟草专卖许可证", "烟草专卖零售证", "烟草专卖")
    assert ranked("烟草专卖", *names, popularity={"烟草专卖零售证": 1e6}) == ["烟草专卖", "烟草专卖零售证", "烟草专卖许可证"]


def test_an_item_that_has_little_of_the_question_is_left_out() -> None:
    assert ranked("量子纠缠证明", "结婚证明补发") == []


def test_what_has_a_part_of_the_question_as_written_comes_after_what_has_most_of_it() -> None:
    assert ranked("取水排污", "取水许可", "取水排污许可", "结婚登记") == ["取水排污许可", "取水许可"]


def test_whether_an_item_is_found_does_not_depend_on_the_others() -> None:
    names = ("食品经营许可", "药品经营许可", "结婚登记", "食品小作坊备案")
    together = set(ranked("食品经营", *names))
    assert together == {name for name in names if ranked("食品经营", name)}


def test_equals_stand_by_code() -> None:
    assert ranked("食品", "食品许可甲", "食品许可乙") == ["食品许可甲", "食品许可乙"]

"""How queries and items are cut into terms."""

from hypothesis import given
from hypothesis import strategies as st
import pytest

from services.catalog.rules import words
from services.catalog.rules.content import ItemContent
from services.catalog.rules.finding import index_entry, understand
from tests.catalog.sample import item


def test_a_text_becomes_words_and_character_pairs() -> None:
    assert set(words.terms("食品经营许可")) == {"食品", "经营", "许可", "品经", "营许"}


def test_full_width_and_capital_letters_are_folded() -> None:
    assert words.terms("ＷＩＦＩ营业") == ["wifi", "营业"]


def test_readings_begin_at_every_word_in_full_and_in_initials() -> None:
    assert words.reading_terms("食品经营许可") == {"shipinjingyingxuke", "spjyxk", "jingyingxuke", "jyxk", "xuke", "xk"}


def test_the_word_decides_how_a_character_is_read() -> None:
    assert words.readings("重庆银行") == ("chongqingyinhang", "cqyh")


@pytest.mark.parametrize(
    ("query", "asked"), [("我要开饭店", "开饭店"), ("怎么办理食品经营许可证", "食品经营许可证"), ("请问护照", "护照"), ("我要办", "我要办")]
)
def test_small_talk_is_left_out_unless_there_is_nothing_else(query: str, asked: str) -> None:
    assert words.without_small_talk(query) == asked


def test_a_query_of_symbols_asks_for_nothing() -> None:
    query = understand("！？…")
    assert (query.forms, query.terms) == ([], [])


def test_letters_match_beginnings_and_han_characters_match_as_they_stand() -> None:
    assert understand("spjy 许可").terms == ["'spjy':*", "'许可'"]


def test_a_long_query_asks_for_a_bounded_number_of_terms() -> None:
    assert len(understand("食品经营许可证延续变更注销补发" * 20).terms) <= 32


def test_the_name_comes_first_among_an_items_phrases_and_weighs_most() -> None:
    entry = index_entry("food.1", ItemContent.model_validate(item()))
    assert entry.phrases[0] == "食品经营许可"
    assert {"开饭店", "foodbusinesspermit", "000131024000", "food1"} <= set(entry.phrases)
    assert {"kaifandian", "kfd", "shipinjingyingxuke", "spjyxk"} <= set(entry.readings)
    weighted = dict(part.rsplit(":", 1) for part in entry.document.split(" "))
    assert (weighted["'食品'"], weighted["'饭店'"], weighted["'kfd'"], weighted["'场所'"]) == ("1A", "1B", "1B", "1D")


@given(st.text(max_size=60))
def test_any_text_can_be_asked_and_asked_again_with_the_same_meaning(text: str) -> None:
    query = understand(text)
    assert query == understand(text)
    assert all(term.strip("'") for term in query.terms)
    assert all(form == words.normal_form(form) for form in query.forms)

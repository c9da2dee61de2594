"""How queries and items are cut into terms."""

from hypothesis import given
from hypothesis import strategies as st
import pytest

from services.catalog.rules import everyday, words
from services.catalog.rules.content import ItemContent
from services.catalog.rules.finding import index_entry, understand
from services.catalog.rules.phrases import phrase
from tests.catalog.sample import item


def test_a_text_becomes_words_and_character_pairs() -> None:
    assert set(words.terms("食品经营许可")) == {"食品", "经营", "许可", "品经", "营许"}


def test_full_width_and_capital_letters_are_folded() -> None:
    assert words.terms("ＷＩＦＩ营业") == ["wifi", "营业"]


def test_a_phrase_is_kept_as_written_as_heard_and_by_first_letters() -> None:
    assert phrase("食品经营许可 Food").line == "食品经营许可food\t~si~pin~jin~yin~xu~ke~\tSPJYXK\t food"


def test_a_phrase_is_led_to_by_pairs_characters_sounds_and_first_letters_of_every_word() -> None:
    found = phrase("食品经营许可").terms
    assert {"食品", "品经", "食", "~si~pin", "^si", "^jin", "^xu", "-SP", "-SPJ", "-SPJYXK", "-JYXK", "-XK"} <= set(found)
    assert found["食品"] > found["~si~pin"] > found["食"]


def test_the_word_decides_how_a_character_is_read() -> None:
    assert "~con~qin~yin~han~" in phrase("重庆银行").line


@pytest.mark.parametrize(
    ("query", "asked"), [("我要开饭店", "开饭店"), ("怎么办理食品经营许可证", "食品经营许可证"), ("请问护照", "护照"), ("我要办", "我要办")]
)
def test_small_talk_is_left_out_unless_there_is_nothing_else(query: str, asked: str) -> None:
    assert words.without_small_talk(query) == asked


def test_a_query_of_symbols_asks_for_nothing() -> None:
    assert understand("！？…").readings == ()


def test_letters_match_beginnings_and_han_characters_match_as_they_stand() -> None:
    slots = understand("spjy 许可").readings[0].slots
    assert [(a.term, a.is_beginning) for slot in slots for a in slot.alternatives] == [
        ("spjy", True), ("-SPJY", True), ("许可", False), ("~xu~ke", False),
    ]  # fmt: skip


def test_an_everyday_word_makes_a_reading_of_what_it_means() -> None:
    assert [reading.form for reading in understand("饭店").readings] == ["饭店", "食品经营许可"]
    assert [reading.form for reading in understand("fandian").readings] == ["fandian", "食品经营许可"]


def test_two_character_meanings_stand_in_for_each_other() -> None:
    reading = understand("食品证丢了").readings[1]
    assert [a.term for a in reading.slots[-1].alternatives] == ["补办", "补领", "补发", "挂失", "遗失"]


def test_a_long_query_asks_for_a_bounded_number_of_terms() -> None:
    question = understand(("食品经营许可证丢了延续变更开饭店药店注销补发过期" * 20)[:100])
    assert len(question.readings) <= 8
    assert max(len(reading.slots) for reading in question.readings) <= 24


def test_a_name_leads_to_the_item_more_than_its_other_phrases_do() -> None:
    entry = index_entry("food.1", ItemContent.model_validate(item()))
    assert entry.called == ["食品经营许可", "开饭店", "开餐馆", "奶茶店", "Food business permit"]
    assert [line.split("\t")[0] for line in entry.lines[5:]] == ["food1", "000131024000", "11511602dem000014r4000131024000"]
    assert entry.terms["000131024000"] == 1000
    assert entry.terms["食品"] > entry.terms["~si~pin"]
    assert min(entry.terms.values()) >= 1
    assert "'场所'" in entry.document


def test_every_meaning_in_the_list_can_be_looked_for() -> None:
    for said in everyday._known():
        assert all(reading.slots for reading in understand(said).readings), said


@given(st.text(max_size=60))
def test_any_text_can_be_asked_and_asked_again_with_the_same_meaning(text: str) -> None:
    question = understand(text)
    assert question == understand(text)
    for reading in question.readings:
        assert sum(slot.worth for slot in reading.slots) > 0
        assert all(alternative.term and alternative.needle for slot in reading.slots for alternative in slot.alternatives)

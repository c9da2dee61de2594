"""Letters become syllables, and syllables what an ear keeps of them."""

from hypothesis import given
from hypothesis import strategies as st
import pytest

from services.catalog.rules.sounds import folded, syllables_of


@pytest.mark.parametrize(
    ("letters", "syllables", "is_whole"),
    [
        ("kaifandian", ("kai", "fan", "dian"), True), ("ship", ("shi", "p"), False), ("sh", ("sh",), False), ("s", ("s",), False),
        ("lvxingshe", ("lv", "xing", "she"), True), ("xian", ("xian",), True), ("denji", ("den", "ji"), True),
    ],
)  # fmt: skip
def test_letters_are_cut_into_the_fewest_syllables_and_the_last_may_be_unfinished(
    letters: str, syllables: tuple[str, ...], is_whole: bool
) -> None:
    assert syllables_of(letters) == (syllables, is_whole)


@pytest.mark.parametrize("letters", ["", "spjyxk", "kai fan", "passport", "许可", "000131024000", "a" * 61])
def test_what_spells_nothing_has_no_syllables(letters: str) -> None:
    assert syllables_of(letters) is None


@pytest.mark.parametrize(
    ("one", "other"), [("shi", "si"), ("zheng", "zen"), ("jing", "jin"), ("niu", "liu"), ("lv", "lu"), ("chang", "can")]
)
def test_what_a_southern_ear_confuses_is_folded_together(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(("one", "other"), [("shi", "ji"), ("fan", "han"), ("ba", "pa"), ("kai", "gai")])
def test_what_everybody_hears_apart_stays_apart(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@given(st.text("abcdefghijklmnopqrstuvwxyz", max_size=70))
def test_syllables_are_the_letters_in_order(letters: str) -> None:
    found = syllables_of(letters)
    assert found is None or "".join(found[0]) == letters

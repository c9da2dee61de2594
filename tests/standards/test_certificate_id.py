"""Certificate identifiers: identifiers in public use, two of them with a placeholder for a check character."""

from hypothesis import given
from hypothesis import strategies as st
import pytest

from standards.certificate_id import ROOT, InvalidCertificateId, compose, parse

IN_USE = [
    "1.2.156.3005.2.11100000000013338W032.11220000013544541J.2430599.001.F",
    "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U",
    "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.002.S",
    "1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0",
    "1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9",
    "1.2.156.3005.2.11100000000013338W087.11370800MB28559184.37080001202411010001.001.3",
]
PLACEHOLDERS = [
    ("1.2.156.3005.2.11100000000013661B006.113700000045046442.209FA4E88F9E4C878F3E9BED2CE7EA49.001.M", "D"),
    ("1.2.156.3005.2.11100000000013338W050.91610800064834709T.2023000001.001.X", "2"),
]
TYPE = "11100000000013338W032"


def refusal(text: str) -> str:
    with pytest.raises(InvalidCertificateId) as caught:
        parse(text)
    return caught.value.reason


@pytest.mark.parametrize("text", IN_USE)
def test_identifiers_in_use_are_read_and_composed_again(text: str) -> None:
    read = parse(text)
    assert compose(read.type_code, read.issuer, read.serial, read.version) == text
    assert read.defining_authority == read.type_code[:18]


@pytest.mark.parametrize(("text", "right"), PLACEHOLDERS)
def test_a_placeholder_check_character_is_refused(text: str, right: str) -> None:
    assert refusal(text) == "check_character"
    assert parse(text[:-1] + right).check_character == right


def test_small_letters_and_spaces_are_put_right() -> None:
    assert parse(f" {IN_USE[0].lower()} ").value == IN_USE[0]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "root"),
        ("1.2.156.3005.3.11100000000013338W032.11220000013544541J.2430599.001.F", "root"),
        (f"{ROOT}.{TYPE}.11220000013544541J.2430599.001", "segments"),
        (f"{ROOT}.{TYPE}.11220000013544541J.24.30599.001.F", "segments"),
        (f"{ROOT}.{TYPE[:-1]}.11220000013544541J.2430599.001.F", "type_code"),
        (f"{ROOT}.{TYPE}..2430599.001.F", "issuer"),
        (f"{ROOT}.{TYPE}.11220000013544541J.243_0599.001.F", "serial"),
        (f"{ROOT}.{TYPE}.11220000013544541J.2430599.1.F", "version"),
        (f"{ROOT}.{TYPE}.11220000013544541J.2430599.000.F", "version"),
        (f"{ROOT}.{TYPE}.11220000013544541J.2430599.001.", "check_character"),
        (f"{ROOT}.{TYPE}.11220000013544541J.2430599.001.FF", "check_character"),
    ],
)
def test_a_fault_is_named(text: str, reason: str) -> None:
    assert refusal(text) == reason


@pytest.mark.parametrize("version", [0, 1000, -1])
def test_a_version_outside_three_digits_is_not_composed(version: int) -> None:
    with pytest.raises(InvalidCertificateId):
        compose(TYPE, "510000", "1", version)


letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
identifiers = st.builds(
    compose,
    st.text(letters, min_size=21, max_size=21),
    st.text(letters, min_size=6, max_size=18),
    st.text(letters, min_size=1, max_size=32),
    st.integers(1, 999),
)


@given(identifiers)
def test_what_is_composed_is_read_back(text: str) -> None:
    assert parse(text).value == text


@given(identifiers, st.data(), st.sampled_from(letters))
def test_one_mistyped_character_is_never_accepted(text: str, data: st.DataObject, other: str) -> None:
    places = [place for place in range(len(ROOT), len(text)) if text[place] != "."]
    place = data.draw(st.sampled_from(places))
    slipped = text[:place] + other + text[place + 1 :]
    if slipped != text:
        assert refusal(slipped) in {"check_character", "version"}

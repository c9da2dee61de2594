"""Card numbers: ISO/IEC 7812-1."""

import pytest

from standards.bank_card import InvalidBankCard, check_digit, parse_bank_card


def test_the_check_digit_of_the_standards_example() -> None:
    assert check_digit("7992739871") == "3"


@pytest.mark.parametrize("typed", ["4532015112830366", " 4532 0151 1283 0366", "4532-0151-1283-0366", "４５３２０１５１１２８３０３６６"])
def test_a_number_is_read_as_people_type_it(typed: str) -> None:
    assert parse_bank_card(typed) == "4532015112830366"


@pytest.mark.parametrize(
    ("typed", "reason"), [("4532015112830367", "check_digit"), ("79927398713", "length"), ("4532O15112830366", "length")]
)
def test_what_is_no_card_number_says_why(typed: str, reason: str) -> None:
    with pytest.raises(InvalidBankCard) as refusal:
        parse_bank_card(typed)
    assert refusal.value.reason == reason
    assert typed not in str(refusal.value)

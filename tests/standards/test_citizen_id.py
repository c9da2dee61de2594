"""GB 11643 numbers: the standard's own examples, what people type, and every single-digit slip."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
import pytest

from standards.citizen_id import CitizenId, InvalidCitizenId, check_character, mask, parse_citizen_id

STANDARD_EXAMPLE = "11010519491231002X"
BORN_1880 = "440524188001010014"

numbers = st.builds(
    lambda region, born, serial: (first := f"{region:06d}{born:%Y%m%d}{serial:03d}") + check_character(first),
    st.integers(100000, 999999),
    st.dates(min_value=date(1880, 1, 1), max_value=date(2026, 12, 31)),
    st.integers(0, 999),
)


def refusal(text: str, today: date | None = None) -> str:
    with pytest.raises(InvalidCitizenId) as caught:
        parse_citizen_id(text, today=today)
    assert text not in str(caught.value) or not text
    return caught.value.reason


def test_the_examples_of_the_standard_are_read() -> None:
    assert parse_citizen_id(STANDARD_EXAMPLE) == CitizenId(STANDARD_EXAMPLE, "110105", date(1949, 12, 31), "female")
    assert parse_citizen_id(BORN_1880) == CitizenId(BORN_1880, "440524", date(1880, 1, 1), "male")


@pytest.mark.parametrize(
    "typed", ["11010519491231002x", "１１０１０５１９４９１２３１００２Ｘ", "  11010519491231002X\n", "１１０１０５19491231002ｘ"]
)
def test_what_people_type_is_put_right(typed: str) -> None:
    assert parse_citizen_id(typed).value == STANDARD_EXAMPLE


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "length"),
        ("110105491231002", "length"),
        ("11010519491231002X0", "length"),
        ("1101051949123100X2", "characters"),
        ("11010519491231002Y", "characters"),
        ("1101051949123100 X", "characters"),
        ("١١٠١٠٥١٩٤٩١٢٣١٠٠٢٠", "characters"),
        ("110105194902300021", "date"),
        ("110105190002290021", "date"),
        ("110105000001010021", "date"),
        ("110105194913310021", "date"),
        ("110105194912310021", "check_digit"),
    ],
)
def test_a_fault_is_named(text: str, reason: str) -> None:
    assert refusal(text) == reason


def test_a_birth_date_is_judged_on_the_day_given() -> None:
    born = date(1949, 12, 31)
    assert refusal(STANDARD_EXAMPLE, born - timedelta(days=1)) == "future_date"
    assert parse_citizen_id(STANDARD_EXAMPLE, today=born).birth_date == born


@given(numbers)
def test_every_composed_number_is_read_back(number: str) -> None:
    parsed = parse_citizen_id(number.lower())
    assert parsed.value == number
    assert f"{parsed.birth_date:%Y%m%d}" == number[6:14]
    assert (parsed.sex == "male") == (int(number[16]) % 2 == 1)


@given(numbers, st.integers(0, 16), st.integers(1, 9))
def test_one_mistyped_digit_is_never_accepted(number: str, position: int, shift: int) -> None:
    slipped = number[:position] + str((int(number[position]) + shift) % 10) + number[position + 1 :]
    assert refusal(slipped) in {"check_digit", "date"}


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert len(parse_citizen_id(text).value) == 18
    except InvalidCitizenId as fault:
        assert fault.reason in {"length", "characters", "date", "check_digit"}


@given(numbers)
def test_neither_mask_nor_repr_shows_who_it_is(number: str) -> None:
    assert number[4:14] not in mask(number) and len(mask(number)) == 18
    assert parse_citizen_id(number).masked == mask(number)
    assert number[6:14] not in repr(parse_citizen_id(number))


def test_a_mask_hides_even_what_is_not_a_number() -> None:
    assert mask("11010519491231002X") == "1101**********002X"
    assert mask("1234567") == "*******"
    assert mask("") == ""

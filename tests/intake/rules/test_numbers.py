"""Numbers and codes."""

from datetime import date
import secrets

from hypothesis import given
from hypothesis import strategies as st
import pytest
from stdnum.iso7064 import mod_11_10

from services.intake.rules.numbers import application_number, receipt_number, tracking_code

DAY = date(2026, 9, 28)


def test_a_number_reads_as_region_day_sequence_and_check_digit() -> None:
    number = application_number("511602000000", DAY, 17)
    assert number[:20] == "51160220260928000017"
    assert mod_11_10.is_valid(number)
    assert receipt_number("511602000000", DAY, 17) == "SL" + number


@given(st.integers(1, 999_999), st.integers(0, 20), st.integers(1, 9))
def test_any_single_mistyped_digit_is_noticed(sequence: int, position: int, shift: int) -> None:
    number = application_number("511602000000", DAY, sequence)
    wrong = number[:position] + str((int(number[position]) + shift) % 10) + number[position + 1 :]
    assert not mod_11_10.is_valid(wrong)


@pytest.mark.parametrize("sequence", [0, 1_000_000])
def test_a_sequence_out_of_range_is_refused(sequence: int) -> None:
    with pytest.raises(ValueError, match="six digits"):
        application_number("511602000000", DAY, sequence)


def test_tracking_codes_are_long_distinct_and_free_of_look_alikes() -> None:
    codes = {tracking_code(secrets.choice) for _ in range(200)}
    assert len(codes) == 200
    assert all(len(code) == 20 and not set(code) & set("01ILO") for code in codes)

"""Item codes of 12, 31 and 33 characters, as found in living catalogs."""

from hypothesis import given
from hypothesis import strategies as st
import pytest

from standards.item_codes import (
    EXERCISE_LEVELS,
    ITEM_TYPES,
    InvalidItemCode,
    ItemBaseCode,
    compose_handling_item_code,
    compose_implementation_code,
    parse_base_code,
    parse_handling_item_code,
    parse_implementation_code,
)

AUTHORITY = "11440100696927671X"


def refusal(parse: object, text: str) -> str:
    assert callable(parse)
    with pytest.raises(InvalidItemCode) as caught:
        parse(text)
    return caught.value.reason


def test_base_codes_are_read_into_their_segments() -> None:
    assert parse_base_code("000131024000") == ItemBaseCode("000131024000", "00", "01", "31", "024", "000")
    assert parse_base_code("000131024000").is_national
    assert parse_base_code("00016211200y").sub_item == "00Y"
    assert not parse_base_code("442011817001").is_national


def test_an_implementation_code_names_its_authority_and_level() -> None:
    code = parse_implementation_code("11440100696927671X3442011817001")
    assert (code.authority, code.exercise_level, code.base.value) == (AUTHORITY, "3", "442011817001")
    assert parse_implementation_code("11370800MB285591843370117002011").base.item_type == "01"


@pytest.mark.parametrize(
    ("text", "item_type", "number"), [("11100000MB0341032Y100017214900101", "01", "01"), ("11100000MB0341032Y100207202300001", "20", "01")]
)
def test_a_handling_item_code_ends_with_its_number(text: str, item_type: str, number: str) -> None:
    code = parse_handling_item_code(text)
    assert (code.implementation.base.item_type, code.handling_number) == (item_type, number)
    assert compose_handling_item_code(code.implementation.value, int(number)) == text


@pytest.mark.parametrize(
    ("parse", "text", "reason"),
    [
        (parse_base_code, "", "length"),
        (parse_base_code, "00013102400", "length"),
        (parse_base_code, "0001310240000", "length"),
        (parse_base_code, "00013102X000", "characters"),
        (parse_base_code, "0001-1024000", "characters"),
        (parse_base_code, "001131024000", "item_type"),
        (parse_implementation_code, "000131024000", "length"),
        (parse_implementation_code, "11440100696927672X3442011817001", "authority"),
        (parse_implementation_code, "11440100696927671X7442011817001", "exercise_level"),
        (parse_implementation_code, "11440100696927671X3449911817001", "item_type"),
        (parse_handling_item_code, "11100000MB0341032Y1000172149001", "length"),
        (parse_handling_item_code, "11100000MB0341032Y1000172149001A1", "characters"),
    ],
)
def test_a_fault_is_named(parse: object, text: str, reason: str) -> None:
    assert refusal(parse, text) == reason


def test_a_wrong_part_is_not_composed() -> None:
    assert compose_implementation_code(AUTHORITY, "4", "000131024000") == AUTHORITY + "4000131024000"
    for authority, level, base in [
        (AUTHORITY[:-1], "4", "000131024000"),
        (AUTHORITY, "9", "000131024000"),
        (AUTHORITY, "4", "00013102400"),
    ]:
        with pytest.raises(InvalidItemCode):
            compose_implementation_code(authority, level, base)
    with pytest.raises(InvalidItemCode):
        compose_handling_item_code(AUTHORITY + "4000131024000", 100)


@given(
    st.sampled_from(sorted(ITEM_TYPES)),
    st.integers(0, 99),
    st.integers(0, 999),
    st.one_of(st.integers(0, 999).map("{:03d}".format), st.just("00Y")),
    st.sampled_from(sorted(EXERCISE_LEVELS)),
)
def test_what_is_composed_is_read_back(item_type: str, department: int, main: int, sub: str, level: str) -> None:
    base = f"51{item_type}{department:02d}{main:03d}{sub}"
    composed = compose_implementation_code(AUTHORITY, level, base)
    assert len(composed) == 31
    assert parse_implementation_code(composed).base == parse_base_code(base)

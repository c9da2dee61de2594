"""GB 32100 codes: codes in public use, faults by name, and codes built for organisations that do not exist."""

from hypothesis import given
from hypothesis import strategies as st
import pytest

from standards.uscc import InvalidUscc, Uscc, make_uscc, mask, organisation_number, parse_uscc

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def refusal(text: str) -> str:
    with pytest.raises(InvalidUscc) as caught:
        parse_uscc(text)
    return caught.value.reason


def test_a_code_is_read_into_its_segments() -> None:
    assert parse_uscc("91350100M000100Y43") == Uscc("91350100M000100Y43", "91", "350100", "M000100Y4")


@pytest.mark.parametrize(
    "code",
    ["91110000600037341L", "11100000000013338W", "11100000MB0341032Y", "11370800MB28559184", "11511301008778183N", "11440100696927671X"],
)
def test_codes_in_use_pass_and_their_organisation_numbers_are_recomputed(code: str) -> None:
    parsed = parse_uscc(code)
    assert organisation_number(parsed.organisation_number[:8]) == parsed.organisation_number
    assert make_uscc(parsed.category, parsed.region_code, parsed.organisation_number[:8]) == code


@pytest.mark.parametrize("typed", ["91350100m000100y43", " 91350100M000100Y43 ", "９１３５０１００Ｍ０００１００Ｙ４３"])
def test_what_people_type_is_put_right(typed: str) -> None:
    assert parse_uscc(typed).value == "91350100M000100Y43"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "length"),
        ("91350100M000100Y4", "length"),
        ("91350100M000100Y432", "length"),
        ("91350100I000100Y43", "characters"),
        ("9135010OM000100Y43", "characters"),
        ("91350100M000100-43", "characters"),
        ("91350100M000100Y44", "check_character"),
        ("91350100M000101Y43", "check_character"),
    ],
)
def test_a_fault_is_named(text: str, reason: str) -> None:
    assert refusal(text) == reason


def test_a_code_cannot_be_built_from_forbidden_letters() -> None:
    with pytest.raises(InvalidUscc):
        make_uscc("1I", "511602", "TEST0001")
    with pytest.raises(InvalidUscc):
        make_uscc("11", "51160A", "T0000001")


codes = st.builds(
    make_uscc,
    st.sampled_from(["11", "12", "91", "92", "93", "52", "N2"]),
    st.from_regex(r"[0-9]{6}", fullmatch=True),
    st.text(ALPHABET, min_size=8, max_size=8),
)


@given(codes)
def test_every_built_code_passes(code: str) -> None:
    assert parse_uscc(code.lower()).value == code


@given(codes, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_mistyped_character_is_never_accepted(code: str, position: int, other: str) -> None:
    slipped = code[:position] + other + code[position + 1 :]
    if slipped != code:
        assert refusal(slipped) in {"check_character", "characters"}


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse_uscc(text)
    except InvalidUscc as fault:
        assert fault.reason in {"length", "characters", "check_character"}


def test_a_mask_keeps_kind_and_tail() -> None:
    assert mask("91350100M000100Y43") == "9135**********0Y43"
    assert mask("9135") == "****"

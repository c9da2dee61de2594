"""Regions by their codes: what lies below what."""

from hypothesis import given
from hypothesis import strategies as st
import pytest

from standards.regions import is_within, subtree_prefix

PARTS = st.tuples(*(st.integers(0, 10**width - 1).map(lambda n, w=width: str(n).zfill(w)) for width in (2, 2, 2, 3, 3)))  # type: ignore[misc]


@pytest.mark.parametrize(
    ("code", "prefix"),
    [
        ("000000000000", ""),
        ("0", ""),
        ("510000000000", "51"),
        ("51", "51"),
        ("511000000000", "5110"),  # Neijiang: the city's own digits end in a zero
        ("511600000000", "5116"),
        ("511602000000", "511602"),
        ("511602", "511602"),
        ("511602100000", "511602100"),  # a town whose digits end in zeros
        ("5116021000", "511602100"),
        ("511602100001", "511602100001"),
    ],
)
def test_a_subtree_begins_with_the_significant_digits_of_its_level(code: str, prefix: str) -> None:
    assert subtree_prefix(code) == prefix


@pytest.mark.parametrize(
    ("region", "subtree", "is_inside"),
    [
        ("511602001002", "511602000000", True),
        ("511602", "511602000000", True),
        ("511602000000", "511602001000", False),
        ("511603000000", "511602000000", False),
        ("511602000000", "5116", True),
        ("512002000000", "512000000000", True),
        ("511000000000", "511000000000", True),
        ("511100000000", "511000000000", False),
    ],
)
def test_a_region_is_within_what_it_lies_below(region: str, subtree: str, is_inside: bool) -> None:
    assert is_within(region, subtree) is is_inside


@given(PARTS, st.integers(1, 5))
def test_everything_lies_within_each_of_its_own_levels(parts: tuple[str, ...], level: int) -> None:
    code = "".join(parts)
    assert is_within(code, "".join(parts[:level]).ljust(12, "0"))
    assert is_within(code, "")

"""Region codes speak of their place by themselves."""

from hypothesis import given
from hypothesis import strategies as st
import pytest

from services.catalog.rules.regions import ancestors, level_of, lineage


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ("510000000000", 1),
        ("500000000000", 1),
        ("511600000000", 2),
        ("371000000000", 2),
        ("511602000000", 3),
        ("511602001000", 4),
        ("511602001010", 5),
    ],
)
def test_the_level_is_read_from_the_code(code: str, level: int) -> None:
    assert level_of(code) == level


def test_a_street_lies_in_its_county_city_and_province() -> None:
    assert lineage("511602001000") == ("510000000000", "511600000000", "511602000000", "511602001000")


def test_a_street_of_a_city_without_counties_lies_in_the_city() -> None:
    assert ancestors("441900003000") == ("440000000000", "441900000000")


@given(st.from_regex(r"[1-9][0-9]{11}", fullmatch=True))
def test_ancestors_are_ordered_and_each_others_ancestors(code: str) -> None:
    above = ancestors(code)
    assert code not in above
    assert [level_of(one) for one in above] == sorted({level_of(one) for one in above})
    assert all(ancestors(one) == above[:at] for at, one in enumerate(above))

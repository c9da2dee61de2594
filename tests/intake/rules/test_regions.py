"""Region subtrees."""

import pytest

from services.intake.rules.regions import are_related, subtree_prefix


@pytest.mark.parametrize(
    ("code", "prefix"),
    [
        ("510000000000", "51"),
        ("511600000000", "5116"),
        ("511602000000", "511602"),
        ("511602001000", "511602001"),
        ("511602001002", "511602001002"),
        ("500101000000", "500101"),
        ("110000000000", "11"),
        ("000000000000", ""),
        ("511602", "511602"),
        ("511600", "5116"),
        ("511602010000", "511602010"),
    ],
)
def test_a_subtree_is_what_begins_with_the_significant_digits(code: str, prefix: str) -> None:
    assert subtree_prefix(code) == prefix


def test_regions_are_related_when_one_contains_the_other() -> None:
    assert are_related("511602000000", "511600000000")
    assert are_related("511600000000", "511602000000")
    assert not are_related("511602000000", "511603000000")

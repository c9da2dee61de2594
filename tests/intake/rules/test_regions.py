"""Where an application may be made."""

from services.intake.rules.regions import are_related


def test_regions_are_related_when_one_contains_the_other() -> None:
    assert are_related("511602000000", "511600000000")
    assert are_related("511600000000", "511602000000")
    assert not are_related("511602000000", "511603000000")

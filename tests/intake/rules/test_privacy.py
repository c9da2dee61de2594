"""Citizen ID numbers do not leave."""

import pytest

from services.intake.rules.privacy import without_citizen_ids

NUMBER = "440524188001010014"


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        (NUMBER, "4405**********0014"),
        (f"法定代表人身份证{NUMBER}。", "法定代表人身份证4405**********0014。"),
        ({"people": [{"id": NUMBER}]}, {"people": [{"id": "4405**********0014"}]}),
        ("440524188001010015", "440524188001010015"),
        (f"1{NUMBER}", f"1{NUMBER}"),
        ("92511602MA0X0000X1", "92511602MA0X0000X1"),
        ({"count": 3, "none": None}, {"count": 3, "none": None}),
    ],
)
def test_valid_numbers_are_masked_wherever_they_stand_and_nothing_else_is(said: object, sent: object) -> None:
    assert without_citizen_ids(said) == sent

"""Every rule of publication refuses a bad example and passes its repaired twin; a rule without such a pair is a failure."""

import pytest

from services.catalog.rules.content import ItemContent
from services.catalog.rules.publication import RULES, Rule, findings
from tests.catalog.rules.publication.pairs import LICENCE, PAIRS


def test_every_rule_has_its_pair_and_every_pair_its_rule() -> None:
    assert set(PAIRS) == set(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_refuses_the_bad_example_where_it_is_bad(rule: str) -> None:
    pair = PAIRS[rule]
    found = pair.refused()
    assert tuple(one.pointer for one in found if one.rule == rule) == pair.pointers
    assert {one.rule for one in found} - pair.also == {rule}, "it breaks nothing else"


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_passes_the_repaired_twin(rule: str) -> None:
    assert findings(ItemContent.model_validate(PAIRS[rule].good), [LICENCE]) == []


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_says_what_it_stands_on_and_how_it_is_kept_in_both_languages(rule: Rule) -> None:
    texts = [rule.title, rule.source, rule.remedy]
    assert all(text.zh and text.en and text.zh != text.en for text in texts)
    assert all(any("\u4e00" <= character <= "\u9fff" for character in text.zh) for text in texts)


def test_a_fault_is_told_in_both_languages() -> None:
    for pair in PAIRS.values():
        for one in pair.refused():
            assert one.zh and one.en and one.zh != one.en

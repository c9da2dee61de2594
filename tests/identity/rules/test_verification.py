"""Which source is asked, and how sure one is afterwards."""

from hypothesis import given
from hypothesis import strategies as st

from chassis.access import RAISED_BY
from services.identity.rules.verification import (
    IN_PERSON,
    LEVELS,
    SOURCES,
    Check,
    Evidence,
    level_after,
    seconds_for_next,
    sources_for,
    verdict_of,
    ways_to,
)

checks = st.lists(
    st.builds(Check, st.sampled_from([*SOURCES, IN_PERSON]), st.sampled_from(["match", "mismatch", "unknown", "unreachable"])), max_size=5
)


@given(st.integers(1, 4), checks)
def test_a_level_never_sinks_and_only_a_match_raises_it(present: int, found: list[Check]) -> None:
    after = level_after(present, found)
    assert after >= present
    if after > present:
        assert any(check.finding == "match" and LEVELS[check.source] == after for check in found)


@given(st.floats(0.1, 30), st.integers(1, 3))
def test_the_shares_of_hung_sources_never_exceed_the_budget(budget: float, sources: int) -> None:
    left = budget
    for place in range(sources, 0, -1):
        share = seconds_for_next(left, place)
        assert 0 < share <= left
        left -= share
    assert left >= -1e-9


def test_only_sources_that_have_what_they_need_and_would_raise_the_level_are_asked() -> None:
    bare = Evidence("王小明", "n", "p")
    assert sources_for(bare, SOURCES) == ("population-base",)
    assert sources_for(bare, SOURCES, above=2) == ()
    with_card = Evidence("王小明", "n", "p", bank_card="6228480000000000018")
    assert sources_for(with_card, SOURCES, above=2) == ("bank-channel",)
    assert "6228" not in repr(with_card)


def test_the_verdict_is_no_before_yes_and_unavailable_only_when_nobody_could_say() -> None:
    assert verdict_of([Check("population-base", "unreachable"), Check("bank-channel", "mismatch")]) == "refuted"
    assert verdict_of([Check("population-base", "unreachable"), Check("bank-channel", "match")]) == "confirmed"
    assert verdict_of([Check("population-base", "unknown"), Check("bank-channel", "unreachable")]) == "not-known"
    assert verdict_of([Check("population-base", "unreachable")]) == "unavailable"
    assert verdict_of([]) == "unavailable"


def test_what_the_chassis_tells_of_levels_is_what_the_levels_are() -> None:
    assert {level: ways_to(level) for level in (2, 3, 4)} == RAISED_BY

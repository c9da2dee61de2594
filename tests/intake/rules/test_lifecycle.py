"""The life of an application."""

from hypothesis import given
from hypothesis import strategies as st

from services.intake.rules.lifecycle import TRANSITIONS, State, Step, after, after_decision

_STEPS = st.lists(st.sampled_from(Step), max_size=30)


def _walk(steps: list[Step]) -> list[State]:
    states = [State.DRAFT]
    for step in steps:
        following = after(states[-1], step)
        if following is not None:
            states.append(following)
    return states


@given(_STEPS)
def test_nothing_is_concluded_that_was_not_accepted(steps: list[Step]) -> None:
    states = _walk(steps)
    assert State.CONCLUDED not in states or State.ACCEPTED in states


@given(_STEPS)
def test_no_path_leads_back(steps: list[Step]) -> None:
    states = [state for state in _walk(steps) if state is not State.DRAFT]
    assert len(states) == len(set(states))


@given(_STEPS)
def test_delivery_always_follows_a_conclusion(steps: list[Step]) -> None:
    states = _walk(steps)
    if State.DELIVERED in states:
        assert states[states.index(State.DELIVERED) - 1] is State.CONCLUDED


def test_a_refusal_and_a_delivery_are_final() -> None:
    assert not [step for (state, step) in TRANSITIONS if state in (State.REFUSED, State.DELIVERED)]


def test_every_state_can_be_reached() -> None:
    assert {State.DRAFT, *TRANSITIONS.values()} == set(State)


def test_a_decision_delivers_as_well_when_the_certificate_came_first() -> None:
    assert after_decision(State.ACCEPTED, has_certificate=False) == (State.CONCLUDED,)
    assert after_decision(State.ACCEPTED, has_certificate=True) == (State.CONCLUDED, State.DELIVERED)
    assert after_decision(State.WITHDRAWN, has_certificate=False) == (State.CONCLUDED,)


def test_a_decision_is_mirrored_once() -> None:
    for state in (State.CONCLUDED, State.DELIVERED, State.REFUSED):
        assert after_decision(state, has_certificate=True) == ()

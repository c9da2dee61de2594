"""The process of a case, as a machine that random hands push at."""

from uuid import UUID, uuid4

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
import pytest

from services.approval.rules.process import (
    DECIDE,
    REVIEW,
    Decision,
    Hand,
    OpenStep,
    Step,
    TaskOutcome,
    TaskState,
    move_after,
    objection_to_claim,
    objection_to_completion,
    outcomes_of,
    plan,
)

CHECK = Step("check", "核准", "review", "reviewer", 2)
PEOPLE = [uuid4() for _ in range(4)]
HANDS = [
    Hand(person, frozenset(posts), grade)
    for person, posts, grade in zip(PEOPLE, [{"reviewer"}, {"reviewer", "decider"}, {"decider"}, {"reviewer"}], [1, 2, 1, 3], strict=True)
]
OUTCOMES: list[TaskOutcome] = ["pass", "return", "grant", "refuse"]


def test_no_process_means_review_then_decide_by_two_posts() -> None:
    assert plan([]) == (REVIEW, DECIDE)


def test_a_process_that_decides_nowhere_gets_a_deciding_step() -> None:
    assert plan([REVIEW, CHECK]) == (REVIEW, CHECK, DECIDE)


@pytest.mark.parametrize("steps", [[DECIDE, REVIEW], [REVIEW, DECIDE, DECIDE], [REVIEW, REVIEW, DECIDE]])
def test_a_process_that_goes_on_after_deciding_or_repeats_a_key_cannot_run(steps: list[Step]) -> None:
    with pytest.raises(ValueError, match="process"):
        plan(steps)


def test_the_first_step_cannot_return_and_only_the_last_decides() -> None:
    process = plan([REVIEW, CHECK])
    assert outcomes_of(process, 0) == ("pass",)
    assert outcomes_of(process, 1) == ("pass", "return")
    assert outcomes_of(process, 2) == ("grant", "refuse", "return")


@given(index=st.integers(0, 2), outcome=st.sampled_from(OUTCOMES))
def test_a_move_exists_exactly_for_the_outcomes_of_the_step(index: int, outcome: TaskOutcome) -> None:
    process = plan([REVIEW, CHECK])
    if outcome in outcomes_of(process, index):
        move_after(process, index, outcome)
    else:
        with pytest.raises(ValueError, match="does not end in"):
            move_after(process, index, outcome)


def test_a_claim_is_refused_for_another_post_and_for_a_lower_grade() -> None:
    low = Hand(uuid4(), frozenset({"reviewer"}), 1)
    other = Hand(uuid4(), frozenset({"window"}), 3)
    assert objection_to_claim(CHECK, "open", None, other, reviewed_by=()) == "not-your-post"
    assert objection_to_claim(CHECK, "open", None, low, reviewed_by=()) == "grade-too-low"


def test_a_post_lost_after_the_claim_stops_the_completion() -> None:
    moved = Hand(uuid4(), frozenset({"window"}), 1)
    assert objection_to_completion((REVIEW, DECIDE), 0, "claimed", moved.person, moved, "pass", reviewed_by=()) == "not-your-post"


class PushedCase(RuleBasedStateMachine):
    """One case under random claims and completions; what must always hold is checked after each."""

    def __init__(self) -> None:
        super().__init__()
        self.process = plan([REVIEW, CHECK])
        self.index = 0
        self.state: TaskState = "open"
        self.claimed_by: UUID | None = None
        self.completed: list[tuple[int, UUID, TaskOutcome]] = []
        self.decision: Decision | None = None

    @property
    def _reviewers(self) -> list[UUID]:
        return [person for index, person, _ in self.completed if self.process[index].kind == "review"]

    @rule(hand=st.sampled_from(HANDS))
    def claim(self, hand: Hand) -> None:
        if objection_to_claim(self.process[self.index], self.state, self.claimed_by, hand, reviewed_by=self._reviewers) is None:
            self.state, self.claimed_by = "claimed", hand.person

    @rule(hand=st.sampled_from(HANDS), outcome=st.sampled_from(OUTCOMES))
    def complete(self, hand: Hand, outcome: TaskOutcome) -> None:
        objection = objection_to_completion(
            self.process, self.index, self.state, self.claimed_by, hand, outcome, reviewed_by=self._reviewers
        )
        if objection is not None:
            return
        assert self.claimed_by == hand.person
        self.completed.append((self.index, hand.person, outcome))
        match move_after(self.process, self.index, outcome):
            case OpenStep(index):
                assert abs(index - self.index) == 1
                self.index, self.state, self.claimed_by = index, "open", None
            case Decision() as decision:
                self.decision, self.state = decision, "completed"

    @invariant()
    def a_decision_stands_on_every_step_before_it(self) -> None:
        if self.decision is not None:
            last = {index: outcome for index, _, outcome in self.completed}
            assert [last[index] for index in range(len(self.process) - 1)] == ["pass"] * (len(self.process) - 1)

    @invariant()
    def nobody_decides_what_they_reviewed(self) -> None:
        if self.decision is not None:
            decider = self.completed[-1][1]
            assert decider not in self._reviewers

    @invariant()
    def nothing_moves_after_the_decision(self) -> None:
        if self.decision is not None:
            for hand in HANDS:
                assert (
                    objection_to_claim(self.process[self.index], self.state, self.claimed_by, hand, reviewed_by=self._reviewers) == "closed"
                )


TestPushedCase = PushedCase.TestCase
TestPushedCase.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)

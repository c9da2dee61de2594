"""How a case moves: steps in order, one live task at a time, the last step decides.

- A task goes open → claimed → completed; only who claimed it completes it.
- A pass opens the next step, a return opens the step before again (a new round), a grant or refusal ends the case.
- Whoever completed a review of the case, in any round, may not decide it (审批分离: two pairs of hands).
- A case is decided or terminated once; then nothing moves.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

StepKind = Literal["review", "decide"]
TaskState = Literal["open", "claimed", "completed", "cancelled"]
CaseState = Literal["open", "decided", "terminated"]
TaskOutcome = Literal["pass", "return", "grant", "refuse"]
DecisionOutcome = Literal["granted", "refused"]

ClaimObjection = Literal["closed", "claimed-by-another", "not-your-post", "grade-too-low", "reviewed-by-you"]
CompletionObjection = Literal["closed", "not-claimed-by-you", "not-your-post", "grade-too-low", "reviewed-by-you", "wrong-outcome"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a process: who may do it (post, and authority grade 1 to 3 at least) and whether it decides."""

    key: str
    name: str
    kind: StepKind
    post: str
    grade: int


REVIEW = Step("review", "审查", "review", "reviewer", 1)
DECIDE = Step("decide", "决定", "decide", "decider", 1)


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody at a desk: the natural person, the posts held and the authority grade."""

    person: UUID
    posts: frozenset[str]
    grade: int


@dataclass(frozen=True, slots=True)
class OpenStep:
    """The case goes on at the step of this index."""

    index: int


@dataclass(frozen=True, slots=True)
class Decision:
    """The case ends."""

    outcome: DecisionOutcome


def plan(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The process as it will run. Nothing given means review, then decide; a process that decides nowhere gets a deciding step.

    An empty process never decides by itself: a licence is not granted because a list was empty.
    Raises ValueError when a step after the decision, or two steps of one key, are asked for.
    """
    if not steps:
        return (REVIEW, DECIDE)
    planned = tuple(steps) if steps[-1].kind == "decide" else (*steps, DECIDE)
    if any(step.kind == "decide" for step in planned[:-1]):
        raise ValueError("a process decides in its last step only")
    if len({step.key for step in planned}) != len(planned):
        raise ValueError("two steps of the process have one key")
    return planned


def outcomes_of(process: Sequence[Step], index: int) -> tuple[TaskOutcome, ...]:
    """What a task of this step can end in."""
    own: tuple[TaskOutcome, ...] = ("grant", "refuse") if process[index].kind == "decide" else ("pass",)
    return own if index == 0 else (*own, "return")


def move_after(process: Sequence[Step], index: int, outcome: TaskOutcome) -> OpenStep | Decision:
    """Where the case goes when the step's task ends so. Raises ValueError for an outcome the step does not have."""
    if outcome not in outcomes_of(process, index):
        raise ValueError(f"step {process[index].key} does not end in {outcome}")
    match outcome:
        case "grant":
            return Decision("granted")
        case "refuse":
            return Decision("refused")
        case "pass":
            return OpenStep(index + 1)
        case "return":
            return OpenStep(index - 1)


def objection_to_claim(
    step: Step, state: TaskState, claimed_by: UUID | None, hand: Hand, *, reviewed_by: Collection[UUID]
) -> ClaimObjection | None:
    """Why this hand may not take the task, or None. Claiming what one already holds is no objection.

    `reviewed_by` are the people who completed reviews of the case, in any round.
    """
    if state not in ("open", "claimed"):
        return "closed"
    unfit = _unfit(step, hand, reviewed_by)
    if unfit is not None:
        return unfit
    return "claimed-by-another" if state == "claimed" and claimed_by != hand.person else None


def objection_to_completion(
    process: Sequence[Step], index: int, state: TaskState, claimed_by: UUID | None, hand: Hand, outcome: TaskOutcome,
    *, reviewed_by: Collection[UUID],
) -> CompletionObjection | None:  # fmt: skip
    """Why this hand may not end the task so, or None. What the hand may do is asked anew: posts change after a claim."""
    if state not in ("open", "claimed"):
        return "closed"
    unfit = _unfit(process[index], hand, reviewed_by)
    if unfit is not None:
        return unfit
    if state != "claimed" or claimed_by != hand.person:
        return "not-claimed-by-you"
    return None if outcome in outcomes_of(process, index) else "wrong-outcome"


def _unfit(step: Step, hand: Hand, reviewed_by: Collection[UUID]) -> Literal["not-your-post", "grade-too-low", "reviewed-by-you"] | None:
    if step.post not in hand.posts:
        return "not-your-post"
    if hand.grade < step.grade:
        return "grade-too-low"
    return "reviewed-by-you" if step.kind == "decide" and hand.person in reviewed_by else None

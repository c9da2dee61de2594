"""The life of an application: which step may follow which state.

Acceptance is the only way to a decision. After it the application mirrors its case: `conclude` and `deliver` come from events.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    CONCLUDED = "concluded"
    DELIVERED = "delivered"


class Step(StrEnum):
    EDIT = "edit"
    SUBMIT = "submit"
    ACCEPT = "accept"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    CONCLUDE = "conclude"
    DELIVER = "deliver"


TRANSITIONS: Mapping[tuple[State, Step], State] = MappingProxyType(
    {
        (State.DRAFT, Step.EDIT): State.DRAFT,
        (State.DRAFT, Step.SUBMIT): State.SUBMITTED,
        (State.DRAFT, Step.WITHDRAW): State.WITHDRAWN,
        (State.SUBMITTED, Step.ACCEPT): State.ACCEPTED,
        (State.SUBMITTED, Step.REFUSE): State.REFUSED,
        (State.SUBMITTED, Step.WITHDRAW): State.WITHDRAWN,
        (State.ACCEPTED, Step.WITHDRAW): State.WITHDRAWN,
        (State.ACCEPTED, Step.CONCLUDE): State.CONCLUDED,
        (State.CONCLUDED, Step.DELIVER): State.DELIVERED,
    }
)


def after(state: State, step: Step) -> State | None:
    """The state a step leads to, or None where it may not be taken."""
    return TRANSITIONS.get((state, step))


def after_decision(state: State, *, has_certificate: bool) -> tuple[State, ...]:
    """The states a decision on an accepted application leads through, in order; empty when it was mirrored before.

    A decision made before its authority learned of a withdrawal stands. The certificate's own event comes on another topic and may be
    the earlier one: then the decision delivers as well.
    """
    if state not in (State.ACCEPTED, State.WITHDRAWN):
        return ()
    return (State.CONCLUDED, State.DELIVERED) if has_certificate else (State.CONCLUDED,)

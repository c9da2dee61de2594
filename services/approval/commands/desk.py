"""Who works at a desk, in the words of the rules; and the rules' objections as named facts."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping

from chassis.actor import Actor, Grant
from services.approval import store
from services.approval.errors import (
    GradeTooLow,
    NoDepartment,
    NotYourPost,
    ReviewedByYou,
    TaskClaimedByAnother,
    TaskClosed,
    TaskNotClaimedByYou,
)
from services.approval.rules.process import ClaimObjection, Hand, Step


def grants_of(actor: Actor) -> tuple[Grant, ...]:
    """What the actor may do at desks, delegated authority too. Raises NoDepartment for who works for none."""
    if not actor.department:
        raise NoDepartment()
    return actor.grants


def hand_of(actor: Actor, case: RowMapping, step: Step) -> Hand:
    """The actor's hand for one step of a case: the grade is that of the step's post, as far as it reaches this case."""
    grades = [grant.grade for grant in grants_of(actor) if grant.post == step.post and store.is_reached(grant, case)]
    return Hand(actor.person, frozenset({step.post} if grades else ()), max(grades, default=0))


def steps_of(case: RowMapping) -> tuple[Step, ...]:
    """The process a case runs by."""
    return tuple(Step(**step) for step in case["process"])


def reviewers_of(tasks: Sequence[RowMapping]) -> frozenset[UUID]:
    """Who completed a review of the case."""
    return frozenset(task["claimed_by"] for task in tasks if task["kind"] == "review" and task["state"] == "completed")


def raise_objection(objection: ClaimObjection | str | None, task: RowMapping, hand: Hand) -> None:
    """The objection as the fact it is; nothing for None."""
    match objection:
        case None:
            return
        case "closed":
            raise TaskClosed()
        case "claimed-by-another":
            raise TaskClaimedByAnother(claimed_by_name=task["claimed_by_name"])
        case "not-claimed-by-you":
            raise TaskNotClaimedByYou()
        case "not-your-post":
            raise NotYourPost(post=task["post"])
        case "grade-too-low":
            raise GradeTooLow(needed=task["grade"], actual=hand.grade)
        case "reviewed-by-you":
            raise ReviewedByYou()
        case _:
            raise AssertionError(objection)

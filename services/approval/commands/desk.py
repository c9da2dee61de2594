"""Who works at a desk, in the words of the rules; and the rules' objections as named facts."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping

from chassis.actor import Actor
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


def department_of(actor: Actor) -> str:
    """The code of the department the actor works for. Raises NoDepartment."""
    if actor.department is None:
        raise NoDepartment()
    return actor.department


def hand_of(actor: Actor) -> Hand:
    return Hand(actor.person, actor.posts, actor.grade)


def steps_of(case: RowMapping) -> tuple[Step, ...]:
    """The process a case runs by."""
    return tuple(Step(**step) for step in case["process"])


def reviewers_of(tasks: Sequence[RowMapping]) -> frozenset[UUID]:
    """Who completed a review of the case."""
    return frozenset(task["claimed_by"] for task in tasks if task["kind"] == "review" and task["state"] == "completed")


def raise_objection(objection: ClaimObjection | str | None, task: RowMapping, actor: Actor) -> None:
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
            raise GradeTooLow(needed=task["grade"], actual=actor.grade)
        case "reviewed-by-you":
            raise ReviewedByYou()
        case _:
            raise AssertionError(objection)

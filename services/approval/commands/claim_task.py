"""Take a task off the department's queue."""

from uuid import UUID

from sqlalchemy import RowMapping

from chassis.actor import Actor
from chassis.database import WriteTx
from services.approval import store
from services.approval.commands.desk import grants_of, hand_of, raise_objection, reviewers_of, steps_of
from services.approval.errors import TaskNotFound
from services.approval.rules.process import objection_to_claim


async def claim_task(task_id: UUID, actor: Actor, tx: WriteTx) -> RowMapping:
    """Staff of the step's department, post and grade. Claiming what one holds already changes nothing.

    Raises TaskNotFound, TaskClosed, TaskClaimedByAnother, NotYourPost, GradeTooLow, ReviewedByYou, NoDepartment.
    """
    case = await store.lock_case_of_task(tx, task_id, grants_of(actor))
    if case is None:
        raise TaskNotFound()
    task = await store.task(tx, task_id)
    step = steps_of(case)[task["step"]]
    reviewers = reviewers_of(await store.tasks_of_case(tx, case["id"]))
    hand = hand_of(actor, case, step)
    raise_objection(objection_to_claim(step, task["state"], task["claimed_by"], hand, reviewed_by=reviewers), task, hand)
    if task["state"] == "open":
        await store.update_task(tx, task_id, state="claimed", claimed_by=actor.person, claimed_by_name=actor.name, claimed_at=tx.now)
    return await store.task(tx, task_id)

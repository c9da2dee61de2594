"""Complete a task: pass a review on, send it back, or decide the case."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import RowMapping

from chassis.actor import Actor
from chassis.clock import local_day
from chassis.database import WriteTx
from chassis.edge import check_version
from chassis.problems import FieldError, Text
from services.approval import store
from services.approval.commands.desk import grants_of, hand_of, raise_objection, reviewers_of, steps_of
from services.approval.errors import OutcomeNotOfThisStep, StatementMissing, TaskNotFound
from services.approval.events import Applicant, Authority, CaseDecided, Item, Person, TaskCompleted
from services.approval.rules.limits import is_on_time
from services.approval.rules.process import (
    Decision,
    DecisionOutcome,
    Hand,
    OpenStep,
    Step,
    TaskOutcome,
    move_after,
    objection_to_completion,
    outcomes_of,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Completion:
    """How somebody ends a task. Texts are empty where there is nothing to say."""

    outcome: TaskOutcome
    opinion: str
    reasons: str
    remedies: str


async def complete_task(task_id: UUID, seen_version: int, completion: Completion, actor: Actor, tx: WriteTx) -> RowMapping:
    """Who claimed the task. The case goes on to the next step, back to the one before, or is decided.

    Raises TaskNotFound, PreconditionFailed, TaskClosed, TaskNotClaimedByYou, NotYourPost, GradeTooLow, ReviewedByYou,
    OutcomeNotOfThisStep, StatementMissing, NoDepartment.
    """
    case = await store.lock_case_of_task(tx, task_id, grants_of(actor))
    if case is None:
        raise TaskNotFound()
    task = await store.task(tx, task_id)
    check_version(seen_version, task["version"])
    tasks = await store.tasks_of_case(tx, case["id"])
    process = steps_of(case)
    _check(process, task, tasks, completion, hand_of(actor, case, process[task["step"]]))
    await store.update_task(tx, task_id, state="completed", outcome=completion.outcome, opinion=completion.opinion, completed_at=tx.now)
    tx.emit(
        TaskCompleted(
            case_id=case["id"],
            application_id=case["application_id"],
            authority=_authority(case),
            task_id=task_id,
            task_key=task["key"],
            outcome=completion.outcome,
            by=Person(subject=actor.person, name=actor.name),
            completed_at=tx.now,
        )
    )
    match move_after(process, task["step"], completion.outcome):
        case OpenStep(index):
            await _open_step(case, process, index, tasks, tx)
        case Decision(outcome):
            await _decide(case, outcome, completion, actor, tx)
    return await store.task(tx, task_id)


def _check(process: Sequence[Step], task: RowMapping, tasks: Sequence[RowMapping], completion: Completion, hand: Hand) -> None:
    objection = objection_to_completion(
        process, task["step"], task["state"], task["claimed_by"], hand, completion.outcome, reviewed_by=reviewers_of(tasks)
    )
    if objection == "wrong-outcome":
        allowed = ", ".join(outcomes_of(process, task["step"]))
        raise OutcomeNotOfThisStep(
            allowed=allowed,
            errors=[FieldError("/outcome", "outcome_not_of_this_step", Text(f"应为 {allowed} 之一", f"must be one of {allowed}"))],
        )
    raise_objection(objection, task, hand)
    needed = {"refuse": ("reasons", "remedies"), "return": ("opinion",)}.get(completion.outcome, ())
    missing = [name for name in needed if not getattr(completion, name)]
    if missing:
        raise StatementMissing(errors=[FieldError(f"/{name}", "missing", Text("必填", "is required")) for name in missing])


async def _open_step(case: RowMapping, process: Sequence[Step], index: int, tasks: Sequence[RowMapping], tx: WriteTx) -> None:
    rounds = sum(1 for task in tasks if task["step"] == index)
    await store.open_task(
        tx, tx.clock.new_id(), case_id=case["id"], authority=case["authority_code"], index=index, round_=rounds + 1, step=process[index]
    )
    await store.update_case(tx, case["id"])


async def _decide(case: RowMapping, outcome: DecisionOutcome, completion: Completion, actor: Actor, tx: WriteTx) -> None:
    is_refused = outcome == "refused"
    reasons = completion.reasons or None
    remedies = completion.remedies if is_refused else None
    await store.update_case(
        tx, case["id"], state="decided", outcome=outcome, reasons=reasons, remedies=remedies, decided_at=tx.now, decided_by=actor.person,
        decided_by_name=actor.name,
    )  # fmt: skip
    decided_on = local_day(tx.now)
    tx.emit(
        CaseDecided(
            case_id=case["id"],
            application_id=case["application_id"],
            authority=_authority(case),
            case_number=case["case_number"],
            application_number=case["application_number"],
            receipt_number=case["receipt_number"],
            outcome=outcome,
            reasons=reasons,
            remedies=remedies,
            decided_at=tx.now,
            decided_on=decided_on,
            decided_by=Person(subject=actor.person, name=actor.name),
            due_on=case["due_on"],
            is_on_time=is_on_time(decided_on, case["due_on"]),
            item=Item.model_validate(case["item"]),
            region_code=case["region_code"],
            applicant=Applicant.model_validate(case["applicant"]),
            result_type_code=case["result_type_code"],
            result_validity_months=case["result_validity_months"],
            form=case["form"],
        )
    )


def _authority(case: RowMapping) -> Authority:
    return Authority(code=case["authority_code"], name=case["authority_name"])

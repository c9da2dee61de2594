"""Process: a graph that holds together, with somebody of sufficient grade who decides."""

from collections.abc import Iterator

from services.catalog.rules.process import plan_of, process_order, reached, returns_forward
from services.catalog.rules.publication import sources
from services.catalog.rules.publication.registry import Fault, Said, Subject, rule

_OTHER_HANDS = {"review", "check", "cosign"}


@rule(
    "process-without-decider",
    title=("流程有决定环节", "A process decides"),
    source=sources.LICENSING_38,
    remedy=("把决定环节放在最后，且只有一个", "Let the last step decide, and no other"),
)
def process_without_decider(subject: Subject) -> Iterator[Fault]:
    item = subject.item
    deciding = [at for at, step in enumerate(item.process) if step.kind == "decide"]
    if deciding != [len(item.process) - 1]:
        yield (
            "/process",
            Said("办理流程应有且仅有一个决定环节，并在最后", "A process has exactly one deciding step, and it is the last."),
        )
    if item.process_plan is not None and not any(step.kind == "decide" for step in item.process_plan.steps):
        yield "/process_plan/steps", Said("流程图中没有决定环节", "The plan has no step that decides.")


@rule(
    "process-differs",
    title=("办理环节与流程图一致", "The steps that desks run are those of the plan"),
    source=sources.PROCESS,
    remedy=("使两处的标识、类型、岗位和权限等级一致", "Give both the same key, kind, post and grade"),
)
def process_differs(subject: Subject) -> Iterator[Fault]:
    plan = subject.item.process_plan
    planned = {step.key: step for step in plan.steps} if plan else {}
    for at, step in enumerate(subject.item.process if plan else ()):
        twin = planned.get(step.key)
        if twin is None or (twin.kind, twin.post, twin.grade) != (step.kind, step.post, step.grade):
            yield (
                f"/process/{at}",
                Said(
                    f"流程图中没有与“{step.name}”相同的环节",
                    f"The plan has no step “{step.key}” of the same kind, post and grade.",
                ),
            )


@rule(
    "process-way-undefined",
    title=("去向和阶段存在", "Ways and stages lead to what there is"),
    source=sources.PROCESS,
    remedy=("加上环节或阶段，或改正标识", "Add the step or stage, or correct the key"),
)
def process_way_undefined(subject: Subject) -> Iterator[Fault]:
    plan = subject.item.process_plan
    if plan is None:
        return
    steps, stages = {step.key for step in plan.steps}, {stage.key for stage in plan.stages}
    for at, step in enumerate(plan.steps):
        if step.stage is not None and step.stage not in stages:
            yield f"/process_plan/steps/{at}/stage", Said(f"没有阶段“{step.stage}”", f"There is no stage “{step.stage}”.")
        for number, way in enumerate(step.ways):
            if way.to not in steps:
                yield f"/process_plan/steps/{at}/ways/{number}/to", Said(f"没有环节“{way.to}”", f"There is no step “{way.to}”.")


@rule(
    "process-step-unreachable",
    title=("每个环节都走得到", "Every step can be reached"),
    source=sources.PROCESS,
    remedy=("从前面的环节引来，或删去", "Lead to it from a step before, or remove it"),
)
def process_step_unreachable(subject: Subject) -> Iterator[Fault]:
    plan = subject.item.process_plan
    found = reached(plan) if plan else set()
    for at, step in enumerate(plan.steps if plan else ()):
        if step.key not in found:
            yield f"/process_plan/steps/{at}", Said(f"没有环节通向“{step.name}”", f"No step leads to “{step.name}”.")


@rule(
    "process-circle",
    title=("流程向前，退回才向后", "Ways lead forward, and only returns lead back"),
    source=sources.PROCESS,
    remedy=("把向后的去向标为退回，退回只到前面的环节", "Mark ways back as returns; a return leads to a step before"),
)
def process_circle(subject: Subject) -> Iterator[Fault]:
    plan = subject.item.process_plan
    if plan is None:
        return
    if process_order(plan) is None:
        yield "/process_plan/steps", Said("去向成环，办件可能永远办不完", "Ways lead in a circle: a case may never end.")
        return
    for at, number in returns_forward(plan):
        yield (
            f"/process_plan/steps/{at}/ways/{number}",
            Said("退回没有回到前面的环节", "A return does not lead to a step before."),
        )


@rule(
    "grade-without-hands",
    title=("权限等级与经办人数相符", "A grade has its pairs of hands"),
    source=sources.AUTHORITY_GRADES,
    remedy=("在决定前加上审查或审核环节，或改正权限等级", "Put a review or check before the decision, or correct the grade"),
)
def grade_without_hands(subject: Subject) -> Iterator[Fault]:
    """A decision of grade 2 has another's review or check in the process, one of grade 3 has two."""
    steps = plan_of(subject.item).steps
    place = "/process_plan/steps" if subject.item.process_plan else "/process"
    others = sum(step.kind in _OTHER_HANDS for step in steps)
    for at, step in enumerate(steps):
        if step.kind == "decide" and others < step.grade - 1:
            yield (
                f"{place}/{at}/grade",
                Said(
                    f"权限等级{step.grade}需要{step.grade}人经手，决定之外只有{others}个审查、审核或会签环节",
                    f"Grade {step.grade} takes {step.grade} pairs of hands; beside the decision there are {others} to review, check or co-sign.",
                ),
            )


@rule(
    "session-alone",
    title=("联合会审有参加部门", "A joint session has participants"),
    source=sources.PROCESS,
    remedy=("列出参加的部门，或改为本部门的环节", "List the departments that take part, or make it a step of one's own"),
)
def session_alone(subject: Subject) -> Iterator[Fault]:
    for at, step in enumerate(subject.item.process_plan.steps if subject.item.process_plan else ()):
        if step.kind == "joint_session" and not step.participants:
            yield (
                f"/process_plan/steps/{at}/participants",
                Said(f"“{step.name}”没有写明哪些部门参加", f"“{step.name}” does not say which departments take part."),
            )


@rule(
    "special-procedure-untold",
    title=("特别程序告知所需时间", "A special procedure says how long it takes"),
    source=sources.LICENSING_45,
    remedy=("写明该环节的天数，并在特别程序中列出", "Give the step its days, and list it among the special procedures"),
)
def special_procedure_untold(subject: Subject) -> Iterator[Fault]:
    for at, step in enumerate(subject.item.process_plan.steps if subject.item.process_plan else ()):
        if step.kind not in ("hearing", "inspection", "testing", "expert_review"):
            continue
        if step.days is None:
            yield (
                f"/process_plan/steps/{at}/days",
                Said(f"“{step.name}”不计入时限，应写明需要多少天", f"“{step.name}” does not count; it says how long it takes."),
            )
        if step.kind not in subject.item.special_procedures:
            yield (
                "/special_procedures",
                Said(f"流程中有“{step.name}”，特别程序中没有列出", f"The plan has “{step.name}”, the special procedures do not list it."),
            )

"""Runs: however a case goes, it is decided once, in time, and nothing waits for ever."""

from collections.abc import Callable, Collection, Iterator

from services.catalog.rules.narrowing import TooManySituations, narrow, situations
from services.catalog.rules.narrowing.guide import step_keys
from services.catalog.rules.process import Examined, examine, narrowed_plan
from services.catalog.rules.publication import sources
from services.catalog.rules.publication.registry import Fault, Said, Subject, rule

_MOST_SITUATIONS = 50


def _seen(subject: Subject) -> Examined:
    return examine(subject.item.process_plan) if subject.item.process_plan else Examined()


def _at(subject: Subject, keys: Collection[str], says: Callable[[str], Said]) -> Iterator[Fault]:
    for at, step in enumerate(subject.item.process_plan.steps if subject.item.process_plan else ()):
        if step.key in keys:
            yield f"/process_plan/steps/{at}", says(step.name)


@rule(
    "process-too-branched",
    title=("流程可以穷尽检查", "A process can be checked to the end"),
    source=sources.PROCESS,
    remedy=("合并去向相同的选择，或拆分为几个事项", "Join choices that lead the same way, or make several items of it"),
)
def process_too_branched(subject: Subject) -> Iterator[Fault]:
    if _seen(subject).is_too_branched:
        yield "/process_plan/steps", Said("流程的走法太多，无法逐一检查", "The plan runs in too many ways to check each.")


@rule(
    "process-dead-end",
    title=("没有断头路", "No dead ends"),
    source=sources.LICENSING_38,
    remedy=("引向决定环节，或在之前作出决定", "Lead on to a decision, or decide before"),
)
def process_dead_end(subject: Subject) -> Iterator[Fault]:
    plan = subject.item.process_plan
    if plan is None or not any(step.kind == "decide" for step in plan.steps):
        return
    yield from _at(
        subject,
        _seen(subject).undecided,
        lambda name: Said(f"办件到“{name}”就结束了，没有决定", f"A case ends at “{name}” without a decision."),
    )


@rule(
    "process-branch-never-comes",
    title=("汇合等待的分支都会到", "A joining step waits only for branches that come"),
    source=sources.PROCESS,
    remedy=("让前面的环节同时走各分支，或不等待全部", "Let the step before take all ways at once, or do not wait for all"),
)
def process_branch_never_comes(subject: Subject) -> Iterator[Fault]:
    return _at(
        subject,
        _seen(subject).stuck,
        lambda name: Said(f"“{name}”等待一个可能不来的分支，办件会停在这里", f"“{name}” waits for a branch that may not come."),
    )


@rule(
    "process-branch-begins-twice",
    title=("并行分支汇合后再往下", "Parallel branches meet before they go on"),
    source=sources.PROCESS,
    remedy=("让该环节等待全部分支", "Let the step wait for all branches"),
)
def process_branch_begins_twice(subject: Subject) -> Iterator[Fault]:
    return _at(
        subject,
        _seen(subject).repeated,
        lambda name: Said(f"并行的分支没有汇合，“{name}”会办两次", f"Branches that run at once do not meet: “{name}” is done twice."),
    )


@rule(
    "process-decides-twice",
    title=("一个办件只决定一次", "A case is decided once"),
    source=sources.LICENSING_38,
    remedy=("只保留一个决定环节，其余改为审查、审核或会签", "Keep one deciding step; make the others reviews, checks or co-signatures"),
)
def process_decides_twice(subject: Subject) -> Iterator[Fault]:
    return _at(
        subject,
        _seen(subject).decided_again,
        lambda name: Said(f"决定之后“{name}”再次决定", f"“{name}” decides what was decided before."),
    )


@rule(
    "process-decides-early",
    title=("各分支办完再决定", "It is decided when every branch is done"),
    source=sources.PROCESS,
    remedy=("让分支在决定之前汇合", "Let the branches meet before the decision"),
)
def process_decides_early(subject: Subject) -> Iterator[Fault]:
    return _at(
        subject,
        _seen(subject).running,
        lambda name: Said(f"作出决定时“{name}”可能还没有办完", f"“{name}” may still be under way when it is decided."),
    )


@rule(
    "process-over-limit",
    title=("各环节时限相加不超过承诺", "The steps' limits add up within the promise"),
    source=sources.LICENSING_42,
    remedy=(
        "缩短关键路径上的环节，或让环节并行，或改正承诺时限",
        "Shorten steps of the critical path, let steps run at once, or promise what is kept",
    ),
)
def process_over_limit(subject: Subject) -> Iterator[Fault]:
    """The slowest run to its decision, for the whole plan and for each situation with the steps and the limit it has."""
    item = subject.item
    if item.process_plan is None:
        return
    names = {step.key: step.name for step in item.process_plan.steps}
    told: set[tuple[int, int]] = set()
    for place, dropped, promised in _cases(subject):
        seen = examine(narrowed_plan(item.process_plan, dropped))
        if seen.longest > promised and (seen.longest, promised) not in told:
            told.add((seen.longest, promised))
            path = "—".join(names[key] for key in seen.critical)
            yield (
                place,
                Said(
                    f"关键路径“{path}”需要 {seen.longest} 天，超过承诺的 {promised} 天",
                    f"The critical path “{path}” takes {seen.longest} days, more than the {promised} promised.",
                ),
            )


def _cases(subject: Subject) -> Iterator[tuple[str, set[str], int]]:
    """(where, the steps left out, the days promised)."""
    item = subject.item
    if item.situation_table is None:
        yield "/process_plan", set(), item.promised_limit.days
        return
    try:
        found = situations(item.situation_table)[:_MOST_SITUATIONS]
    except TooManySituations:
        return
    for situation in found:
        narrowed = narrow(item, dict(situation.answers))
        if narrowed.instead is None:
            yield "/process_plan", set(step_keys(item)) - set(narrowed.steps.certain), narrowed.item.promised_limit.days

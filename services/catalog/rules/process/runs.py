"""Every run of a plan, from its first step to its last, with all branches that a run takes at once.

A step that splits one way is decided anew in each run; one that splits all ways sends every branch off. Returns are left out: after
one, what follows is a run again. Special procedures take no time of the limit: while they last the clock stands (art. 45).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from services.catalog.rules.content import PlanStep, ProcessPlan
from services.catalog.rules.process.plan import forward, process_order

MOST_RUNS = 2_000

CLOCK_STANDS = frozenset({"hearing", "inspection", "testing", "expert_review"})


@dataclass(slots=True)
class Examined:
    """What all runs together show; step keys throughout.

    `stuck` wait for a branch that does not come, `repeated` are begun by several branches, `undecided` are ends without a decision,
    `decided_again` decide what was decided, `running` go on in another branch while it is decided. `longest` is how many days the
    slowest run takes to its decision, by way of `critical`.
    """

    stuck: set[str] = field(default_factory=set)
    repeated: set[str] = field(default_factory=set)
    undecided: set[str] = field(default_factory=set)
    decided_again: set[str] = field(default_factory=set)
    running: set[str] = field(default_factory=set)
    longest: int = 0
    critical: tuple[str, ...] = ()
    is_too_branched: bool = False


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A branch that has come to a step: from where, and on which day of the limit."""

    source: str
    day: int


@dataclass(slots=True)
class _Run:
    choices: dict[str, int] = field(default_factory=dict)
    arrivals: dict[str, list[_Arrival]] = field(default_factory=dict)
    done: dict[str, int] = field(default_factory=dict)
    """The day each step was done."""


def examine(plan: ProcessPlan) -> Examined:
    """What every run comes to. A plan whose ways lead in a circle has no runs to examine."""
    seen = Examined()
    order = process_order(plan)
    if order is None:
        return seen
    steps = {step.key: step for step in plan.steps}
    arriving = dict.fromkeys(steps, 0)
    for step in plan.steps:
        for way in forward(step, steps):
            arriving[way.to] += 1
    for number, run in enumerate(_runs(order, plan.steps[0].key, steps, arriving, seen)):
        if number >= MOST_RUNS:
            seen.is_too_branched = True
            break
        _judge(run, steps, seen)
    return seen


def _runs(order: list[str], first: str, steps: dict[str, PlanStep], arriving: dict[str, int], seen: Examined) -> Iterator[_Run]:
    """Each run once: the choices a run meets for the first time are all tried, the last made first changed."""
    ahead: list[dict[str, int]] = [{}]
    while ahead:
        run = _Run(choices=ahead.pop())
        for key in order:
            step, came = steps[key], run.arrivals.get(key, [])
            if key != first and not came:
                continue
            if step.waits_for == "all" and key != first and len(came) < arriving[key]:
                seen.stuck.add(key)
                continue
            if step.waits_for == "any" and len(came) > 1:
                seen.repeated.add(key)
            begun = max((arrival.day for arrival in came), default=0)
            run.done[key] = begun + (0 if step.kind in CLOCK_STANDS else step.days or 0)
            ways = forward(step, steps)
            if step.split == "one" and len(ways) > 1:
                if key not in run.choices:
                    ahead += [{**run.choices, key: other} for other in range(len(ways) - 1, 0, -1)]
                    run.choices[key] = 0
                ways = [ways[run.choices[key]]]
            for way in ways:
                run.arrivals.setdefault(way.to, []).append(_Arrival(key, run.done[key]))
        yield run


def _judge(run: _Run, steps: dict[str, PlanStep], seen: Examined) -> None:
    deciding = [key for key in run.done if steps[key].kind == "decide"]
    if not deciding:
        seen.undecided |= {key for key in run.done if not forward(steps[key], steps)}
        return
    seen.decided_again |= set(deciding[1:])
    decision = deciding[0]
    before = _closure(decision, run)
    after = {key for key in run.done if decision in _closure(key, run)}
    seen.running |= set(run.done) - before - after - {decision}
    if run.done[decision] > seen.longest:
        seen.longest, seen.critical = run.done[decision], _critical(decision, run)


def _closure(key: str, run: _Run) -> set[str]:
    """The steps of the run that came before one."""
    waiting, found = [key], set()
    while waiting:
        for arrival in run.arrivals.get(waiting.pop(), []):
            if arrival.source in run.done and arrival.source not in found:
                found.add(arrival.source)
                waiting.append(arrival.source)
    return found


def _critical(key: str, run: _Run) -> tuple[str, ...]:
    path = [key]
    while came := run.arrivals.get(path[0]):
        path.insert(0, max(came, key=lambda arrival: arrival.day).source)
    return tuple(path)

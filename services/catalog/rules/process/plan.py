"""A plan as a graph: its first step begins it, ways lead forward, returns lead back.

Functions here take any plan the model admits, also one that publication would refuse: ways to nowhere are passed over.
"""

from collections.abc import Collection, Sequence

from services.catalog.rules.content import ItemContent, PlanStep, ProcessPlan, ProcessStep, Way


def plan_of(item: ItemContent) -> ProcessPlan:
    """The item's plan; its list of steps, one after the other with a return to the step before, where it has none."""
    return item.process_plan or _from_list(item.process)


def _from_list(steps: Sequence[ProcessStep]) -> ProcessPlan:
    planned = []
    for at, step in enumerate(steps):
        onward = [Way(to=steps[at + 1].key)] if at + 1 < len(steps) else []
        back = [Way(to=steps[at - 1].key, is_return=True)] if at else []
        named = step.model_dump(include={"key", "name", "name_en", "kind", "post", "grade"})
        planned.append(PlanStep(**named, ways=[*onward, *back]))
    return ProcessPlan(steps=planned)


def forward(step: PlanStep, known: Collection[str]) -> list[Way]:
    """The ways that lead on, to steps there are."""
    return [way for way in step.ways if not way.is_return and way.to in known]


def reached(plan: ProcessPlan) -> set[str]:
    """The steps that may be reached from the first."""
    steps = {step.key: step for step in plan.steps}
    waiting, found = [plan.steps[0].key], {plan.steps[0].key}
    while waiting:
        for way in forward(steps[waiting.pop()], steps):
            if way.to not in found:
                found.add(way.to)
                waiting.append(way.to)
    return found


def process_order(plan: ProcessPlan) -> list[str] | None:
    """The steps so that every way leads onward in it; None when ways lead in a circle."""
    steps = {step.key: step for step in plan.steps}
    arriving = dict.fromkeys(steps, 0)
    for step in steps.values():
        for way in forward(step, steps):
            arriving[way.to] += 1
    ready = [key for key, count in arriving.items() if count == 0]
    order = []
    while ready:
        key = ready.pop(0)
        order.append(key)
        for way in forward(steps[key], steps):
            arriving[way.to] -= 1
            if arriving[way.to] == 0:
                ready.append(way.to)
    return order if len(order) == len(steps) else None


def returns_forward(plan: ProcessPlan) -> list[tuple[int, int]]:
    """(step, way) of returns that do not lead to a step before."""
    steps = {step.key: step for step in plan.steps}
    before: dict[str, set[str]] = {key: set() for key in steps}
    for key in process_order(plan) or ():
        for way in forward(steps[key], steps):
            before[way.to] |= before[key] | {key}
    return [
        (at, number)
        for at, step in enumerate(plan.steps)
        for number, way in enumerate(step.ways)
        if way.is_return and way.to in steps and way.to not in before[step.key]
    ]


def narrowed_plan(plan: ProcessPlan, dropped: Collection[str]) -> ProcessPlan:
    """The plan without some steps, each of which leads on by one way: what led to one leads where it led."""
    steps = {step.key: step for step in plan.steps}
    onward = {key: ways[0].to for key in dropped if key in steps and len(ways := forward(steps[key], steps)) == 1}

    def leads(key: str) -> str:
        for _ in onward:
            key = onward.get(key, key)
        return key

    left = []
    for step in plan.steps:
        if step.key in onward:
            continue
        ways = [way.model_copy(update={"to": leads(way.to)}) for way in step.ways if not (way.is_return and way.to in onward)]
        left.append(step.model_copy(update={"ways": ways}))
    first = leads(plan.steps[0].key)
    left.sort(key=lambda step: step.key != first)
    return plan.model_copy(update={"steps": left})

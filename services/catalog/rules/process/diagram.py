"""A plan as people draw it: events, tasks and gateways of BPMN 2.0, joined by flows. Both pictures are made of this.

A step that waits for all branches has a parallel gateway before it; one that sends all off, behind it; one of whose ways, or returns,
a single one is taken, an exclusive gateway.
"""

from dataclasses import dataclass
from typing import Literal

from services.catalog.rules.content import Bilingual, PlanStep, ProcessPlan, Way
from services.catalog.rules.process.plan import forward

NodeKind = Literal["start", "task", "exclusive", "parallel", "end"]


@dataclass(frozen=True, slots=True)
class Node:
    """`step` is what a task does; of a gateway or an end, the step it belongs to."""

    id: str
    kind: NodeKind
    step: PlanStep | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    id: str
    source: str
    target: str
    label: Bilingual | None = None
    is_return: bool = False


@dataclass(frozen=True, slots=True)
class Diagram:
    """`nodes` in the order of the plan."""

    nodes: tuple[Node, ...]
    flows: tuple[Flow, ...]


_Leads = tuple[str, str, Bilingual | None, bool]
"""A flow before it has an id: source, target, label, whether it is a return."""

_RETURNED = Bilingual(zh="退回", en="Return")


def diagram(plan: ProcessPlan) -> Diagram:
    """The diagram of a plan; ways to nowhere are left out."""
    steps = {step.key: step for step in plan.steps}
    arriving = dict.fromkeys(steps, 0)
    for step in plan.steps:
        for way in forward(step, steps):
            arriving[way.to] += 1
    entries = {key: f"join_{key}" if step.waits_for == "all" and arriving[key] > 1 else f"step_{key}" for key, step in steps.items()}
    first = plan.steps[0].key
    nodes: list[Node] = [Node("start", "start")]
    flows: list[_Leads] = [("start", entries[first], None, False)]
    for step in plan.steps:
        task = f"step_{step.key}"
        if entries[step.key] != task:
            nodes.append(Node(entries[step.key], "parallel", step))
            flows.append((entries[step.key], task, None, False))
        nodes.append(Node(task, "task", step))
        _leave(step, [way for way in step.ways if way.to in steps], entries, nodes, flows)
    return Diagram(tuple(nodes), tuple(Flow(f"flow_{number}", *flow) for number, flow in enumerate(flows, 1)))


def _leave(step: PlanStep, ways: list[Way], entries: dict[str, str], nodes: list[Node], flows: list[_Leads]) -> None:
    """What stands behind a step's task."""
    onward, back = [way for way in ways if not way.is_return], [way for way in ways if way.is_return]
    place = f"step_{step.key}"
    forks = step.split == "all" and len(onward) > 1
    if back or (len(onward) > 1 and not forks):
        nodes.append(Node(f"choice_{step.key}", "exclusive", step))
        flows.append((place, f"choice_{step.key}", None, False))
        place = f"choice_{step.key}"
    flows.extend((place, f"step_{way.to}", way.when or _RETURNED, True) for way in back)
    if forks:
        nodes.append(Node(f"fork_{step.key}", "parallel", step))
        flows.append((place, f"fork_{step.key}", None, False))
        place = f"fork_{step.key}"
    if not onward:
        nodes.append(Node(f"end_{step.key}", "end", step))
        flows.append((place, f"end_{step.key}", None, False))
    flows.extend((place, entries[way.to], way.when, False) for way in onward)

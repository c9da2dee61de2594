"""A request that set out on the short way (`gateway.express`) and could not end there: the long way takes it over, and counts it once."""

from dataclasses import dataclass

from chassis import context
from chassis.actor import Actor
from chassis.problems import Problem
from gateway.instances import Instance


@dataclass(frozen=True, slots=True)
class TakenOver:
    """What was already settled. `began` is on the monotonic clock, `by` (when the answer must begin) on the loop's.

    `problem` is what the client is to be told; without one the request is asked again, of others than those `tried`.
    """

    request: context.RequestContext
    began: float
    by: float
    source: str
    actor: Actor | None
    answer_headers: list[tuple[bytes, bytes]]
    tried: tuple[Instance, ...]
    problem: Problem | None

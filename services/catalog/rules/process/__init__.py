"""A process examined before anybody walks it: whether every run of it is decided once, in time, and by whom."""

from services.catalog.rules.process.plan import forward, narrowed_plan, plan_of, process_order, reached, returns_forward
from services.catalog.rules.process.runs import MOST_RUNS, Examined, examine

__all__ = ["MOST_RUNS", "Examined", "examine", "forward", "narrowed_plan", "plan_of", "process_order", "reached", "returns_forward"]

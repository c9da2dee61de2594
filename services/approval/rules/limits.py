"""The clock of a case: working days used and left, and its light.

Days are local calendar days; day 1 is the working day after acceptance. A clock stops on the day of the decision.
The light goes by the promised due date: red once it is past, yellow in its last fifth (the last working day at least), else green.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from standards.working_days import WorkingCalendar

Light = Literal["green", "yellow", "red"]

YELLOW_SHARE = 5


@dataclass(frozen=True, slots=True)
class CaseLimits:
    """The days a case is measured by. `stopped_on` is the day it was decided or terminated; None while it runs."""

    accepted_on: date
    due_on: date
    is_due_provisional: bool
    stopped_on: date | None


@dataclass(frozen=True, slots=True)
class ClockReading:
    """`working_days_left` is negative when overdue; `is_provisional` where a calendar still to come may change the answer."""

    working_days_used: int
    working_days_left: int
    light: Light
    is_provisional: bool


def read_clock(limits: CaseLimits, today: date, calendar: WorkingCalendar) -> ClockReading:
    """The clock on a day; on the day it stopped, if that is earlier."""
    at = max(limits.accepted_on, limits.stopped_on if limits.stopped_on is not None else today)
    left = calendar.working_days_between(at, limits.due_on)
    whole = calendar.working_days_between(limits.accepted_on, limits.due_on)
    is_covered = calendar.covers(limits.accepted_on, max(at, limits.due_on))
    return ClockReading(
        working_days_used=calendar.working_days_between(limits.accepted_on, at),
        working_days_left=left,
        light=_light(at, limits.due_on, left, whole),
        is_provisional=limits.is_due_provisional or not is_covered,
    )


def is_on_time(decided_on: date, due_on: date) -> bool:
    """Whether a decision of that day keeps the promise."""
    return decided_on <= due_on


def _light(at: date, due_on: date, left: int, whole: int) -> Light:
    if at > due_on:
        return "red"
    return "yellow" if left <= max(1, -(-whole // YELLOW_SHARE)) else "green"

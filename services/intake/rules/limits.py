"""When a matter is due, and what its light shows.

The day of acceptance does not count (see `standards.working_days`). A limit of 0 days is due on the day itself.
"""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from standards.working_days import DueDate, WorkingCalendar

Light = Literal["green", "yellow", "red"]
NEAR_DUE_WORKING_DAYS = 2


class Limit(BaseModel):
    """How many days, counted in which unit."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    days: int = Field(ge=0)
    unit: Literal["working_day", "calendar_day"]


def last_day(calendar: WorkingCalendar, accepted_on: date, limit: Limit) -> DueDate:
    """The last day on which the decision is on time."""
    if limit.unit == "calendar_day":
        return calendar.add_calendar_days(accepted_on, limit.days)
    return calendar.add_working_days(accepted_on, limit.days)


def light(calendar: WorkingCalendar, *, due_on: date, reference: date) -> Light:
    """Green, yellow when at most two working days are left, red once the due day has passed.

    `reference` is today, or the day of the decision once there is one.
    """
    if reference > due_on:
        return "red"
    return "yellow" if calendar.working_days_between(reference, due_on) <= NEAR_DUE_WORKING_DAYS else "green"

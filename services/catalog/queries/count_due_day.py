"""The last day of a limit, from the calendar as it is loaded now."""

from datetime import date

from chassis.database import ReadTx
from services.catalog import store
from services.catalog.errors import DayBeyondCalendar
from services.catalog.rules.content import LimitUnit
from standards.working_days import DueDate


async def count_due_day(tx: ReadTx, *, start: date, days: int, unit: LimitUnit) -> DueDate:
    """Raises DayBeyondCalendar."""
    calendar = await store.working_calendar(tx, since=start.year)
    try:
        return calendar.add_working_days(start, days) if unit == "working_day" else calendar.add_calendar_days(start, days)
    except ValueError as error:
        raise DayBeyondCalendar() from error

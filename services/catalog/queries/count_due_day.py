"""The last day of a limit, and the working days between two, from the calendar as it is loaded now."""

from datetime import date, datetime, time

from chassis.clock import LOCAL_ZONE
from chassis.database import ReadTx
from services.catalog import store
from services.catalog.errors import DayBeyondCalendar
from services.catalog.rules.content import LimitUnit
from standards.working_days import DueDate, WorkingCalendar


async def count_due_day(tx: ReadTx, *, start: date, days: int, unit: LimitUnit) -> DueDate:
    """Raises DayBeyondCalendar."""
    return _count(await store.working_calendar(tx, since=start.year), start, days, unit)


async def count_from_moment(tx: ReadTx, *, moment: datetime, closing: time, days: int, unit: LimitUnit) -> tuple[date, DueDate]:
    """The day that counts as the day of the act, and the last day of the limit. Raises DayBeyondCalendar."""
    local = moment.astimezone(LOCAL_ZONE)
    calendar = await store.working_calendar(tx, since=local.year)
    received = calendar.day_received(local.replace(tzinfo=None), closing)
    due = _count(calendar, received.date, days, unit)
    return received.date, DueDate(due.date, is_provisional=due.is_provisional or received.is_provisional)


async def count_working_days(tx: ReadTx, start: date, end: date) -> tuple[int, bool]:
    """Working days after one day up to and with another (negative backwards), and whether a notice still to come could change it."""
    calendar = await store.working_calendar(tx, since=min(start, end).year)
    return calendar.working_days_between(start, end), not calendar.covers(start, end)


def _count(calendar: WorkingCalendar, start: date, days: int, unit: LimitUnit) -> DueDate:
    try:
        return calendar.add_working_days(start, days) if unit == "working_day" else calendar.add_calendar_days(start, days)
    except ValueError as error:
        raise DayBeyondCalendar() from error

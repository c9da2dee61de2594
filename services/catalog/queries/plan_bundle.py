"""When a bundle's items are due, counted with the calendar as it is loaded now."""

from datetime import date

from chassis.database import ReadTx
from services.catalog import store
from services.catalog.errors import DayBeyondCalendar
from services.catalog.rules.bundle import BundleGuide
from services.catalog.rules.bundle_order import Timed, timetable


async def plan_bundle(guide: BundleGuide, start: date, tx: ReadTx) -> list[Timed]:
    """In the guide's order. Raises DayBeyondCalendar."""
    calendar = await store.working_calendar(tx, since=start.year)
    limits = {one.local_code: (one.promised_limit.days, one.promised_limit.unit) for one in guide.items}
    try:
        return timetable(limits, {one.local_code: one.after for one in guide.items}, start, calendar)
    except ValueError as error:
        raise DayBeyondCalendar() from error

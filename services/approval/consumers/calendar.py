"""Topic `tongban.catalog.calendar`: approval counts days by a copy of its own."""

from datetime import date

from chassis.database import WriteTx
from chassis.events import Consumer, EventView, Handler, Incoming
from services.approval.commands.keep_calendar import keep_calendar


class CalendarLoaded(EventView):
    year: int
    holidays: list[date]
    workdays: list[date]
    source: str = ""


async def on_loaded(event: Incoming[CalendarLoaded], tx: WriteTx, prepared: None) -> None:
    seen = event.body
    await keep_calendar(seen.year, days_off=seen.holidays, workdays=seen.workdays, source=seen.source, tx=tx)


calendar = Consumer(
    name="approval.calendar",
    topics=("tongban.catalog.calendar",),
    handlers=(Handler("tongban.catalog.calendar.loaded.v1", CalendarLoaded, on_loaded),),
)

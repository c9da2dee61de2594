"""Topic `tongban.catalog.calendar`: intake counts due dates by a copy of its own."""

from datetime import date

from chassis.database import WriteTx
from chassis.events import Consumer, EventView, Handler, Incoming
from services.intake.store import save_calendar_year


class CalendarLoaded(EventView):
    year: int
    holidays: list[date]
    workdays: list[date]


async def on_loaded(event: Incoming[CalendarLoaded], tx: WriteTx, prepared: None) -> None:
    await save_calendar_year(tx, event.body.year, holidays=event.body.holidays, workdays=event.body.workdays)


calendar = Consumer(
    name="intake.calendar",
    topics=("tongban.catalog.calendar",),
    handlers=(Handler("tongban.catalog.calendar.loaded.v1", CalendarLoaded, on_loaded),),
)

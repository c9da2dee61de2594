"""Load a year's notice, or correct it; the same notice again changes nothing."""

from datetime import date

from chassis.database import WriteTx
from chassis.problems import FieldError, Text
from services.catalog import store
from services.catalog.errors import CalendarInvalid
from services.catalog.events import CalendarLoaded
from services.catalog.rules.calendar import calendar_faults


async def load_calendar(year: int, holidays: list[date], workdays: list[date], source: str, tx: WriteTx) -> bool:
    """True when the year was not loaded before. Raises CalendarInvalid."""
    faults = [FieldError(f.pointer, f.rule, Text(f.zh, f.en)) for f in calendar_faults(year, holidays, workdays)]
    if faults:
        raise CalendarInvalid(errors=faults)
    notice = {"holidays": sorted(set(holidays)), "workdays": sorted(set(workdays))}
    current = await store.lock_calendar_year(tx, year)
    if current is None or {**notice, "source": source} != {name: current[name] for name in ("holidays", "workdays", "source")}:
        await store.save_calendar_year(tx, year=year, source=source, **notice)
        tx.emit(CalendarLoaded(year=year, source=source, **notice))
    return current is None

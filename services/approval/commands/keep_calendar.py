"""Keep a year of the working-day calendar."""

from collections.abc import Collection
from datetime import date

from chassis.database import WriteTx
from services.approval import store
from standards.working_days import WorkingCalendar, YearExceptions


async def keep_calendar(year: int, *, days_off: Collection[date], workdays: Collection[date], source: str, tx: WriteTx) -> None:
    """A year loaded again replaces what was kept. Raises ValueError for a year that contradicts itself."""
    WorkingCalendar({year: YearExceptions(frozenset(days_off), frozenset(workdays))})
    await store.keep_year(tx, year, days_off=sorted(days_off), workdays=sorted(workdays), source=source, at=tx.now)

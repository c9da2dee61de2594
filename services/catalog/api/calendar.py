"""The working-day calendar: notices by year, and limits counted with them."""

from datetime import date
from typing import Annotated

from fastapi import Path, Query, Response
from pydantic import Field

from chassis.app import service_router
from chassis.edge import Reads, Writes
from chassis.schema import Body, View
from services.catalog import store
from services.catalog.api.access import Anyone, CanAdminister
from services.catalog.commands.load_calendar import load_calendar
from services.catalog.errors import CalendarYearUnknown
from services.catalog.queries.count_due_day import count_due_day
from services.catalog.rules.calendar import Year
from services.catalog.rules.content import LimitUnit

router = service_router("calendar")


class NoticeBody(Body):
    """A year's notice. `holidays` are days off, `workdays` weekend days worked instead."""

    holidays: list[date] = Field(max_length=366)
    workdays: list[date] = Field(max_length=366)
    source: str = Field(min_length=1, max_length=300, description="The notice it is taken from.")


class NoticeView(View):
    year: int
    holidays: list[date]
    workdays: list[date]
    source: str


class DueView(View):
    """A limit's last day. `is_provisional`: a notice still to come could move it."""

    start: date
    days: int
    unit: LimitUnit
    due_on: date
    is_provisional: bool


YearPath = Annotated[Year, Path(description="2000 to 2100.")]


@router.get("/calendar/due")
async def due(
    access: Anyone,
    tx: Reads,
    start: Annotated[
        date, Query(ge=date(2000, 1, 1), le=date(2100, 12, 31), description="The day of the act; counting begins the day after.")
    ],
    days: Annotated[int, Query(ge=0, le=3650)],
    unit: LimitUnit = "working_day",
) -> DueView:
    """The last day of a limit, counted in working days, or in calendar days and moved on to a working day (Civil Code, art. 203)."""
    found = await count_due_day(tx, start=start, days=days, unit=unit)
    return DueView(start=start, days=days, unit=unit, due_on=found.date, is_provisional=found.is_provisional)


@router.get("/calendar/{year}")
async def read(year: YearPath, access: Anyone, tx: Reads) -> NoticeView:
    """A year's notice."""
    row = await store.calendar_year(tx, year)
    if row is None:
        raise CalendarYearUnknown(year=year)
    return NoticeView.model_validate(row)


@router.put("/calendar/{year}", responses={201: {"model": NoticeView, "description": "The year was not loaded before"}})
async def load(year: YearPath, body: NoticeBody, access: CanAdminister, tx: Writes, response: Response) -> NoticeView:
    """Load a year's notice or correct it; the same notice again changes nothing."""
    is_new = await load_calendar(year, body.holidays, body.workdays, body.source, tx)
    response.status_code = 201 if is_new else 200
    return NoticeView(year=year, holidays=sorted(set(body.holidays)), workdays=sorted(set(body.workdays)), source=body.source)

"""The working-day calendar: notices by year, and limits counted with them."""

from datetime import date, datetime, time
from typing import Annotated

from fastapi import Path, Query, Request, Response
from pydantic import AwareDatetime, Field

from chassis.app import service_router
from chassis.edge import Reads, Writes
from chassis.pagination import Cursor, Limit, Page
from chassis.schema import Body, View
from services.catalog import store
from services.catalog.api.access import Anyone, CanAdminister
from services.catalog.commands.load_calendar import load_calendar
from services.catalog.errors import CalendarYearUnknown, MomentBeyondCalendar
from services.catalog.queries.count_due_day import count_due_day, count_from_moment, count_working_days
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


class MomentDueView(View):
    """A limit's last day from a moment; `received_on` is the day that counts as the day of the act."""

    received_at: datetime
    received_on: date
    days: int
    unit: LimitUnit
    due_on: date
    is_provisional: bool


class BetweenView(View):
    """`is_provisional`: a notice still to come could change the count."""

    start: date
    end: date
    working_days: int
    is_provisional: bool


FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)
_Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]
_START = Query(description="The day of the act; counting begins the day after.")
_END = Query(description="The last day that is counted.")
_Days = Annotated[int, Query(ge=0, le=3650)]
YearPath = Annotated[Year, Path(description="2000 to 2100.")]


@router.get("/calendar")
async def list_years(request: Request, access: Anyone, tx: Reads, limit: Limit = 100, cursor: Cursor = None) -> Page[NoticeView]:
    """The notices that are loaded, by year."""
    cursors = request.app.state.runtime.cursors("calendar")
    position = cursors.open(cursor)
    rows = await store.list_calendar_years(tx, after=int(position[0]) if position else None, limit=limit + 1)
    page: Page[NoticeView] = cursors.page(rows, limit, position=lambda row: (row["year"],), shape=NoticeView.model_validate)
    return page


@router.get("/calendar/due")
async def due(access: Anyone, tx: Reads, start: Annotated[_Day, _START], days: _Days, unit: LimitUnit = "working_day") -> DueView:
    """The last day of a limit, counted in working days, or in calendar days and moved on to a working day (Civil Code, art. 203)."""
    found = await count_due_day(tx, start=start, days=days, unit=unit)
    return DueView(start=start, days=days, unit=unit, due_on=found.date, is_provisional=found.is_provisional)


@router.get("/calendar/due-from-moment")
async def due_from_moment(
    access: Anyone,
    tx: Reads,
    received_at: Annotated[AwareDatetime, Query(description="When it came, with its offset: 2026-09-30T18:30:00+08:00.")],
    days: _Days,
    unit: LimitUnit = "working_day",
    closes_at: Annotated[time, Query(description="Local time from which what comes counts as come on the next working day.")] = time(
        17, 30
    ),
) -> MomentDueView:
    """The same from a moment: what comes on a day off or after hours counts as come on the next working day. Raises MomentBeyondCalendar."""
    if closes_at.tzinfo is not None or not FIRST_DAY.year < received_at.year < LAST_DAY.year:
        raise MomentBeyondCalendar()
    received_on, found = await count_from_moment(tx, moment=received_at, closing=closes_at, days=days, unit=unit)
    return MomentDueView(
        received_at=received_at, received_on=received_on, days=days, unit=unit, due_on=found.date, is_provisional=found.is_provisional
    )


@router.get("/calendar/between")
async def between(access: Anyone, tx: Reads, start: Annotated[_Day, _START], end: Annotated[_Day, _END]) -> BetweenView:
    """How many working days there are after one day up to and with another; negative where the other is earlier."""
    count, is_provisional = await count_working_days(tx, start, end)
    return BetweenView(start=start, end=end, working_days=count, is_provisional=is_provisional)


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

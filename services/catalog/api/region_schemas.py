"""Shapes of regions and their history on the wire."""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from chassis.schema import Body, View
from services.catalog.queries.tell_region import Placed, Told
from services.catalog.rules.region_history import ChangeKind
from services.catalog.rules.regions import RegionCode

RegionName = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class RegionBody(Body):
    code: RegionCode
    name: str = Field(min_length=1, max_length=100)
    level: int = Field(ge=1, le=5, description="1 province, 2 city, 3 county, 4 street or town, 5 village")
    parent_code: RegionCode | None = None


class RegionsBody(Body):
    """Regions to add or rename. A parent is among them or known already."""

    regions: list[RegionBody] = Field(min_length=1, max_length=5000)


class RegionsLoaded(View):
    count: int


class RegionView(View):
    """A region; `ended_on` is the day from which it is no more."""

    code: str
    name: str
    level: int
    parent_code: str | None
    ended_on: date | None


class RegionLine(View):
    code: str
    name: str
    full_name: str = Field(description="With the names of all regions above it: 四川省广安市广安区.")


class RegionChangeBody(Body):
    """What became of a region, from a day on. The code before is missing for a new region, the one after where nobody says."""

    effective_on: Annotated[date, Field(ge=date(1949, 10, 1), le=date(2100, 12, 31))]
    kind: ChangeKind
    old_code: RegionCode | None = None
    old_name: RegionName | None = None
    new_code: RegionCode | None = None
    new_name: RegionName | None = None


class RegionChangesBody(Body):
    changes: list[RegionChangeBody] = Field(min_length=1, max_length=1000)


class RegionChangesRecorded(View):
    """`added` were not known before."""

    count: int
    added: int


class RegionChangeView(View):
    effective_on: date
    kind: ChangeKind
    old_code: str | None
    old_name: str | None
    new_code: str | None
    new_name: str | None


class RegionHistoryView(View):
    """A code of today or of before, and what it is now.

    `region` is null for a code that only history knows. `name_then` is what its place was called on the day it was written down.
    `now` are the regions it leads to: itself, one other, several where it was divided, none where nobody knows; `way` leads there.
    """

    code: str
    name: str
    full_name: str
    level: int
    region: RegionView | None
    name_then: str | None
    now: list[RegionLine]
    way: list[RegionChangeView]
    changes: list[RegionChangeView] = Field(description="All that touch the code, the earliest first.")


def region_line(placed: Placed) -> RegionLine:
    return RegionLine(code=placed.code, name=placed.name, full_name=placed.full_name)


def history_view(told: Told) -> RegionHistoryView:
    return RegionHistoryView(
        code=told.placed.code,
        name=told.placed.name,
        full_name=told.placed.full_name,
        level=told.level,
        region=RegionView.model_validate(told.row) if told.row is not None else None,
        name_then=told.name_then,
        now=[region_line(one) for one in told.now],
        way=[RegionChangeView.model_validate(one) for one in told.followed.way],
        changes=[RegionChangeView.model_validate(one) for one in told.changes],
    )

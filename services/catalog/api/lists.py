"""The four lists (权力、责任、负面、收费清单): imported whole, read, and held against the items in force."""

from datetime import date
from typing import Annotated

from fastapi import Query, Request, Response

from chassis.app import service_router
from chassis.edge import Reads, Writes, takes_stream
from chassis.pagination import Cursor, Limit, Page
from services.catalog.api.access import Anyone, CanAdminister
from services.catalog.api.list_schemas import (
    GapView,
    ListCheckView,
    ListCodePath,
    ListEditionView,
    ListEntryHistory,
    ListEntryVersion,
    ListEntryView,
    ListEntryWithItems,
    carrying_item,
    entry_view,
    list_check,
)  # fmt: skip
from services.catalog.api.uploads import FILE_BODY, MOST_BYTES, KindPath, UploadedList
from services.catalog.commands.import_list import compare_list, import_list
from services.catalog.errors import ListEntryUnknown
from services.catalog.queries.find_gaps import Gap, find_gaps
from services.catalog.rules.content import LocalCode
from services.catalog.rules.regions import RegionCode
from services.catalog.store import lists as store_lists

router = service_router("lists")

OfRegion = Annotated[RegionCode, Query(description="Whose list it is.")]
IssuedOn = Annotated[date, Query(ge=date(1990, 1, 1), le=date(2100, 12, 31), description="The day the list was issued.")]
Source = Annotated[str, Query(min_length=1, max_length=300, description="Who issued it, in which document.")]
OfDepartment = Annotated[str | None, Query(max_length=200, description="Exactly as it is written there.")]


@router.post(
    "/lists/{kind}/editions",
    status_code=201,
    responses={200: {"model": ListEditionView, "description": "The newest edition is this very file; nothing changes"}},
    openapi_extra=FILE_BODY,
)
@takes_stream(MOST_BYTES)
async def import_file(
    kind: KindPath,
    access: CanAdminister,
    file: UploadedList,
    region: OfRegion,
    issued_on: IssuedOn,
    source: Source,
    tx: Writes,
    response: Response,
) -> ListEditionView:
    """Import a region's whole list as the body: CSV (UTF-8 or GB18030), XLSX or JSON, at most 20 MiB. It is in force at once.

    What it no longer has is removed, and its history stays. A file with a fault changes nothing, and every fault is told by line
    and column. `checks` tells before what an import would change.
    """
    row, is_new = await import_list(kind, region, file, tx, issued_on=issued_on, source=source, importer=access.key)
    response.status_code = 201 if is_new else 200
    return ListEditionView.model_validate(row)


@router.post("/lists/{kind}/checks", openapi_extra=FILE_BODY)
@takes_stream(MOST_BYTES)
async def check_file(kind: KindPath, access: CanAdminister, file: UploadedList, region: OfRegion, tx: Reads) -> ListCheckView:
    """What importing the body would change; faults are told as for an import. Nothing is kept."""
    return list_check(file, await compare_list(tx, kind, region, file, await store_lists.newest_edition(tx, kind, region)))


@router.get("/lists/{kind}/editions")
async def list_editions(
    request: Request, kind: KindPath, access: Anyone, region: OfRegion, tx: Reads, limit: Limit = 20, cursor: Cursor = None
) -> Page[ListEditionView]:
    """What was imported of a region's list, the newest first."""
    cursors = request.app.state.runtime.cursors(f"list-editions:{kind}:{region}")
    position = cursors.open(cursor)
    after = int(position[0]) if position else None
    rows = await store_lists.list_editions_of(tx, kind, region, after=after, limit=limit + 1)
    page: Page[ListEditionView] = cursors.page(rows, limit, position=lambda row: (row["number"],), shape=ListEditionView.model_validate)
    return page


@router.get("/lists/{kind}/entries")
async def list_entries(
    request: Request,
    kind: KindPath,
    access: Anyone,
    region: OfRegion,
    tx: Reads,
    department: OfDepartment = None,
    item: Annotated[LocalCode | None, Query(description="Only entries that name this item, or have its code.")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[ListEntryView]:
    """A region's list as it is in force, by code."""
    cursors = request.app.state.runtime.cursors(f"list-entries:{kind}:{region}:{department}:{item}")
    position = cursors.open(cursor)
    after = str(position[0]) if position else None
    rows = await store_lists.list_entries_of(tx, kind, region, department=department, item=item, after=after, limit=limit + 1)
    page: Page[ListEntryView] = cursors.page(rows, limit, position=lambda row: (row["code"],), shape=entry_view)
    return page


@router.get("/lists/{kind}/entries/{code}")
async def read_entry(kind: KindPath, code: ListCodePath, access: Anyone, region: OfRegion, tx: Reads) -> ListEntryWithItems:
    """An entry, and the items in force that carry it out. Raises ListEntryUnknown."""
    row = await store_lists.entry(tx, kind, region, code)
    if row is None:
        raise ListEntryUnknown()
    items = [carrying_item(one) for one in await store_lists.carrying_out(tx, kind, region, code)]
    return ListEntryWithItems(**entry_view(row).model_dump(), carried_out_by=items)


@router.get("/lists/{kind}/entries/{code}/history")
async def read_history(kind: KindPath, code: ListCodePath, access: Anyone, region: OfRegion, tx: Reads) -> ListEntryHistory:
    """What an entry was in each edition that changed it, also of one that is gone. Raises ListEntryUnknown."""
    rows = await store_lists.history(tx, kind, region, code)
    if not rows:
        raise ListEntryUnknown()
    return ListEntryHistory(kind=kind, region_code=region, code=code, versions=[ListEntryVersion.model_validate(dict(row)) for row in rows])


@router.get("/lists/{kind}/gaps")
async def list_gaps(
    request: Request,
    kind: KindPath,
    access: Anyone,
    region: OfRegion,
    tx: Reads,
    gap: Annotated[Gap | None, Query(description="Only gaps of this kind.")] = None,
    department: OfDepartment = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[GapView]:
    """Entries that no item carries out, and items that no entry stands behind, by code.

    A power and a responsibility stand behind every item of the region that is no mere public service, a fee behind every item that
    charges one. Nothing must be on the negative list. A place below with a list of its own answers for its own items.
    """
    cursors = request.app.state.runtime.cursors(f"list-gaps:{kind}:{region}:{gap}:{department}")
    position = cursors.open(cursor)
    after = (str(position[0]), str(position[1])) if position else None
    rows = await find_gaps(tx, kind, region, gap=gap, department=department, after=after, limit=limit + 1)
    page: Page[GapView] = cursors.page(rows, limit, position=lambda row: (row["gap"], row["code"]), shape=GapView.model_validate)
    return page

"""Base catalogs: editions imported and checked, entries read by the codes they have or ever had."""

from collections import Counter
from datetime import date
from typing import Annotated, Any

from fastapi import Query, Request, Response
from sqlalchemy import RowMapping

from chassis.app import service_router
from chassis.edge import Reads, Writes, takes_stream
from chassis.pagination import Cursor, Limit, Page
from services.catalog.api.access import Anyone, CanAdminister
from services.catalog.api.base_schemas import (
    BaseCodePath,
    BaseEntryView,
    CatalogPath,
    CheckView,
    EditionPath,
    EditionView,
    StandingEntryView,
    difference_facts,
    edition_view,
)  # fmt: skip
from services.catalog.api.uploads import FILE_BODY, MOST_BYTES, Uploaded
from services.catalog.commands.import_edition import compare_edition, import_edition
from services.catalog.errors import BaseEntryUnknown, EditionUnknown
from services.catalog.rules.drift import KINDS
from services.catalog.store import drift as drift_store

router = service_router("base catalogs")

_SHOWN_OF_A_CHECK = 200
_LEADS_ON: dict[int | str, dict[str, Any]] = {
    308: {"description": "The code leads to another for ever; Location is the entry under the code it has now"}
}

IssuedOn = Annotated[date, Query(ge=date(1990, 1, 1), le=date(2100, 12, 31), description="The day the edition was issued.")]
Source = Annotated[str, Query(min_length=1, max_length=300, description="Who issued it, in which document.")]


@router.post(
    "/base-catalogs/{catalog}/editions",
    status_code=201,
    responses={200: {"model": EditionView, "description": "The newest edition is this very file; nothing changes"}},
    openapi_extra=FILE_BODY,
)
@takes_stream(MOST_BYTES)
async def import_file(
    catalog: CatalogPath, access: CanAdminister, file: Uploaded, issued_on: IssuedOn, source: Source, tx: Writes, response: Response
) -> EditionView:
    """Import a whole base catalog as the body: CSV (UTF-8 or GB18030), XLSX or JSON, at most 20 MiB. It becomes the next edition.

    What it changes is listed for review, and nothing changes until it is accepted there. A file with a fault is not imported, and
    every fault is told by line and column. An upload that broke off left nothing; send it again.
    """
    row, is_new = await import_edition(catalog, file, tx, issued_on=issued_on, source=source, importer=access.key)
    counts = await drift_store.count_differences(tx, catalog, row["number"])
    response.status_code = 201 if is_new else 200
    response.headers["Location"] = f"/api/catalog/v1/base-catalogs/{catalog}/editions/{row['number']}"
    return edition_view(row, counts, is_newest=True)


@router.post("/base-catalogs/{catalog}/checks", openapi_extra=FILE_BODY)
@takes_stream(MOST_BYTES)
async def check_file(catalog: CatalogPath, access: CanAdminister, file: Uploaded, tx: Reads) -> CheckView:
    """What importing the body as the next edition would change; faults are told as for an import. Nothing is kept."""
    compared = await compare_edition(tx, catalog, file, await drift_store.newest_edition(tx, catalog))
    counts = Counter(one.kind for one in compared.found)
    return CheckView(
        file_kind=file.kind,
        entry_count=len(file.entries),
        is_known=compared.is_known,
        kinds={kind: counts[kind] for kind in KINDS},
        differences=[difference_facts(one) for one in compared.found[:_SHOWN_OF_A_CHECK]],
    )


@router.get("/base-catalogs/{catalog}/editions")
async def list_editions(
    request: Request, catalog: CatalogPath, access: CanAdminister, tx: Reads, limit: Limit = 20, cursor: Cursor = None
) -> Page[EditionView]:
    """The editions of a base catalog and their reviews, newest first."""
    cursors = request.app.state.runtime.cursors(f"base-editions:{catalog}")
    position = cursors.open(cursor)
    rows = await drift_store.list_editions(tx, catalog, after=int(position[0]) if position else None, limit=limit + 1)
    newest = await drift_store.newest_edition(tx, catalog)
    counts = {row["number"]: await drift_store.count_differences(tx, catalog, row["number"]) for row in rows[:limit]}

    def shape(row: RowMapping) -> EditionView:
        return edition_view(row, counts[row["number"]], is_newest=newest is not None and row["number"] == newest["number"])

    page: Page[EditionView] = cursors.page(rows, limit, position=lambda row: (row["number"],), shape=shape)
    return page


@router.get("/base-catalogs/{catalog}/editions/{number}")
async def read_edition(catalog: CatalogPath, number: EditionPath, access: CanAdminister, tx: Reads) -> EditionView:
    """An edition and how far its review is."""
    row, newest = await drift_store.edition(tx, catalog, number), await drift_store.newest_edition(tx, catalog)
    if row is None or newest is None:
        raise EditionUnknown()
    return edition_view(row, await drift_store.count_differences(tx, catalog, number), is_newest=newest["number"] == number)


@router.get("/base-catalogs/{catalog}/entries")
async def list_entries(
    request: Request, catalog: CatalogPath, access: Anyone, tx: Reads, limit: Limit = 100, cursor: Cursor = None
) -> Page[BaseEntryView]:
    """The base catalog in force, by code."""
    cursors = request.app.state.runtime.cursors(f"base-entries:{catalog}")
    position = cursors.open(cursor)
    rows = await drift_store.list_entries(tx, catalog, after=str(position[0]) if position else None, limit=limit + 1)
    page: Page[BaseEntryView] = cursors.page(
        rows, limit, position=lambda row: (row["code"],), shape=lambda row: BaseEntryView(**row["entry"])
    )
    return page


@router.get("/base-catalogs/{catalog}/entries/{code}", response_model=StandingEntryView, responses=_LEADS_ON)
async def read_entry(
    catalog: CatalogPath, code: BaseCodePath, access: Anyone, tx: Reads, response: Response
) -> StandingEntryView | Response:
    """An entry as it is in force. A code that it had before answers 308 with the address under the code it has now, never to another redirect."""
    response.headers["Cache-Control"] = "public, no-cache"
    row = await drift_store.entry(tx, catalog, code)
    if row is not None:
        old_codes = (await drift_store.codes_leading_to(tx, catalog, [code]))[code]
        known = {name: row[name] for name in ("catalog", "is_deleted", "edition", "changed_at")}
        return StandingEntryView(**row["entry"], **known, old_codes=old_codes)
    led_to = await drift_store.code_led_to(tx, catalog, code)
    if led_to is None:
        raise BaseEntryUnknown()
    # Revalidated each time: the entry may be recoded again, and this code then leads there at once.
    location = f"/api/catalog/v1/base-catalogs/{catalog}/entries/{led_to}"
    return Response(status_code=308, headers={"Location": location, "Cache-Control": "public, no-cache"})

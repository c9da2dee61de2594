"""Many items at once: exported, imported all or none, edited together after a preview."""

from typing import Annotated, Any

import anyio.to_thread
from fastapi import Depends, Query, Request
from pydantic import Field
from sqlalchemy import RowMapping
from starlette.requests import ClientDisconnect

from chassis.app import service_router
from chassis.edge import Reads, Writes, takes_stream
from chassis.pagination import Cursor, Limit, Page
from chassis.problems import FieldError
from chassis.schema import Body, View
from services.catalog.api.access import Anyone, CanAdminister
from services.catalog.api.item_schemas import PROBLEM_CONTENT
from services.catalog.api.life_schemas import ChangeView, FindingView, change_views, finding_views
from services.catalog.api.uploads import MOST_BYTES
from services.catalog.commands.bulk_edit import EditedItem, apply_edit, preview_edit
from services.catalog.commands.import_items import MOST_TOLD, Imported, import_items
from services.catalog.errors import UploadBroken
from services.catalog.item_file import Record, read_items
from services.catalog.life_errors import ItemFileRefused
from services.catalog.rules.bulk_edit import Edit
from services.catalog.rules.content import ItemContent, LocalCode
from services.catalog.rules.regions import RegionCode
from services.catalog.store import transfers
from services.catalog.store.transfers import Chosen

router = service_router("item transfers")

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FILE_BODY = {"requestBody": {"required": True, "content": dict.fromkeys(("application/x-ndjson", "application/json"), _BINARY)}}
_OUTDATED: dict[int | str, dict[str, Any]] = {412: {"description": "What it would do has changed since the preview", **PROBLEM_CONTENT}}


class ItemRecord(View):
    """An item's code and all that its newest version says: what an import takes."""

    local_code: str
    content: ItemContent


class ImportedView(View):
    """How many items are new, changed, and as they were already. `is_check`: nothing was written."""

    new: int
    changed: int
    unchanged: int
    is_check: bool


class Choice(Body):
    """Which items are meant, by what their newest versions say; what is left out does not narrow."""

    local_codes: Annotated[list[LocalCode] | None, Field(default=None, max_length=2000)]
    authority: Annotated[str | None, Field(default=None, pattern=r"^[0-9A-Z]{18}$", description="The deciding department's USCC.")]
    region: RegionCode | None = Field(default=None, description="A place and all below it.")
    item_type: Annotated[str | None, Field(default=None, pattern=r"^(0[1-9]|10|20)$")]
    name_contains: Annotated[str | None, Field(default=None, min_length=1, max_length=100)]

    def chosen(self) -> Chosen:
        codes = tuple(self.local_codes) if self.local_codes is not None else None
        return Chosen(codes, self.authority, self.region, self.item_type, self.name_contains)


class EditBody(Body):
    choose: Choice
    edit: Edit


class ApplyBody(EditBody):
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="What the preview answered.")]


class EditedView(View):
    """An item that would change: how, and what stands against it."""

    local_code: str
    name: str
    version_number: int
    changes: list[ChangeView]
    findings: list[FindingView]


class PreviewView(View):
    """What the edit would do. `digest` names it; the edit is applied with it, or not at all."""

    chosen_count: int
    changed_count: int
    may_be_applied: bool
    items: list[EditedView]
    digest: str


async def _item_file(request: Request) -> list[Record]:
    """The body, read and understood before the request's transaction opens. Raises TooLarge, UploadBroken, ItemFileRefused."""
    content = bytearray()
    try:
        async for part in request.stream():
            content += part
    except ClientDisconnect as error:
        raise UploadBroken() from error
    read: tuple[list[Record], list[FieldError]] = await anyio.to_thread.run_sync(read_items, bytes(content))
    records, faults = read
    if faults:
        raise ItemFileRefused(errors=faults[:MOST_TOLD], fault_count=len(faults))
    return records


ItemFile = Annotated[list[Record], Depends(_item_file)]


@router.get("/item-contents")
async def export(request: Request, access: Anyone, tx: Reads, limit: Limit = 50, cursor: Cursor = None) -> Page[ItemRecord]:
    """Every item that is not withdrawn with all that its newest version says, by code: what an import takes and changes nothing by."""
    cursors = request.app.state.runtime.cursors("item-contents")
    position = cursors.open(cursor)
    rows = await transfers.list_newest(tx, after=str(position[0]) if position else None, limit=limit + 1)

    def shape(row: RowMapping) -> ItemRecord:
        return ItemRecord(local_code=row["local_code"], content=ItemContent.model_validate(row["content"]))

    page: Page[ItemRecord] = cursors.page(rows, limit, position=lambda row: (row["local_code"],), shape=shape)
    return page


@router.post("/item-imports", openapi_extra=_FILE_BODY)
@takes_stream(MOST_BYTES)
async def import_file(
    access: CanAdminister,
    file: ItemFile,
    tx: Writes,
    check: Annotated[bool, Query(description="Only say what would be; nothing is written.")] = False,
) -> ImportedView:
    """Load items approved elsewhere, all or none: JSON lines or a JSON array of `{"local_code", "content"}`, at most 20 MiB.

    They are in force with the answer, and found within seconds. A fault refuses the whole file, and every fault is told by line and field.
    """
    return _imported(await import_items(file, tx, importer=access, is_check=check), is_check=check)


@router.post("/bulk-edits/preview")
async def preview(body: EditBody, access: CanAdminister, tx: Reads) -> PreviewView:
    """What an edit of many items would do: each with its changes in words and what the publication rules say. Nothing is written."""
    shown = await preview_edit(tx, body.choose.chosen(), body.edit)
    return PreviewView(
        chosen_count=shown.chosen_count,
        changed_count=len(shown.items),
        may_be_applied=not any(one.findings for one in shown.items),
        items=[_edited(one) for one in shown.items],
        digest=shown.digest,
    )


@router.post("/bulk-edits", responses=_OUTDATED)
async def apply(body: ApplyBody, access: CanAdminister, tx: Writes) -> ImportedView:
    """Apply an edit just as its preview showed it: all or none, in force at once. 412 when anything of it has changed since."""
    return _imported(await apply_edit(tx, body.choose.chosen(), body.edit, body.digest, editor=access), is_check=False)


def _imported(done: Imported, *, is_check: bool) -> ImportedView:
    return ImportedView(new=done.new, changed=done.changed, unchanged=done.unchanged, is_check=is_check)


def _edited(one: EditedItem) -> EditedView:
    return EditedView(
        local_code=one.row["local_code"],
        name=one.row["content"]["name"],
        version_number=one.row["number"],
        changes=change_views(list(one.changes)),
        findings=finding_views(list(one.findings)),
    )

"""Shapes of the four lists on the wire."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Path
from pydantic import Field
from sqlalchemy import RowMapping

from chassis.schema import View
from services.catalog.commands.import_list import ListComparison, ListFile
from services.catalog.queries.find_gaps import Gap
from services.catalog.rules.list_entry import MOST_CODE, ListKind
from services.catalog.rules.sheet import FileKind

ListCodePath = Annotated[str, Path(pattern=rf"^[0-9A-Za-z][0-9A-Za-z._-]{{0,{MOST_CODE - 1}}}$", description="An entry's code.")]


class ListEditionView(View):
    """An imported list of a region, and what it changed of the one before."""

    kind: ListKind
    region_code: str
    number: int
    issued_on: date
    source: str
    file_kind: FileKind
    entry_count: int
    added: int
    changed: int
    removed: int
    imported_at: datetime
    imported_by: str


class ListCheckView(View):
    """What importing a file would do. `is_known`: it is the newest edition's very file and importing it changes nothing."""

    file_kind: FileKind
    entry_count: int
    is_known: bool
    added: list[str] = Field(description="Codes; of each kind the first 500.")
    changed: list[str]
    removed: list[str]


class ListEntryFacts(View):
    """What an entry says. `items` are the local codes it names; `elements` are texts by element: legal_basis, duty, measure, standard …"""

    code: str
    name: str
    department: str
    base_code: str | None
    items: list[str]
    elements: dict[str, str]


class ListEntryView(ListEntryFacts):
    edition: int = Field(description="The edition that last changed it.")


class CarryingItem(View):
    local_code: str
    name: str
    authority: str


class ListEntryWithItems(ListEntryView):
    """`carried_out_by` are the items in force that belong to it by a code it names, its own, or a base code."""

    carried_out_by: list[CarryingItem]


class ListEntryVersion(View):
    """What an entry was from an edition on; `entry` is null where the list no longer had it."""

    edition: int
    issued_on: date
    source: str
    imported_at: datetime
    entry: ListEntryFacts | None


class ListEntryHistory(View):
    kind: ListKind
    region_code: str
    code: str
    versions: list[ListEntryVersion] = Field(description="The newest first.")


class GapView(View):
    """An entry that no item carries out, or an item that no entry stands behind; `code` is the entry's or the item's."""

    gap: Gap
    code: str
    name: str
    department: str


def entry_view(row: RowMapping) -> ListEntryView:
    return ListEntryView(**row["entry"], edition=row["edition"])


def carrying_item(row: RowMapping) -> CarryingItem:
    return CarryingItem(local_code=row["local_code"], name=row["summary"]["name"], authority=row["summary"]["authority"]["name"])


def list_check(file: ListFile, compared: ListComparison) -> ListCheckView:
    shown: dict[str, Any] = {
        "added": [one.code for one in compared.added[:500]],
        "changed": [one.code for one in compared.changed[:500]],
        "removed": list(compared.removed)[:500],
    }
    return ListCheckView(file_kind=file.kind, entry_count=len(file.entries), is_known=compared.is_known, **shown)

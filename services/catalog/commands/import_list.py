"""Import a whole list of a region: it takes the place of the one before, entry by entry, or nothing changes at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
import hashlib
from typing import Any

import anyio.to_thread
import orjson
from sqlalchemy import RowMapping

from chassis.database import ReadTx, WriteTx
from services.catalog import store
from services.catalog.commands.import_edition import told_faults
from services.catalog.commands.tell_list_entry import list_entry_changed
from services.catalog.errors import EditionOutdated, ListFileInvalid, RegionUnknown
from services.catalog.rules.list_entry import ListEntry, ListKind, read_list
from services.catalog.rules.sheet import FileKind, SheetUnreadable
from services.catalog.sheets import read_sheet
from services.catalog.store import lists as store_lists


@dataclass(frozen=True, slots=True)
class ListFile:
    """A file that has been read and is whole. `digest` is of its bytes and of how its columns are named."""

    kind: FileKind
    digest: bytes
    entries: tuple[ListEntry, ...]


@dataclass(frozen=True, slots=True)
class ListComparison:
    """What an import would change, by code. `is_known`: it is the newest edition's very file. `removed`: what each entry said."""

    is_known: bool
    added: Sequence[ListEntry]
    changed: Sequence[ListEntry]
    removed: Mapping[str, Any]


async def read_list_file(kind: ListKind, content: bytes, columns: Mapping[str, str]) -> ListFile:
    """Raises ListFileInvalid with every fault of the file."""
    return await anyio.to_thread.run_sync(_read, kind, content, columns)


def _read(kind: ListKind, content: bytes, columns: Mapping[str, str]) -> ListFile:
    try:
        sheet = read_sheet(content)
    except SheetUnreadable as unreadable:
        raise ListFileInvalid(**told_faults(unreadable.faults)) from unreadable
    entries, faults = read_list(kind, sheet, columns)
    if faults:
        raise ListFileInvalid(**told_faults(faults))
    naming = orjson.dumps(dict(columns), option=orjson.OPT_SORT_KEYS)
    return ListFile(sheet.kind, hashlib.sha256(hashlib.sha256(content).digest() + naming).digest(), tuple(entries))


async def compare_list(tx: ReadTx, kind: ListKind, region: str, file: ListFile, newest: RowMapping | None) -> ListComparison:
    """Raises RegionUnknown."""
    if not await store.region_exists(tx, region):
        raise RegionUnknown(code=region)
    current = await store_lists.entries_in_force(tx, kind, region)
    return ListComparison(
        is_known=newest is not None and bytes(newest["digest"]) == file.digest,
        added=[one for one in file.entries if one.code not in current],
        changed=[one for one in file.entries if one.code in current and one.as_json() != current[one.code]],
        removed={code: current[code] for code in sorted(current.keys() - {one.code for one in file.entries})},
    )


async def import_list(
    kind: ListKind, region: str, file: ListFile, tx: WriteTx, *, issued_on: date, source: str, importer: str
) -> tuple[RowMapping, bool]:
    """The edition's row, and whether it is new. The newest edition's file again changes nothing. Raises RegionUnknown, EditionOutdated."""
    newest = await store_lists.lock_list(tx, kind, region)
    compared = await compare_list(tx, kind, region, file, newest)
    if newest is not None and compared.is_known:
        return newest, False
    if newest is not None and issued_on < newest["issued_on"]:
        raise EditionOutdated(newest=newest["number"], newest_issued_on=newest["issued_on"].isoformat())
    number: int = newest["number"] + 1 if newest is not None else 1
    values = {
        "kind": kind,
        "region_code": region,
        "number": number,
        "issued_on": issued_on,
        "source": source,
        "file_kind": file.kind,
        "digest": file.digest,
        "entry_count": len(file.entries),
        "added": len(compared.added),
        "changed": len(compared.changed),
        "removed": len(compared.removed),
        "imported_at": tx.now,
        "imported_by": importer,
    }
    saved = [*compared.added, *compared.changed]
    await store_lists.add_edition(tx, values, saved, list(compared.removed))
    for entry in saved:
        tx.emit(list_entry_changed(entry.as_json(), values, is_removed=False))
    for gone in compared.removed.values():
        tx.emit(list_entry_changed(gone, values, is_removed=True))
    return await store_lists.edition(tx, kind, region, number), True

"""Import an edition of a base catalog: kept whole, and compared with what is in force; nothing changes until it is accepted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
import hashlib
from typing import Any

import anyio.to_thread
import orjson
from sqlalchemy import RowMapping

from chassis.database import ReadTx, WriteTx
from chassis.problems import FieldError, Text
from services.catalog.errors import BaseFileInvalid, EditionOutdated
from services.catalog.rules.base_entry import BaseEntry, read_entries
from services.catalog.rules.drift import Difference, differences
from services.catalog.rules.sheet import Fault, FileKind, SheetUnreadable
from services.catalog.sheets import read_sheet
from services.catalog.store import drift as drift_store

_MOST_TOLD = 1_000


@dataclass(frozen=True, slots=True)
class EditionFile:
    """A file that has been read and is whole. `digest` is of its bytes and of how its columns are named."""

    kind: FileKind
    digest: bytes
    entries: tuple[BaseEntry, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What an edition would change. `newest` is the edition before it; `is_known` when that is this very file."""

    newest: RowMapping | None
    is_known: bool
    found: Sequence[Difference]


async def read_edition(content: bytes, columns: Mapping[str, str]) -> EditionFile:
    """Raises BaseFileInvalid with every fault of the file."""
    return await anyio.to_thread.run_sync(_read, content, columns)


def _read(content: bytes, columns: Mapping[str, str]) -> EditionFile:
    try:
        sheet = read_sheet(content)
    except SheetUnreadable as unreadable:
        raise BaseFileInvalid(**told_faults(unreadable.faults)) from unreadable
    entries, faults = read_entries(sheet, columns)
    if faults:
        raise BaseFileInvalid(**told_faults(faults))
    naming = orjson.dumps(dict(columns), option=orjson.OPT_SORT_KEYS)
    return EditionFile(sheet.kind, hashlib.sha256(hashlib.sha256(content).digest() + naming).digest(), tuple(entries))


async def compare_edition(tx: ReadTx, catalog: str, file: EditionFile, newest: RowMapping | None) -> Comparison:
    """The same file as the newest edition differs in nothing that is not under review already."""
    if newest is not None and bytes(newest["digest"]) == file.digest:
        return Comparison(newest, is_known=True, found=())
    current, redirects = await drift_store.current_entries(tx, catalog), await drift_store.redirects(tx, catalog)
    # In a thread: finding thousands of recoded entries again takes seconds.
    found = await anyio.to_thread.run_sync(differences, current, file.entries, redirects)
    return Comparison(newest, is_known=False, found=found)


async def import_edition(
    catalog: str, file: EditionFile, tx: WriteTx, *, issued_on: date, source: str, importer: str
) -> tuple[RowMapping, bool]:
    """The edition's row, and whether it is new. The newest edition's file again changes nothing. Raises EditionOutdated."""
    compared = await compare_edition(tx, catalog, file, await drift_store.lock_catalog(tx, catalog))
    newest = compared.newest
    if newest is not None and compared.is_known:
        return newest, False
    if newest is not None and issued_on < newest["issued_on"]:
        raise EditionOutdated(newest=newest["number"], newest_issued_on=newest["issued_on"].isoformat())
    number: int = newest["number"] + 1 if newest is not None else 1
    values: dict[str, Any] = {
        "catalog": catalog,
        "number": number,
        "issued_on": issued_on,
        "source": source,
        "file_kind": file.kind,
        "digest": file.digest,
        "entry_count": len(file.entries),
        "imported_at": tx.now,
        "imported_by": importer,
    }
    await drift_store.add_edition(tx, values, file.entries)
    await drift_store.add_differences(tx, catalog, number, compared.found)
    row = await drift_store.edition(tx, catalog, number)
    assert row is not None
    return row, True


def told_faults(faults: Sequence[Fault]) -> dict[str, Any]:
    """What a refusal of a file tells: the first thousand faults by line and column, and how many there are."""
    return {"errors": [_field_error(fault) for fault in faults[:_MOST_TOLD]], "fault_count": len(faults)}


def _field_error(fault: Fault) -> FieldError:
    place = f"line:{fault.line}" if fault.line else "file"
    pointer = f"{place}:{fault.column}" if fault.column else place
    return FieldError(pointer, fault.rule, Text(_literal(fault.zh), _literal(fault.en)))


def _literal(sentence: str) -> str:
    """Braces of the file's own are no places to fill in."""
    return sentence.replace("{", "{{").replace("}", "}}")

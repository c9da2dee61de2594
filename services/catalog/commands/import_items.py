"""Load many items that were approved elsewhere, all or none: what says the same as before changes nothing.

They are in force with the commit; the index is settled after it, so that a whole catalog is loaded within one request's time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import anyio.to_thread
from sqlalchemy import RowMapping

from chassis.actor import Actor
from chassis.database import WriteTx
from chassis.problems import FieldError, Text
from services.catalog import store
from services.catalog.commands.hands import hand_of
from services.catalog.commands.publish_version import digest_of
from services.catalog.commands.settle_item import shown_of
from services.catalog.item_file import Record
from services.catalog.life_errors import ItemFileRefused, said
from services.catalog.rules.content import ItemContent
from services.catalog.rules.life import may_begin
from services.catalog.rules.publication import Obtainable, findings
from services.catalog.store import transfers

MOST_TOLD = 1_000


@dataclass(frozen=True, slots=True)
class Imported:
    """How many items were new, changed, and as they are already; the codes of the first two in `touched`."""

    new: int
    changed: int
    unchanged: int
    touched: tuple[str, ...]


async def import_items(records: Sequence[Record], tx: WriteTx, *, importer: Actor, is_check: bool = False) -> Imported:
    """With `is_check` it only says what would be. Raises ItemFileRefused with everything that stands against it."""
    codes = [record.local_code for record in records]
    await transfers.lock_items(tx, codes)
    known = await transfers.newest_of(tx, codes)
    differing = [record for record in records if not _says_so_already(record, known.get(record.local_code))]
    await _refuse(differing, known, tx)
    new = [record for record in differing if record.local_code not in known]
    if not is_check:
        await _write(differing, known, tx, importer)
    touched = tuple(record.local_code for record in differing)
    return Imported(len(new), len(differing) - len(new), len(records) - len(differing), touched)


def _says_so_already(record: Record, row: RowMapping | None) -> bool:
    return row is not None and row["version_id"] is not None and bytes(row["digest"]) == digest_of(record.content)


async def _refuse(records: Sequence[Record], known: Mapping[str, RowMapping], tx: WriteTx) -> None:
    regions = await transfers.known_regions(tx, sorted({record.content.region_code for record in records}))
    errors: list[FieldError] = []
    for record in records:
        if record.content.region_code not in regions:
            said = Text("没有这个区划，请先载入区划", "There is no such region; load the regions first.")
            errors.append(FieldError(f"{record.place}:/content/region_code", "region-unknown", said))
        errors += _of_its_life(record, known.get(record.local_code), tx.now)
    # In a thread: the rules of thousands of items take seconds.
    errors += await anyio.to_thread.run_sync(_unlawful, records, await store.obtainable(tx))
    if errors:
        raise ItemFileRefused(errors=errors[:MOST_TOLD], fault_count=len(errors))


def _of_its_life(record: Record, row: RowMapping | None, now: datetime) -> list[FieldError]:
    place = f"{record.place}:/local_code"
    if row is None:
        return []
    if row["ends_at"] is not None:
        at = said(row["ends_at"])
        return [FieldError(place, "item-ended", Text(f"事项自 {at} 起取消", f"is withdrawn since {at}"))]
    if row["version_id"] is not None and not may_begin(now, row["effective_from"], now):
        at = said(row["effective_from"])
        told = Text(f"已公布的第 {row['number']} 版将于 {at} 生效", f"version {row['number']} is published and takes effect at {at}")
        return [FieldError(place, "item-version-ahead", told)]
    return []


def _unlawful(records: Sequence[Record], obtainable: Sequence[Obtainable]) -> list[FieldError]:
    return [
        FieldError(f"{record.place}:/content{one.pointer}", one.rule, Text(one.zh, one.en))
        for record in records
        for one in findings(record.content, obtainable)
    ]


async def _write(records: Sequence[Record], known: Mapping[str, RowMapping], tx: WriteTx, importer: Actor) -> None:
    ids = {record.local_code: tx.clock.new_id() for record in records}
    new = [record for record in records if record.local_code not in known]
    rows = []
    for record in new:
        shown = shown_of(record.content)
        first = {"local_code": record.local_code, "version_id": ids[record.local_code], "version_number": 1}
        rows.append({**first, "digest": digest_of(record.content), "summary": shown["summary"], **shown["filtered"]})
    await transfers.add_items(tx, rows)
    await transfers.save_newest(tx, {one.local_code: digest_of(one.content) for one in records if one.local_code in known})
    provenance = {"origin": "loaded", "written_by": [hand_of(importer)], "reviewed_by": None, "published_by": importer.key}
    times = {"published_at": tx.now, "effective_from": tx.now}
    await transfers.add_versions(
        tx,
        [
            {
                "id": ids[one.local_code],
                "local_code": one.local_code,
                "number": (known[one.local_code]["last_number"] if one.local_code in known else 0) + 1,
                "content": one.content.model_dump(mode="json"),
                **times,
                **provenance,
            }
            for one in records
        ],
    )


def record_of(local_code: str, content: ItemContent) -> Record:
    """An item that comes from no file: faults point at its code."""
    return Record(local_code, local_code, content)

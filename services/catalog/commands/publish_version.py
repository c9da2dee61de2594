"""Publish a version of an item, in force from an instant on. Whoever calls it has settled who may, and that another has reviewed it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
import hashlib
from uuid import UUID

import orjson
from sqlalchemy import RowMapping

from chassis.database import ReadTx, WriteTx
from chassis.problems import FieldError, Text
from services.catalog import store
from services.catalog.commands.settle_item import settle_item, shown_of
from services.catalog.commands.tell_item import state_of
from services.catalog.errors import PublicationRefused
from services.catalog.events import ItemScheduled
from services.catalog.life_errors import BeginsInThePast, ItemEnded, VersionAhead, said
from services.catalog.rules.content import ItemContent
from services.catalog.rules.life import may_begin
from services.catalog.rules.publication import Finding, findings
from services.catalog.store import lives


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a version comes from: `loaded` as approved elsewhere, or `drafted` and reviewed here. Hands are `hands.hand_of`."""

    origin: str
    written_by: Sequence[str]
    reviewed_by: str | None
    published_by: str


@dataclass(frozen=True, slots=True)
class Published:
    version_id: UUID
    version_number: int
    effective_from: datetime
    is_new: bool


async def publish_version(local_code: str, item: ItemContent, tx: WriteTx, *, begins: datetime | None, provenance: Provenance) -> Published:
    """The content of the newest version again changes nothing. `begins` None is now.

    Raises ItemEnded, BeginsInThePast, VersionAhead, PublicationRefused.
    """
    digest = digest_of(item)
    known = await store.lock_item(tx, local_code)
    newest = await lives.newest_version(tx, local_code)
    if newest is not None and known is not None and bytes(known["digest"]) == digest:
        return Published(newest["id"], newest["number"], newest["effective_from"], is_new=False)
    await _refuse_ended(tx, local_code)
    starts = begins or tx.now
    _refuse_instant(starts, newest, tx.now)
    await refuse_unlawful(item, tx)
    version_id, number = tx.clock.new_id(), await lives.last_number(tx, local_code) + 1
    if known is None:
        await store.add_item(tx, local_code=local_code, version_id=version_id, digest=digest, **shown_of(item))
    else:
        await store.save_digest(tx, local_code, digest)
    await store.add_version(
        tx,
        version_id=version_id,
        local_code=local_code,
        number=number,
        content=item.model_dump(mode="json"),
        effective_from=starts,
        origin=provenance.origin,
        written_by=list(provenance.written_by),
        reviewed_by=provenance.reviewed_by,
        published_by=provenance.published_by,
    )
    if starts > tx.now:
        state = await state_of(tx, local_code, item, version_id=version_id, number=number, published_at=tx.now, effective_from=starts)
        tx.emit(ItemScheduled(**state))
    await settle_item(local_code, tx)
    return Published(version_id, number, starts, is_new=True)


def digest_of(item: ItemContent) -> bytes:
    """Names what an item says: defaults spelled out or left out are the same."""
    return hashlib.sha256(orjson.dumps(item.model_dump(mode="json", exclude_defaults=True))).digest()


async def all_findings(item: ItemContent, tx: ReadTx) -> list[Finding]:
    """Everything that stands against publishing the item, here and now."""
    found = findings(item, await store.obtainable(tx))
    if not await store.region_exists(tx, item.region_code):
        found.append(
            Finding("/region_code", "region-unknown", "没有这个区划，请先载入区划", "There is no such region; load the regions first.")
        )
    return found


async def refuse_unlawful(item: ItemContent, tx: ReadTx) -> None:
    """Raises PublicationRefused with every failure."""
    found = await all_findings(item, tx)
    if found:
        raise PublicationRefused(errors=[FieldError(f.pointer, f.rule, Text(f.zh, f.en)) for f in found])


async def _refuse_ended(tx: ReadTx, local_code: str) -> None:
    standings = await lives.list_standings(tx, local_code)
    ended = next((row for row in standings if row["state"] == "withdrawn"), None)
    if ended is not None:
        raise ItemEnded(local_code=local_code, since=said(ended["since"]))


def _refuse_instant(starts: datetime, newest: RowMapping | None, now: datetime) -> None:
    if starts < now:
        raise BeginsInThePast()
    if newest is not None and not may_begin(starts, newest["effective_from"], now):
        facts = {"version_id": newest["id"], "version_number": newest["number"]}
        raise VersionAhead(effective_from=said(newest["effective_from"]), **facts)

"""Publish an item: the same content again changes nothing, other content becomes the next version."""

from dataclasses import dataclass
import hashlib
from uuid import UUID

import orjson

from chassis.database import WriteTx
from chassis.problems import FieldError, Text
from services.catalog import store
from services.catalog.commands.index_item import filtered_by, index_item
from services.catalog.errors import PublicationRefused
from services.catalog.events import AuthorityPart, ItemPublished, LimitPart, StepPart
from services.catalog.queries.check_authority import check_authority
from services.catalog.rules.content import ItemContent
from services.catalog.rules.publication import Finding, findings


@dataclass(frozen=True, slots=True)
class Published:
    version_id: UUID
    version_number: int
    is_new: bool


async def publish_item(local_code: str, item: ItemContent, tx: WriteTx, *, publisher: str) -> Published:
    """Raises PublicationRefused with every failure."""
    digest = hashlib.sha256(orjson.dumps(item.model_dump(mode="json", exclude_defaults=True))).digest()
    current = await store.lock_item(tx, local_code)
    if current is not None and bytes(current["digest"]) == digest:
        return Published(current["version_id"], current["version_number"], is_new=False)
    await _refuse_unlawful(item, tx)
    version_id, number = tx.clock.new_id(), (current["version_number"] if current else 0) + 1
    await store.save_current_item(
        tx,
        local_code=local_code,
        version_id=version_id,
        version_number=number,
        digest=digest,
        summary=item.model_dump(mode="json", include={"name", "name_en", "authority", "item_type", "kind", "promised_limit"}),
        filtered=filtered_by(item),
    )
    await index_item(local_code, item, tx)
    content = item.model_dump(mode="json")
    await store.add_version(tx, version_id=version_id, local_code=local_code, number=number, content=content, published_by=publisher)
    tx.emit(_published(local_code, item, version_id, number, tx))
    return Published(version_id, number, is_new=True)


async def _refuse_unlawful(item: ItemContent, tx: WriteTx) -> None:
    found = [*findings(item, await store.obtainable(tx)), *await check_authority(item, tx)]
    if not await store.region_exists(tx, item.region_code):
        found.append(
            Finding("/region_code", "region-unknown", "没有这个区划，请先载入区划", "There is no such region; load the regions first.")
        )
    if found:
        raise PublicationRefused(errors=[FieldError(f.pointer, f.rule, Text(f.zh, f.en)) for f in found])


def _published(local_code: str, item: ItemContent, version_id: UUID, number: int, tx: WriteTx) -> ItemPublished:
    statutory = item.statutory_limit
    return ItemPublished(
        local_code=local_code,
        base_code=item.base_code,
        implementation_code=item.implementation_code,
        version_id=version_id,
        version_number=number,
        name=item.name,
        name_en=item.name_en,
        authority=AuthorityPart(code=item.authority.code, name=item.authority.name),
        region_code=item.region_code,
        item_type=item.item_type,
        kind=item.kind,
        statutory_limit=LimitPart(days=statutory.days, unit=statutory.unit) if statutory else None,
        promised_limit=LimitPart(days=item.promised_limit.days, unit=item.promised_limit.unit),
        process=[StepPart(key=s.key, name=s.name, post=s.post, grade=s.grade, kind=s.kind) for s in item.process],
        result_type_code=item.result_type_code,
        result_validity_months=item.result_validity_months,
        published_at=tx.now,
    )

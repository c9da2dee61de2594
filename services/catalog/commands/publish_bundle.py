"""Publish a bundle: the same again changes nothing; other words, or items that changed since, become the next version."""

from dataclasses import dataclass
import hashlib
from typing import Any
from uuid import UUID

import orjson

from chassis.database import WriteTx
from chassis.edge import check_version
from chassis.problems import FieldError, Text
from services.catalog.errors import BundleRefused
from services.catalog.events import AuthorityPart, BundleChanged, BundleFieldPart, BundleItemPart, BundleMaterialPart
from services.catalog.queries.assemble_bundle import assemble_bundle
from services.catalog.rules.bundle import BundleContent, BundleGuide
from services.catalog.store import bundles as store_bundles

_TOLD = set(BundleMaterialPart.model_fields)
"""What is said of a material to people alone is read in the guide."""


@dataclass(frozen=True, slots=True)
class PublishedBundle:
    """`revision` is what changes are made against; it goes up with a withdrawal as well."""

    version_id: UUID
    version_number: int
    revision: int
    is_new: bool


async def publish_bundle(code: str, said: BundleContent, tx: WriteTx, *, publisher: str, seen: int | None) -> PublishedBundle:
    """Raises BundleRefused with every reason, PreconditionFailed where somebody changed it since `seen`."""
    current = await store_bundles.lock_bundle(tx, code)
    if seen is not None:
        check_version(seen, current["revision"] if current else 0)
    assembled = await assemble_bundle(said, tx)
    if assembled.findings or assembled.guide is None:
        raise BundleRefused(errors=[FieldError(f.pointer, f.rule, _literal(f.zh, f.en)) for f in assembled.findings])
    content, guide = said.model_dump(mode="json"), assembled.guide.model_dump(mode="json")
    digest = hashlib.sha256(orjson.dumps([content, guide])).digest()
    if current is not None and current["withdrawn_at"] is None and bytes(current["digest"]) == digest:
        return PublishedBundle(current["version_id"], current["version_number"], current["revision"], is_new=False)
    version_id, number = tx.clock.new_id(), (current["version_number"] if current else 0) + 1
    values = {
        "version_id": version_id,
        "version_number": number,
        "digest": digest,
        "region_code": said.region_code,
        "summary": _summary(said, assembled.guide),
    }
    revision = await store_bundles.save_bundle(tx, code, values)
    version = {"id": version_id, "code": code, "number": number, "content": content, "guide": guide, "published_by": publisher}
    await store_bundles.add_version(tx, version, {one.local_code: one.version_id for one in assembled.guide.items})
    tx.emit(bundle_changed(code, said, assembled.guide, version_id=version_id, version_number=number, tx=tx))
    return PublishedBundle(version_id, number, revision, is_new=True)


def bundle_changed(
    code: str, said: BundleContent, guide: BundleGuide, *, version_id: UUID, version_number: int, tx: WriteTx, withdrawn: str | None = None
) -> BundleChanged:
    """The event of how a bundle stands; `withdrawn` is why it ended."""
    return BundleChanged(
        code=code,
        version_id=version_id,
        version_number=version_number,
        state="published" if withdrawn is None else "withdrawn",
        withdrawn_because=withdrawn,
        name=said.name,
        name_en=said.name_en,
        authority=AuthorityPart(code=said.authority.code, name=said.authority.name),
        region_code=said.region_code,
        items=[
            BundleItemPart(
                local_code=one.local_code,
                version_id=one.version_id,
                version_number=one.version_number,
                after=one.after,
                stage=one.stage,
                needed_when=one.needed_when,
            )
            for one in guide.items
        ],
        materials=[BundleMaterialPart.model_validate(one.model_dump(include=_TOLD)) for one in guide.materials],
        fields=[BundleFieldPart.model_validate(one.model_dump()) for one in guide.fields],
        form=guide.form,
        overall_days=guide.overall_limit.days,
        changed_at=tx.now,
    )


def _summary(said: BundleContent, guide: BundleGuide) -> dict[str, Any]:
    return {
        **said.model_dump(mode="json", include={"name", "name_en", "authority"}),
        "item_count": len(guide.items),
        "overall_limit": guide.overall_limit.model_dump(mode="json"),
    }


def _literal(zh: str, en: str) -> Text:
    """Braces in an item's own words are no places to fill in."""
    return Text(*(sentence.replace("{", "{{").replace("}", "}}") for sentence in (zh, en)))

"""Every SQL statement about bundles."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, bindparam, exists, func, select
from sqlalchemy.dialects.postgresql import insert

from chassis.database import ReadTx, WriteTx
from services.catalog.tables import bundle_members, bundle_versions, bundles, item_versions, items

_STANDING = (
    bundles.c.code,
    bundles.c.version_id,
    bundles.c.version_number,
    bundles.c.revision,
    bundles.c.digest,
    bundles.c.region_code,
    bundles.c.summary,
    bundles.c.withdrawn_at,
    bundles.c.withdrawn_because,
)
_WHOLE = (
    bundle_versions.c.code,
    bundle_versions.c.number,
    bundle_versions.c.content,
    bundle_versions.c.guide,
    bundle_versions.c.published_at,
)


def _is_outdated() -> ColumnElement[bool]:
    """An item of it has another version in force than the one the bundle was made of, or none."""
    same = exists().where(
        items.c.is_listed, items.c.local_code == bundle_members.c.local_code, items.c.version_id == bundle_members.c.version_id
    )
    return exists().where(bundle_members.c.code == bundles.c.code, ~same)


async def items_in_force(tx: ReadTx, codes: Sequence[str]) -> Sequence[RowMapping]:
    """The version in force of each of these items that has one, with what it says."""
    found = select(items.c.local_code, items.c.version_id, items.c.version_number, item_versions.c.content)
    found = found.join(item_versions, item_versions.c.id == items.c.version_id)
    return await tx.all(found.where(items.c.is_listed, items.c.local_code == func.any(bindparam("codes", list(codes), unique=True))))


async def lock_bundle(tx: WriteTx, code: str) -> RowMapping | None:
    """Wait for the right to change this bundle, which may not exist yet."""
    await tx.scalar(select(func.pg_advisory_xact_lock(func.hashtextextended(f"bundle:{code}", 0))))
    return await tx.one_or_none(select(*_STANDING).where(bundles.c.code == code).with_for_update())


async def bundle(tx: ReadTx, code: str) -> RowMapping | None:
    """How a bundle stands, and whether its items have changed since."""
    return await tx.one_or_none(select(*_STANDING, _is_outdated().label("is_outdated")).where(bundles.c.code == code))


async def list_bundles(
    tx: ReadTx, *, regions: Sequence[str] | None, item: str | None, is_outdated: bool | None, after: str | None, limit: int
) -> Sequence[RowMapping]:
    """Those in force, by code."""
    statement = select(*_STANDING, _is_outdated().label("is_outdated")).where(bundles.c.withdrawn_at.is_(None))
    if regions is not None:
        statement = statement.where(bundles.c.region_code == func.any(bindparam("regions", list(regions), unique=True)))
    if item is not None:
        statement = statement.where(exists().where(bundle_members.c.code == bundles.c.code, bundle_members.c.local_code == item))
    if is_outdated is not None:
        statement = statement.where(_is_outdated() if is_outdated else ~_is_outdated())
    if after is not None:
        statement = statement.where(bundles.c.code > after)
    return await tx.all(statement.order_by(bundles.c.code).limit(limit))


async def bundle_codes(tx: ReadTx, *, after: str | None, limit: int) -> list[str]:
    """Of all bundles, withdrawn ones too."""
    statement = select(bundles.c.code) if after is None else select(bundles.c.code).where(bundles.c.code > after)
    return [row.code for row in await tx.rows(statement.order_by(bundles.c.code).limit(limit))]


async def bundle_version(tx: ReadTx, version_id: UUID) -> RowMapping | None:
    return await tx.one_or_none(select(*_WHOLE).where(bundle_versions.c.id == version_id))


async def list_versions(tx: ReadTx, code: str, *, after: int | None, limit: int) -> Sequence[RowMapping]:
    """Newest first."""
    columns = (bundle_versions.c.id, bundle_versions.c.number, bundle_versions.c.published_at, bundle_versions.c.published_by)
    statement = select(*columns).where(bundle_versions.c.code == code)
    if after is not None:
        statement = statement.where(bundle_versions.c.number < after)
    return await tx.all(statement.order_by(bundle_versions.c.number.desc()).limit(limit))


async def changed_members(tx: ReadTx, code: str) -> list[str]:
    """The items whose version in force is not the one that the bundle was made of."""
    same = exists().where(
        items.c.is_listed, items.c.local_code == bundle_members.c.local_code, items.c.version_id == bundle_members.c.version_id
    )
    statement = select(bundle_members.c.local_code).where(bundle_members.c.code == code, ~same)
    return [row.local_code for row in await tx.rows(statement.order_by(bundle_members.c.local_code))]


async def bundles_with(tx: ReadTx, local_codes: Sequence[str]) -> dict[str, list[RowMapping]]:
    """The bundles in force that each of these items is in, by the item's code."""
    statement = (
        select(bundle_members.c.local_code, bundles.c.code, bundles.c.summary)
        .join(bundles, bundles.c.code == bundle_members.c.code)
        .where(
            bundle_members.c.local_code == func.any(bindparam("codes", list(local_codes), unique=True)), bundles.c.withdrawn_at.is_(None)
        )
        .order_by(bundles.c.code)
    )
    found: dict[str, list[RowMapping]] = {code: [] for code in local_codes}
    for row in await tx.all(statement):
        found[row["local_code"]].append(row)
    return found


async def save_bundle(tx: WriteTx, code: str, values: Mapping[str, Any]) -> int:
    """What is in force from now on; answers the revision it has now."""
    facts = {**values, "withdrawn_at": None, "withdrawn_because": None}
    statement = insert(bundles).values(code=code, revision=1, **facts)
    saved = statement.on_conflict_do_update(index_elements=["code"], set_={**facts, "revision": bundles.c.revision + 1})
    revision: int = await tx.scalar(saved.returning(bundles.c.revision))
    return revision


async def add_version(tx: WriteTx, version: Mapping[str, Any], members: Mapping[str, UUID]) -> None:
    """The version, and its items as the ones that the bundle has now."""
    await tx.execute(insert(bundle_versions).values(**version, published_at=tx.now))
    await tx.execute(bundle_members.delete().where(bundle_members.c.code == version["code"]))
    rows = [{"code": version["code"], "local_code": local_code, "version_id": of_item} for local_code, of_item in members.items()]
    await tx.execute(insert(bundle_members), rows)


async def withdraw(tx: WriteTx, code: str, *, because: str) -> int:
    """Answers the revision it has now."""
    ended = {"withdrawn_at": tx.now, "withdrawn_because": because, "revision": bundles.c.revision + 1}
    revision: int = await tx.scalar(bundles.update().where(bundles.c.code == code).values(**ended).returning(bundles.c.revision))
    return revision

"""Every SQL statement of catalog."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, cast, func, select, text, update
from sqlalchemy.dialects.postgresql import TSVECTOR, insert

from chassis.database import ReadTx, WriteTx
from services.catalog.rules.publication import Obtainable
from services.catalog.tables import calendar_years, item_versions, items, obtainable_materials, regions
from standards.working_days import WorkingCalendar, YearExceptions

_GUIDE = (
    item_versions.c.local_code,
    item_versions.c.id.label("version_id"),
    item_versions.c.number.label("version_number"),
    item_versions.c.published_at,
    item_versions.c.effective_from,
    item_versions.c.content,
)


async def lock_item(tx: WriteTx, local_code: str) -> RowMapping | None:
    """Wait for the right to change this item, which may not exist yet; answers what the index shows of it."""
    await tx.scalar(select(func.pg_advisory_xact_lock(func.hashtextextended(local_code, 0))))
    columns = (items.c.version_id, items.c.version_number, items.c.digest, items.c.is_listed, items.c.standing)
    return await tx.one_or_none(select(*columns).where(items.c.local_code == local_code).with_for_update())


async def add_item(
    tx: WriteTx, *, local_code: str, version_id: UUID, digest: bytes, summary: Mapping[str, Any], filtered: Mapping[str, Any]
) -> None:
    """An item with its first version, which the index does not show before it is in force."""
    unindexed = {"called": [], "lines": [], "document": cast("", TSVECTOR), "index_version": 0, "is_listed": False, "standing": "active"}
    first = {"version_id": version_id, "version_number": 1, "digest": digest, "summary": summary}
    await tx.execute(insert(items).values(local_code=local_code, **first, **filtered, **unindexed))


async def save_digest(tx: WriteTx, local_code: str, digest: bytes) -> None:
    """What the newest version says, whether or not it is in force yet."""
    await tx.execute(update(items).where(items.c.local_code == local_code).values(digest=digest))


async def show_version(tx: WriteTx, local_code: str, *, version_id: UUID, version_number: int, summary: Mapping[str, Any]) -> None:
    """The version that the index shows from now on; its entry is saved after it (`finding.save_index_entry`)."""
    shown = {"version_id": version_id, "version_number": version_number, "summary": summary, "is_listed": True}
    await tx.execute(update(items).where(items.c.local_code == local_code).values(**shown))


async def add_version(
    tx: WriteTx, *, version_id: UUID, local_code: str, number: int, content: Mapping[str, Any], **provenance: Any
) -> None:
    values = {"id": version_id, "local_code": local_code, "number": number, "content": content, "published_at": tx.now}
    await tx.execute(insert(item_versions).values(**values, **provenance))


async def guide_of_version(tx: ReadTx, version_id: UUID) -> RowMapping | None:
    return await tx.one_or_none(select(*_GUIDE).where(item_versions.c.id == version_id))


async def region_exists(tx: ReadTx, code: str) -> bool:
    return await tx.scalar(select(regions.c.code).where(regions.c.code == code)) is not None


async def known_regions(tx: ReadTx, codes: Sequence[str]) -> set[str]:
    return {row.code for row in await tx.rows(select(regions.c.code).where(regions.c.code.in_(codes)))}


async def save_regions(tx: WriteTx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert or rename, all in one statement."""
    statement = insert(regions).values(list(rows))
    renamed = {name: statement.excluded[name] for name in ("name", "level", "parent_code")}
    await tx.execute(statement.on_conflict_do_update(index_elements=["code"], set_=renamed))


async def list_regions(tx: ReadTx, *, parent: str | None, after: str | None, limit: int) -> Sequence[RowMapping]:
    """The regions directly under a parent, or those at the top, by code."""
    statement = select(regions.c.code, regions.c.name, regions.c.level, regions.c.parent_code).where(regions.c.parent_code == parent)
    if after is not None:
        statement = statement.where(regions.c.code > after)
    return await tx.all(statement.order_by(regions.c.code).limit(limit))


async def lock_calendar_year(tx: WriteTx, year: int) -> RowMapping | None:
    """Wait for the right to load this year, which may not be there yet."""
    await tx.scalar(select(func.pg_advisory_xact_lock(func.hashtextextended(f"calendar:{year}", 0))))
    return await calendar_year(tx, year)


async def calendar_year(tx: ReadTx, year: int) -> RowMapping | None:
    return await tx.one_or_none(select(calendar_years).where(calendar_years.c.year == year))


async def save_calendar_year(tx: WriteTx, *, year: int, holidays: Sequence[date], workdays: Sequence[date], source: str) -> None:
    values = {"holidays": holidays, "workdays": workdays, "source": source, "loaded_at": tx.now}
    await tx.execute(insert(calendar_years).values(year=year, **values).on_conflict_do_update(index_elements=["year"], set_=values))


async def working_calendar(tx: ReadTx, *, since: int) -> WorkingCalendar:
    """The loaded years from one on."""
    rows = await tx.all(
        select(calendar_years.c.year, calendar_years.c.holidays, calendar_years.c.workdays).where(calendar_years.c.year >= since)
    )
    return WorkingCalendar({row["year"]: YearExceptions(frozenset(row["holidays"]), frozenset(row["workdays"])) for row in rows})


async def save_obtainable_material(tx: WriteTx, *, code: str, source: str, names: Sequence[str]) -> bool:
    """True when it is new."""
    values = {"source": source, "names": list(names)}
    statement = insert(obtainable_materials).values(code=code, **values).on_conflict_do_update(index_elements=["code"], set_=values)
    is_new: bool = await tx.scalar(statement.returning(text("xmax = 0")))
    return is_new


async def list_obtainable_materials(tx: ReadTx, *, after: str | None, limit: int) -> Sequence[RowMapping]:
    statement = select(obtainable_materials.c.code, obtainable_materials.c.source, obtainable_materials.c.names)
    if after is not None:
        statement = statement.where(obtainable_materials.c.code > after)
    return await tx.all(statement.order_by(obtainable_materials.c.code).limit(limit))


async def obtainable(tx: ReadTx) -> list[Obtainable]:
    """All that the network can supply; a city has some hundred certificate types."""
    rows = await tx.all(select(obtainable_materials.c.code, obtainable_materials.c.names))
    return [Obtainable(row["code"], tuple(row["names"])) for row in rows]

"""Every SQL statement of catalog."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, cast, func, literal, select, text
from sqlalchemy.dialects.postgresql import TSVECTOR, insert

from chassis.database import ReadTx, WriteTx
from services.catalog.rules.finding import IndexEntry, Query
from services.catalog.rules.publication import Obtainable
from services.catalog.tables import calendar_years, item_versions, items, obtainable_materials, regions
from standards.working_days import WorkingCalendar, YearExceptions

_GUIDE = (
    item_versions.c.local_code,
    item_versions.c.id.label("version_id"),
    item_versions.c.number.label("version_number"),
    item_versions.c.published_at,
    item_versions.c.content,
)

# Tier 3: the item's own name. 2: a whole phrase or reading. 1: a phrase inside the query or the other way round, nearer in length first.
SEARCH = text("""
    SELECT score, local_code, version_id, version_number, region_code, summary
    FROM (
        SELECT *, tier * 10000000 + CASE tier WHEN 1 THEN nearness ELSE covered * 1000 / CAST(:terms_asked AS int) END * 1000
            + least(999, ts_rank(document, any_term) * 1000)::int AS score
        FROM (
            SELECT i.*, any_term, inside.nearness,
                CASE
                    WHEN i.phrases[1] = ANY (CAST(:forms AS text[])) THEN 3
                    WHEN i.phrases && CAST(:forms AS text[]) OR i.readings && CAST(:forms AS text[]) THEN 2
                    WHEN inside.nearness IS NOT NULL THEN 1
                    ELSE 0
                END AS tier,
                (SELECT count(*) FROM unnest(CAST(:terms AS text[])) term WHERE i.document @@ term::tsquery)::int AS covered
            FROM items i
            CROSS JOIN CAST(:any_term AS tsquery) any_term
            CROSS JOIN LATERAL (
                SELECT max(least(length(phrase), length(form)) * 1000 / greatest(length(phrase), length(form))) AS nearness
                FROM unnest(i.phrases) phrase, unnest(CAST(:han_forms AS text[])) form
                WHERE least(length(phrase), length(form)) > 1 AND (strpos(phrase, form) > 0 OR strpos(form, phrase) > 0)
            ) inside
            WHERE i.document @@ any_term AND (CAST(:regions AS text[]) IS NULL OR i.region_code = ANY (CAST(:regions AS text[])))
        ) matched
        WHERE tier > 0 OR covered * 2 >= CAST(:terms_asked AS int)
    ) scored
    WHERE CAST(:after_score AS int) IS NULL OR (-score, local_code) > (-CAST(:after_score AS int), CAST(:after_code AS text))
    ORDER BY score DESC, local_code
    LIMIT :limit
""")


async def lock_item(tx: WriteTx, local_code: str) -> RowMapping | None:
    """Wait for the right to publish this item, which may not exist yet; answers its current version and digest."""
    await tx.scalar(select(func.pg_advisory_xact_lock(func.hashtextextended(local_code, 0))))
    return await tx.one_or_none(
        select(items.c.version_id, items.c.version_number, items.c.digest).where(items.c.local_code == local_code).with_for_update()
    )


async def save_current_item(
    tx: WriteTx,
    *,
    local_code: str,
    version_id: UUID,
    version_number: int,
    digest: bytes,
    region_code: str,
    summary: Mapping[str, Any],
    index: IndexEntry,
) -> None:
    values = {
        "version_id": version_id,
        "version_number": version_number,
        "digest": digest,
        "region_code": region_code,
        "summary": summary,
        "phrases": index.phrases,
        "readings": index.readings,
        "document": cast(index.document, TSVECTOR),
    }
    await tx.execute(
        insert(items).values(local_code=local_code, **values).on_conflict_do_update(index_elements=["local_code"], set_=values)
    )


async def add_version(
    tx: WriteTx, *, version_id: UUID, local_code: str, number: int, content: Mapping[str, Any], published_by: str
) -> None:
    await tx.execute(
        insert(item_versions).values(
            id=version_id, local_code=local_code, number=number, content=content, published_at=tx.now, published_by=published_by
        )
    )


async def current_version_number(tx: ReadTx, local_code: str) -> int | None:
    number: int | None = await tx.scalar(select(items.c.version_number).where(items.c.local_code == local_code))
    return number


async def guide_of_number(tx: ReadTx, local_code: str, number: int) -> RowMapping:
    return await tx.one(select(*_GUIDE).where(item_versions.c.local_code == local_code, item_versions.c.number == number))


async def guide_of_version(tx: ReadTx, version_id: UUID) -> RowMapping | None:
    return await tx.one_or_none(select(*_GUIDE).where(item_versions.c.id == version_id))


async def list_items(tx: ReadTx, *, region_codes: Sequence[str] | None, after: str | None, limit: int) -> Sequence[RowMapping]:
    """Current items by local code, each with a `score` of 0."""
    score = literal(0).label("score")
    statement = select(items.c.local_code, items.c.version_id, items.c.version_number, items.c.region_code, items.c.summary, score)
    if region_codes is not None:
        statement = statement.where(items.c.region_code.in_(region_codes))
    if after is not None:
        statement = statement.where(items.c.local_code > after)
    return await tx.all(statement.order_by(items.c.local_code).limit(limit))


async def search_items(
    tx: ReadTx, query: Query, *, region_codes: Sequence[str] | None, after: tuple[int, str] | None, limit: int
) -> Sequence[RowMapping]:
    """Current items that match, best first; each row has its `score`. At least half of the terms must match, or a phrase."""
    return await tx.all(SEARCH, search_parameters(query, region_codes=region_codes, after=after, limit=limit))


def search_parameters(query: Query, *, region_codes: Sequence[str] | None, after: tuple[int, str] | None, limit: int) -> dict[str, Any]:
    """What `SEARCH` is told; `query` has at least one term."""
    return {
        "forms": query.forms,
        "han_forms": query.han_forms,
        "terms": query.terms,
        "terms_asked": len(query.terms),
        "any_term": " | ".join(query.terms),
        "regions": list(region_codes) if region_codes is not None else None,
        "after_score": after[0] if after else None,
        "after_code": after[1] if after else None,
        "limit": limit,
    }


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

"""Every SQL statement about regions, what became of their codes, and departments."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import BindParameter, RowMapping, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import insert

from chassis.database import ReadTx, WriteTx
from services.catalog.rules.region_history import RegionChange
from services.catalog.rules.regions import subtree_bounds
from services.catalog.tables import departments, region_changes, regions

_REGION = (regions.c.code, regions.c.name, regions.c.level, regions.c.parent_code, regions.c.ended_on)

_SAVE = text("""
    INSERT INTO regions (code, name, level, parent_code, ended_on)
    SELECT code, name, level, parent_code, NULL
    FROM unnest(CAST(:codes AS text[]), CAST(:names AS text[]), CAST(:levels AS smallint[]), CAST(:parents AS text[]))
        AS given (code, name, level, parent_code)
    ON CONFLICT (code) DO UPDATE SET name = excluded.name, level = excluded.level, parent_code = excluded.parent_code, ended_on = NULL
""")
_ADD_CHANGES = text("""
    INSERT INTO region_changes (id, effective_on, kind, old_code, old_name, new_code, new_name)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:days AS date[]), CAST(:kinds AS text[]), CAST(:old_codes AS text[]),
        CAST(:old_names AS text[]), CAST(:new_codes AS text[]), CAST(:new_names AS text[]))
    ON CONFLICT DO NOTHING
""")
# What a code may have become, step by step; a change is passed once.
REACHABLE = text("""
    WITH RECURSIVE way AS (
        SELECT effective_on, kind, old_code, old_name, new_code, new_name FROM region_changes WHERE old_code = ANY(CAST(:codes AS text[]))
        UNION
        SELECT c.effective_on, c.kind, c.old_code, c.old_name, c.new_code, c.new_name
        FROM region_changes c JOIN way ON c.old_code = way.new_code AND way.old_code <> way.new_code AND way.kind <> 'reassigned'
    )
    SELECT * FROM way
""")


async def lock_regions(tx: WriteTx) -> None:
    """Wait for the right to change regions or to tell of them."""
    await tx.scalar(select(func.pg_advisory_xact_lock(func.hashtextextended("regions", 0))))


async def save_regions(tx: WriteTx, rows: Sequence[tuple[str, str, int, str | None]]) -> None:
    """Enter or rename (code, name, level, parent); what is entered goes on, also where it had ended."""
    columns = dict(zip(("codes", "names", "levels", "parents"), map(list, zip(*rows, strict=True)), strict=True))
    await tx.execute(_SAVE, columns)


async def end_regions(tx: WriteTx, ends: Iterable[tuple[str, date]]) -> None:
    rows = [{"ended": code, "day": day} for code, day in ends]
    if rows:
        await tx.execute(regions.update().where(regions.c.code == bindparam("ended")).values(ended_on=bindparam("day")), rows)


async def regions_of(tx: ReadTx, codes: Iterable[str]) -> dict[str, RowMapping]:
    """Those of these codes that have a row, ended or not."""
    known = regions.c.code == func.any(bindparam("codes", sorted(set(codes)), unique=True))
    return {row["code"]: row for row in await tx.all(select(*_REGION).where(known))}


async def list_children(tx: ReadTx, *, parent: str | None, with_ended: bool, after: str | None, limit: int) -> Sequence[RowMapping]:
    """The regions directly under a parent, or those at the top, by code."""
    statement = select(*_REGION).where(regions.c.parent_code == parent)
    if not with_ended:
        statement = statement.where(regions.c.ended_on.is_(None))
    if after is not None:
        statement = statement.where(regions.c.code > after)
    return await tx.all(statement.order_by(regions.c.code).limit(limit))


async def list_subtree(
    tx: ReadTx, *, under: str | None, level: int | None, with_ended: bool, after: str | None, limit: int
) -> Sequence[RowMapping]:
    """A region and all below it, or the whole country, by code."""
    statement = select(*_REGION)
    if under is not None:
        first, last = subtree_bounds(under)
        statement = statement.where(regions.c.code.between(first, last))
    if level is not None:
        statement = statement.where(regions.c.level == level)
    if not with_ended:
        statement = statement.where(regions.c.ended_on.is_(None))
    if after is not None:
        statement = statement.where(regions.c.code > after)
    return await tx.all(statement.order_by(regions.c.code).limit(limit))


async def add_changes(tx: WriteTx, changes: Sequence[RegionChange]) -> int:
    """How many were not known before."""
    columns = {
        "ids": [tx.clock.new_id() for _ in changes],
        "days": [one.effective_on for one in changes],
        "kinds": [one.kind for one in changes],
        "old_codes": [one.old_code for one in changes],
        "old_names": [one.old_name for one in changes],
        "new_codes": [one.new_code for one in changes],
        "new_names": [one.new_name for one in changes],
    }
    return await tx.execute(_ADD_CHANGES, columns)


async def changes_of(tx: ReadTx, codes: Iterable[str]) -> list[RegionChange]:
    """All that touch one of these codes, the earliest first."""
    table = region_changes.c
    meant: BindParameter[list[str]] = bindparam("codes", sorted(set(codes)), unique=True)
    statement = select(region_changes).where((table.old_code == func.any(meant)) | (table.new_code == func.any(meant)))
    return [_change(row) for row in await tx.all(statement.order_by(table.effective_on, table.old_code, table.new_code))]


async def reachable_changes(tx: ReadTx, codes: Iterable[str]) -> list[RegionChange]:
    """All that may lie on the way from these codes to what they are now."""
    return [_change(row) for row in await tx.all(REACHABLE, {"codes": sorted(set(codes))})]


def _change(row: RowMapping) -> RegionChange:
    return RegionChange(row["effective_on"], row["kind"], row["old_code"], row["old_name"], row["new_code"], row["new_name"])


async def lock_department(tx: WriteTx, code: str) -> int:
    """The version known of a department, which may not be there yet; 0 for none."""
    await tx.scalar(select(func.pg_advisory_xact_lock(func.hashtextextended(f"department:{code}", 0))))
    version: int | None = await tx.scalar(select(departments.c.version).where(departments.c.code == code))
    return version or 0


async def save_department(
    tx: WriteTx, *, code: str, name: str, name_en: str | None, region_code: str, parent_code: str | None, version: int
) -> None:
    facts = {"name": name, "name_en": name_en, "region_code": region_code, "parent_code": parent_code, "version": version}
    statement = insert(departments).values(code=code, **facts, heard_at=tx.now)
    await tx.execute(statement.on_conflict_do_update(index_elements=["code"], set_={**facts, "heard_at": tx.now}))


async def department(tx: ReadTx, code: str) -> RowMapping | None:
    return await tx.one_or_none(select(departments).where(departments.c.code == code))


async def list_departments(tx: ReadTx, *, under: str | None, after: str | None, limit: int) -> Sequence[RowMapping]:
    """Of a region and all below it, or all of them, by code."""
    statement = select(departments)
    if under is not None:
        first, last = subtree_bounds(under)
        statement = statement.where(departments.c.region_code.between(first, last))
    if after is not None:
        statement = statement.where(departments.c.code > after)
    return await tx.all(statement.order_by(departments.c.code).limit(limit))


async def has_departments(tx: ReadTx, region_code: str) -> bool:
    return await tx.scalar(select(departments.c.code).where(departments.c.region_code == region_code).limit(1)) is not None

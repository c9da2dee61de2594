"""Every SQL statement about the four lists."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping, bindparam, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert

from chassis.database import ReadTx, WriteTx
from services.catalog.rules.list_entry import ListEntry
from services.catalog.tables import list_editions, list_entries, list_entry_versions

# An entry and an item belong together by a local code that the entry names or has, or by a base code.
CARRYING_OUT = text("""
    SELECT i.local_code, i.summary FROM list_entries e JOIN items i ON i.is_listed AND (i.local_code = ANY (e.item_codes) OR i.local_code = e.code)
    WHERE e.kind = :kind AND e.region_code = :region AND e.code = :code
    UNION
    SELECT i.local_code, i.summary FROM list_entries e
    JOIN item_versions v ON v.content ->> 'base_code' = e.base_code
    JOIN items i ON i.is_listed AND i.version_id = v.id
    WHERE e.kind = :kind AND e.region_code = :region AND e.code = :code
    ORDER BY local_code
""")
# Powers and responsibilities stand behind every item that is no mere public service, fees behind every item that charges one;
# whoever is not on the negative list may act without asking, so nothing must be on it. A place below that has a list of its own
# answers for its own items.
GAPS = text("""
    SELECT * FROM (
        SELECT 'entry_without_item' AS gap, e.code, e.entry ->> 'name' AS name, e.department FROM list_entries e
        WHERE e.kind = :kind AND e.region_code = :region
        AND NOT EXISTS (SELECT FROM items i WHERE i.is_listed AND (i.local_code = ANY (e.item_codes) OR i.local_code = e.code))
        AND NOT EXISTS (
            SELECT FROM item_versions v JOIN items i ON i.version_id = v.id
            WHERE i.is_listed AND v.content ->> 'base_code' = e.base_code
        )
        UNION ALL
        SELECT 'item_without_entry', i.local_code, i.summary ->> 'name', i.summary -> 'authority' ->> 'name'
        FROM items i JOIN item_versions v ON v.id = i.version_id
        WHERE i.is_listed AND i.region_code BETWEEN :first AND :last
        AND NOT EXISTS (
            SELECT FROM unnest(CAST(:own_first AS text[]), CAST(:own_last AS text[])) AS own (first, last)
            WHERE i.region_code BETWEEN own.first AND own.last
        )
        AND CASE :kind WHEN 'negative' THEN false WHEN 'fee' THEN CAST(v.content -> 'fee' ->> 'is_charged' AS boolean)
            ELSE i.summary ->> 'item_type' <> '20' END
        AND NOT EXISTS (
            SELECT FROM list_entries e WHERE e.kind = :kind AND e.region_code = ANY (CAST(:above AS text[]))
            AND (e.item_codes @> ARRAY[i.local_code] OR e.code = i.local_code OR e.base_code = v.content ->> 'base_code')
        )
    ) gaps
    WHERE (CAST(:gap AS text) IS NULL OR gap = CAST(:gap AS text))
    AND (CAST(:department AS text) IS NULL OR department = CAST(:department AS text))
    AND (CAST(:after_gap AS text) IS NULL OR (gap, code) > (CAST(:after_gap AS text), CAST(:after_code AS text)))
    ORDER BY gap, code LIMIT :limit
""")

# Of every entry there ever was: the edition that last changed it, whether that removed it, and what it says or said last.
_LAST_KNOWN = text("""
    SELECT DISTINCT ON (v.kind, v.region_code, v.code) v.kind, v.region_code, v.code, e.number, e.issued_on, e.source, e.imported_at,
        v.entry IS NULL AS is_removed,
        coalesce(v.entry, (
            SELECT p.entry FROM list_entry_versions p
            WHERE p.kind = v.kind AND p.region_code = v.region_code AND p.code = v.code AND p.entry IS NOT NULL
            ORDER BY p.edition DESC LIMIT 1
        )) AS entry
    FROM list_entry_versions v
    JOIN list_editions e ON e.kind = v.kind AND e.region_code = v.region_code AND e.number = v.edition
    WHERE (v.kind, v.region_code, v.code) > (CAST(:kind AS text), CAST(:region AS text), CAST(:code AS text))
    ORDER BY v.kind, v.region_code, v.code, v.edition DESC
    LIMIT :limit
""")


async def lock_list(tx: WriteTx, kind: str, region: str) -> RowMapping | None:
    """Wait for the right to change a list; answers its newest edition."""
    await tx.scalar(select(func.pg_advisory_xact_lock(func.hashtextextended(f"list:{kind}:{region}", 0))))
    return await newest_edition(tx, kind, region)


async def newest_edition(tx: ReadTx, kind: str, region: str) -> RowMapping | None:
    statement = select(list_editions).where(list_editions.c.kind == kind, list_editions.c.region_code == region)
    return await tx.one_or_none(statement.order_by(list_editions.c.number.desc()).limit(1))


async def edition(tx: ReadTx, kind: str, region: str, number: int) -> RowMapping:
    table = list_editions.c
    return await tx.one(select(list_editions).where(table.kind == kind, table.region_code == region, table.number == number))


async def list_editions_of(tx: ReadTx, kind: str, region: str, *, after: int | None, limit: int) -> Sequence[RowMapping]:
    """Newest first."""
    statement = select(list_editions).where(list_editions.c.kind == kind, list_editions.c.region_code == region)
    if after is not None:
        statement = statement.where(list_editions.c.number < after)
    return await tx.all(statement.order_by(list_editions.c.number.desc()).limit(limit))


async def regions_with_lists(tx: ReadTx, kind: str, first: str, last: str) -> list[str]:
    """The regions between two codes that have a list of the kind."""
    table = list_editions.c
    statement = select(table.region_code).where(table.kind == kind, table.region_code.between(first, last)).distinct()
    return [row.region_code for row in await tx.rows(statement)]


async def entries_in_force(tx: ReadTx, kind: str, region: str) -> dict[str, Any]:
    """What each entry says, by code."""
    statement = select(list_entries.c.code, list_entries.c.entry)
    rows = await tx.rows(statement.where(list_entries.c.kind == kind, list_entries.c.region_code == region))
    return {row.code: row.entry for row in rows}


async def add_edition(tx: WriteTx, values: Mapping[str, Any], saved: Sequence[ListEntry], removed: Sequence[str]) -> None:
    """The edition, what it changes of the list, and how each of that was before and after, for ever."""
    await tx.execute(insert(list_editions).values(**values))
    of_list = {"kind": values["kind"], "region_code": values["region_code"]}
    versions = [{**of_list, "edition": values["number"], "code": one.code, "entry": one.as_json()} for one in saved]
    versions.extend({**of_list, "edition": values["number"], "code": code, "entry": None} for code in removed)
    if versions:
        await tx.execute(insert(list_entry_versions), versions)
    if removed:
        gone = list_entries.c.code == func.any(bindparam("codes", list(removed), unique=True))
        await tx.execute(
            list_entries.delete().where(list_entries.c.kind == values["kind"], list_entries.c.region_code == values["region_code"], gone)
        )
    if saved:
        statement = insert(list_entries)
        changed = {name: statement.excluded[name] for name in ("edition", "department", "base_code", "item_codes", "entry")}
        await tx.execute(
            statement.on_conflict_do_update(index_elements=["kind", "region_code", "code"], set_=changed),
            [
                {
                    **of_list,
                    "code": one.code,
                    "edition": values["number"],
                    "department": one.department,
                    "base_code": one.base_code,
                    "item_codes": list(one.items),
                    "entry": one.as_json(),
                }
                for one in saved
            ],
        )


async def list_entries_of(
    tx: ReadTx, kind: str, region: str, *, department: str | None, item: str | None, after: str | None, limit: int
) -> Sequence[RowMapping]:
    """What is in force, by code; `item` narrows to entries that name it or have its code."""
    table = list_entries.c
    statement = select(table.code, table.edition, table.entry).where(table.kind == kind, table.region_code == region)
    if department is not None:
        statement = statement.where(table.department == department)
    if item is not None:
        statement = statement.where(or_(table.item_codes.contains([item]), table.code == item))
    if after is not None:
        statement = statement.where(table.code > after)
    return await tx.all(statement.order_by(table.code).limit(limit))


async def entry(tx: ReadTx, kind: str, region: str, code: str) -> RowMapping | None:
    table = list_entries.c
    statement = select(table.code, table.edition, table.entry)
    return await tx.one_or_none(statement.where(table.kind == kind, table.region_code == region, table.code == code))


async def carrying_out(tx: ReadTx, kind: str, region: str, code: str) -> Sequence[RowMapping]:
    """The items in force that carry an entry out, by code."""
    return await tx.all(CARRYING_OUT, {"kind": kind, "region": region, "code": code})


async def last_known(tx: ReadTx, *, after: tuple[str, str, str], limit: int) -> Sequence[RowMapping]:
    """How entries of all lists stand, those removed too, by kind, region and code; with the columns of the edition that last changed each."""
    kind, region, code = after
    return await tx.all(_LAST_KNOWN, {"kind": kind, "region": region, "code": code, "limit": limit})


async def history(tx: ReadTx, kind: str, region: str, code: str) -> Sequence[RowMapping]:
    """What an entry was in each edition that changed it, the newest first; null where the edition no longer had it."""
    versions, editions = list_entry_versions.c, list_editions.c
    same = (versions.kind == editions.kind) & (versions.region_code == editions.region_code) & (versions.edition == editions.number)
    statement = select(versions.edition, versions.entry, editions.issued_on, editions.source, editions.imported_at)
    statement = statement.select_from(list_entry_versions.join(list_editions, same))
    meant = statement.where(versions.kind == kind, versions.region_code == region, versions.code == code)
    return await tx.all(meant.order_by(versions.edition.desc()))


async def gaps(tx: ReadTx, **asked: Any) -> Sequence[RowMapping]:
    """Rows of gap, code, name and department, by gap and code."""
    return await tx.all(GAPS, asked)

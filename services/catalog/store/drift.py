"""Every SQL statement about base catalogs, their editions and reviews."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Text, bindparam, cast, func, select, text, tuple_, union_all
from sqlalchemy.dialects.postgresql import insert

from chassis.database import ReadTx, WriteTx
from services.catalog.rules.base_entry import BaseEntry
from services.catalog.rules.drift import Difference, DifferenceKind
from services.catalog.rules.review import Decision
from services.catalog.tables import (
    base_decisions,
    base_differences,
    base_edition_entries,
    base_editions,
    base_entries,
    base_redirects,
)  # fmt: skip

Standing = Literal["undecided", "accepted", "rejected", "postponed"]

IMPLEMENTATIONS = text("""
    SELECT i.local_code, i.version_number, i.region_code, i.summary FROM items i
    WHERE i.is_listed AND i.local_code = ANY(CAST(:codes AS text[])) AND (CAST(:after AS text) IS NULL OR i.local_code > CAST(:after AS text))
    UNION
    SELECT i.local_code, i.version_number, i.region_code, i.summary FROM item_versions v JOIN items i ON i.version_id = v.id
    WHERE i.is_listed AND v.content ->> 'base_code' = ANY(CAST(:codes AS text[])) AND (CAST(:after AS text) IS NULL OR i.local_code > CAST(:after AS text))
    ORDER BY local_code LIMIT :limit
""")
IMPLEMENTATION_COUNTS = text("""
    SELECT code, count(DISTINCT local_code) AS count FROM (
        SELECT i.local_code AS code, i.local_code FROM items i WHERE i.is_listed AND i.local_code = ANY(CAST(:codes AS text[]))
        UNION
        SELECT v.content ->> 'base_code', i.local_code FROM item_versions v JOIN items i ON i.version_id = v.id
        WHERE i.is_listed AND v.content ->> 'base_code' = ANY(CAST(:codes AS text[]))
    ) implementing GROUP BY code
""")


@dataclass(frozen=True, slots=True)
class Selection:
    """Which differences of a review are meant; what is None does not narrow."""

    kind: DifferenceKind | None = None
    standing: Standing | None = None
    department: str | None = None
    least_confidence: float | None = None
    most_confidence: float | None = None

    def conditions(self) -> Iterable[ColumnElement[bool]]:
        table = base_differences.c
        if self.kind is not None:
            yield table.kind == self.kind
        if self.standing is not None:
            yield table.decision.is_(None) if self.standing == "undecided" else table.decision == self.standing
        if self.department is not None:
            yield table.department == self.department
        if self.least_confidence is not None:
            yield table.confidence >= self.least_confidence
        if self.most_confidence is not None:
            yield table.confidence <= self.most_confidence


async def lock_catalog(tx: WriteTx, catalog: str) -> RowMapping | None:
    """Wait for the right to change a base catalog; answers its newest edition."""
    await tx.scalar(select(func.pg_advisory_xact_lock(func.hashtextextended(f"base-catalog:{catalog}", 0))))
    return await newest_edition(tx, catalog)


async def newest_edition(tx: ReadTx, catalog: str) -> RowMapping | None:
    statement = select(base_editions).where(base_editions.c.catalog == catalog)
    return await tx.one_or_none(statement.order_by(base_editions.c.number.desc()).limit(1))


async def edition(tx: ReadTx, catalog: str, number: int) -> RowMapping | None:
    return await tx.one_or_none(select(base_editions).where(base_editions.c.catalog == catalog, base_editions.c.number == number))


async def list_editions(tx: ReadTx, catalog: str, *, after: int | None, limit: int) -> Sequence[RowMapping]:
    """Newest first."""
    statement = select(base_editions).where(base_editions.c.catalog == catalog)
    if after is not None:
        statement = statement.where(base_editions.c.number < after)
    return await tx.all(statement.order_by(base_editions.c.number.desc()).limit(limit))


async def add_edition(tx: WriteTx, values: Mapping[str, Any], entries: Sequence[BaseEntry]) -> None:
    await tx.execute(insert(base_editions).values(**values))
    key = {"catalog": values["catalog"], "edition": values["number"]}
    await tx.execute(insert(base_edition_entries), [{**key, "code": entry.code, "entry": entry.as_json()} for entry in entries])


async def current_entries(tx: ReadTx, catalog: str) -> list[BaseEntry]:
    statement = select(base_entries.c.entry).where(base_entries.c.catalog == catalog, base_entries.c.is_deleted.is_(False))
    return [BaseEntry.from_json(row.entry) for row in await tx.rows(statement)]


async def redirects(tx: ReadTx, catalog: str) -> dict[str, str]:
    rows = await tx.rows(select(base_redirects.c.old_code, base_redirects.c.code).where(base_redirects.c.catalog == catalog))
    return {row.old_code: row.code for row in rows}


async def codes_leading_to(tx: ReadTx, catalog: str, codes: Sequence[str]) -> dict[str, list[str]]:
    """The old codes of each code, in order."""
    statement = select(base_redirects.c.code, base_redirects.c.old_code).where(
        base_redirects.c.catalog == catalog, base_redirects.c.code == func.any(bindparam("codes", list(codes), unique=True))
    )
    found: dict[str, list[str]] = {code: [] for code in codes}
    for row in await tx.rows(statement.order_by(base_redirects.c.old_code)):
        found[row.code].append(row.old_code)
    return found


async def entry(tx: ReadTx, catalog: str, code: str) -> RowMapping | None:
    return await tx.one_or_none(select(base_entries).where(base_entries.c.catalog == catalog, base_entries.c.code == code))


async def code_led_to(tx: ReadTx, catalog: str, old_code: str) -> str | None:
    statement = select(base_redirects.c.code).where(base_redirects.c.catalog == catalog, base_redirects.c.old_code == old_code)
    code: str | None = await tx.scalar(statement)
    return code


async def retirement(tx: ReadTx, code: str) -> RowMapping | None:
    """What a code leads to that base catalogs had and none has in force: a row with `moved_to`, null where it was deleted."""
    entries, leading = base_entries.c, base_redirects.c
    deleted = select(cast(None, Text).label("moved_to")).where(entries.code == code, entries.is_deleted)
    moved = select(leading.code.label("moved_to")).where(leading.old_code == code)
    in_force = select(entries.code).where(entries.code == code, entries.is_deleted.is_(False)).exists()
    either = union_all(moved, deleted).subquery()
    return await tx.one_or_none(select(either.c.moved_to).where(~in_force).order_by(either.c.moved_to).limit(1))


async def list_entries(tx: ReadTx, catalog: str, *, after: str | None, limit: int) -> Sequence[RowMapping]:
    """What is in force, by code."""
    statement = select(base_entries).where(base_entries.c.catalog == catalog, base_entries.c.is_deleted.is_(False))
    if after is not None:
        statement = statement.where(base_entries.c.code > after)
    return await tx.all(statement.order_by(base_entries.c.code).limit(limit))


async def known_entries(tx: ReadTx, *, after: tuple[str, str], limit: int) -> Sequence[RowMapping]:
    """Entries of all base catalogs, deleted ones too, by catalog and code; each with the day its edition was issued."""
    entries, editions = base_entries.c, base_editions.c
    of_edition = (editions.catalog == entries.catalog) & (editions.number == entries.edition)
    statement = select(base_entries, editions.issued_on).select_from(base_entries.join(base_editions, of_edition))
    return await tx.all(statement.where(tuple_(entries.catalog, entries.code) > after).order_by(entries.catalog, entries.code).limit(limit))


async def last_changes(tx: ReadTx, catalog: str, codes: Sequence[str]) -> dict[str, DifferenceKind]:
    """By what change each entry last became what it is."""
    table = base_differences.c
    code = func.coalesce(table.after, table.before)["code"].astext
    meant = (table.catalog == catalog, table.decision == "accepted", code == func.any(bindparam("codes", list(codes), unique=True)))
    rows = await tx.rows(select(code.label("code"), table.kind).where(*meant).order_by(table.edition))
    return {row.code: row.kind for row in rows}


async def add_differences(tx: WriteTx, catalog: str, number: int, found: Sequence[Difference]) -> None:
    rows = []
    for position, one in enumerate(found):
        rows.append(
            {
                "id": tx.clock.new_id(),
                "catalog": catalog,
                "edition": number,
                "position": position,
                "kind": one.kind,
                "code": one.code,
                "department": one.entry.department,
                "confidence": one.confidence,
                "before": one.before.as_json() if one.before else None,
                "after": one.after.as_json() if one.after else None,
                "version": 1,
            }
        )
    if rows:
        await tx.execute(insert(base_differences), rows)


async def difference(tx: ReadTx, difference_id: UUID) -> RowMapping | None:
    return await tx.one_or_none(select(base_differences).where(base_differences.c.id == difference_id))


async def list_differences(
    tx: ReadTx, catalog: str, number: int, chosen: Selection, *, after: int | None, limit: int | None
) -> Sequence[RowMapping]:
    """In the review's order; all of them without a limit."""
    table = base_differences.c
    statement = select(base_differences).where(table.catalog == catalog, table.edition == number, *chosen.conditions())
    if after is not None:
        statement = statement.where(table.position > after)
    return await tx.all(statement.order_by(table.position).limit(limit))


async def count_differences(tx: ReadTx, catalog: str, number: int) -> Sequence[RowMapping]:
    """Rows of kind, decision and count."""
    table = base_differences.c
    statement = select(table.kind, table.decision, func.count().label("count")).where(table.catalog == catalog, table.edition == number)
    return await tx.all(statement.group_by(table.kind, table.decision))


async def decisions_of(tx: ReadTx, difference_id: UUID) -> Sequence[RowMapping]:
    statement = select(base_decisions).where(base_decisions.c.difference_id == difference_id)
    return await tx.all(statement.order_by(base_decisions.c.version))


async def latest_decisions(tx: ReadTx, rows: Sequence[RowMapping]) -> dict[UUID, RowMapping]:
    """The last decision of each difference that has one."""
    ids = [row["id"] for row in rows if row["decision"] is not None]
    statement = select(base_decisions).where(base_decisions.c.difference_id == func.any(bindparam("ids", ids, unique=True)))
    return {row["difference_id"]: row for row in await tx.all(statement.order_by(base_decisions.c.version))}


async def save_decisions(tx: WriteTx, rows: Sequence[RowMapping], decision: Decision, reason: str, *, decided_by: str) -> None:
    """Each difference's version goes up by one."""
    said = {"decision": decision, "reason": reason, "decided_by": decided_by, "decided_at": tx.now}
    await tx.execute(insert(base_decisions), [{"difference_id": row["id"], "version": row["version"] + 1, **said} for row in rows])
    table = base_differences
    meant = table.c.id == func.any(bindparam("ids", [row["id"] for row in rows], unique=True))
    await tx.execute(table.update().where(meant).values(decision=decision, version=table.c.version + 1))


async def save_entries(tx: WriteTx, catalog: str, number: int, entries: Sequence[BaseEntry], *, is_deleted: bool = False) -> None:
    """Put entries in force as they are in an edition, or mark them deleted by it."""
    if not entries:
        return
    statement = insert(base_entries)
    changed = {name: statement.excluded[name] for name in ("entry", "is_deleted", "edition", "changed_at")}
    facts = {"catalog": catalog, "is_deleted": is_deleted, "edition": number, "changed_at": tx.now}
    await tx.execute(
        statement.on_conflict_do_update(index_elements=["catalog", "code"], set_=changed),
        [{**facts, "code": one.code, "entry": one.as_json()} for one in entries],
    )


async def move_codes(tx: WriteTx, catalog: str, moves: Sequence[tuple[str, str]]) -> None:
    """Old codes lead to new ones, whose entries are there already; what led to an old code leads straight to the new one.

    A new code is one in force from now on and leads nowhere: with that there is neither chain nor loop.
    """
    if not moves:
        return
    redirecting, entries = base_redirects, base_entries
    both = [{"old": old, "new": new} for old, new in moves]
    here = redirecting.c.catalog == catalog
    await tx.execute(redirecting.delete().where(here, redirecting.c.old_code == bindparam("new")), both)
    await tx.execute(redirecting.update().where(here, redirecting.c.code == bindparam("old")).values(code=bindparam("new")), both)
    await tx.execute(
        insert(redirecting).values(catalog=catalog, old_code=bindparam("old"), code=bindparam("new"), since=bindparam("at")),
        [{**move, "at": tx.now} for move in both],
    )
    await tx.execute(entries.delete().where(entries.c.catalog == catalog, entries.c.code == bindparam("old")), both)


async def implementations(tx: ReadTx, codes: Sequence[str], *, after: str | None, limit: int) -> Sequence[RowMapping]:
    """Items in force that carry out one of these codes, or have it as their own, by local code."""
    return await tx.all(IMPLEMENTATIONS, {"codes": list(codes), "after": after, "limit": limit})


async def implementation_counts(tx: ReadTx, codes: Sequence[str]) -> dict[str, int]:
    """How many items in force each code has; codes without any are left out."""
    return {row["code"]: row["count"] for row in await tx.all(IMPLEMENTATION_COUNTS, {"codes": list(codes)})}

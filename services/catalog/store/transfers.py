"""Every SQL statement of moving many items at once: exported, imported, edited together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, bindparam, cast, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import TSVECTOR

from chassis.database import ReadTx, WriteTx
from services.catalog.tables import item_versions, items, regions
from standards.regions import subtree_prefix

_LOCK = text("""
    SELECT pg_advisory_xact_lock(hashtextextended(code, 0)) FROM (SELECT code FROM unnest(CAST(:codes AS text[])) c(code) ORDER BY code) c
""")
_NEWEST = """
    SELECT i.local_code, i.digest, i.summary, v.id AS version_id, v.number, v.effective_from, v.content,
        (SELECT max(n.number) FROM item_versions n WHERE n.local_code = i.local_code) AS last_number,
        (SELECT min(s.since) FROM item_standings s WHERE s.local_code = i.local_code AND s.state = 'withdrawn') AS ends_at
    FROM items i
    LEFT JOIN LATERAL (
        SELECT n.id, n.number, n.effective_from, n.content FROM item_versions n
        WHERE n.local_code = i.local_code AND NOT EXISTS (SELECT 1 FROM item_recalls r WHERE r.version_id = n.id)
        ORDER BY n.effective_from DESC, n.number DESC LIMIT 1
    ) v ON true
"""
_OF_CODES = text(f"{_NEWEST} WHERE i.local_code = ANY (CAST(:codes AS text[])) ORDER BY i.local_code")
_STANDING = "v.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM item_standings s WHERE s.local_code = i.local_code AND s.state = 'withdrawn')"
_LISTED = text(f"""
    {_NEWEST} WHERE {_STANDING} AND (CAST(:after AS text) IS NULL OR i.local_code > CAST(:after AS text)) ORDER BY i.local_code LIMIT :limit
""")
_CHOSEN = text(f"""
    {_NEWEST} WHERE {_STANDING}
        AND (CAST(:codes AS text[]) IS NULL OR i.local_code = ANY (CAST(:codes AS text[])))
        AND (CAST(:authority AS text) IS NULL OR v.content -> 'authority' ->> 'code' = CAST(:authority AS text))
        AND (CAST(:region AS text) IS NULL OR starts_with(v.content ->> 'region_code', CAST(:region AS text)))
        AND (CAST(:item_type AS text) IS NULL OR v.content ->> 'item_type' = CAST(:item_type AS text))
        AND (CAST(:name AS text) IS NULL OR strpos(v.content ->> 'name', CAST(:name AS text)) > 0)
    ORDER BY i.local_code LIMIT :limit
""")


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which items are meant, by what their newest versions say; what is None does not narrow."""

    local_codes: tuple[str, ...] | None = None
    authority: str | None = None
    region: str | None = None
    item_type: str | None = None
    name_contains: str | None = None


async def lock_items(tx: WriteTx, codes: Sequence[str]) -> None:
    """Wait for the right to change all of these, in one order, so that two who want the same do not wait for each other."""
    await tx.all(_LOCK, {"codes": list(codes)})


async def newest_of(tx: ReadTx, codes: Sequence[str]) -> dict[str, RowMapping]:
    """What is known of these items: the newest version, and when they end; unknown codes are left out."""
    return {row["local_code"]: row for row in await tx.all(_OF_CODES, {"codes": list(codes)})}


async def list_newest(tx: ReadTx, *, after: str | None, limit: int) -> Sequence[RowMapping]:
    """The newest version of every item that is not withdrawn, by code."""
    return await tx.all(_LISTED, {"after": after, "limit": limit})


async def list_chosen(tx: ReadTx, chosen: Chosen, *, limit: int) -> Sequence[RowMapping]:
    parameters = {
        "codes": list(chosen.local_codes) if chosen.local_codes is not None else None,
        "authority": chosen.authority,
        "region": subtree_prefix(chosen.region) if chosen.region else None,
        "item_type": chosen.item_type,
        "name": chosen.name_contains,
        "limit": limit,
    }
    return await tx.all(_CHOSEN, parameters)


async def known_regions(tx: ReadTx, codes: Sequence[str]) -> frozenset[str]:
    rows = await tx.rows(select(regions.c.code).where(regions.c.code == func.any(bindparam("codes", list(codes), unique=True))))
    return frozenset(row.code for row in rows)


async def add_items(tx: WriteTx, rows: Sequence[Mapping[str, Any]]) -> None:
    """New items, which the index shows when they are settled: `next_at` is now."""
    if rows:
        unindexed = {"called": [], "lines": [], "index_version": 0, "is_listed": False, "standing": "active", "next_at": tx.now}
        await tx.execute(insert(items).values(document=cast("", TSVECTOR)), [{**row, **unindexed} for row in rows])


async def save_newest(tx: WriteTx, digests: Mapping[str, bytes]) -> None:
    """What the newest versions of known items say; they are due to be settled now."""
    if digests:
        statement = update(items).where(items.c.local_code == bindparam("code")).values(digest=bindparam("said"), next_at=tx.now)
        await tx.execute(statement, [{"code": code, "said": said} for code, said in digests.items()])


async def add_versions(tx: WriteTx, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        await tx.execute(insert(item_versions), list(rows))

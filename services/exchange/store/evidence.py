"""SQL of the evidence log, on asyncpg: appending is two round trips, a proof three."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import asyncpg

from chassis.database import ReadTx, WriteTx
from standards.merkle import HASH_SIZE, Frontier, NodeId, StoredNode

_LOCK_STATE = """
SELECT size, peaks, EXISTS (SELECT 1 FROM log_entries WHERE event_id = $1) AS is_entered FROM log_state FOR UPDATE
"""
_APPEND = """
WITH entry AS (INSERT INTO log_entries (leaf_index, event_id, authority, leaf) VALUES ($1, $2, $3, $4)),
nodes AS (INSERT INTO log_nodes (level, index, hash) SELECT * FROM unnest($5::smallint[], $6::bigint[], $7::bytea[]))
UPDATE log_state SET size = $8, peaks = $9
"""
_NODES = """
SELECT level, index, hash FROM log_nodes WHERE (level, index) IN (SELECT * FROM unnest($1::smallint[], $2::bigint[]))
"""


class Entry(NamedTuple):
    """One entry of the log. `leaf` is the exact text that was hashed."""

    leaf_index: int
    leaf: str
    authority: str | None


async def lock_log(tx: WriteTx, event_id: str) -> Frontier | None:
    """The log's right edge, locked until the transaction ends; None where the event is in the log."""
    row = await (await tx.asyncpg()).fetchrow(_LOCK_STATE, event_id)
    assert row is not None
    return None if row["is_entered"] else _frontier(row)


async def append(tx: WriteTx, entry: Entry, event_id: str, nodes: Sequence[StoredNode], frontier: Frontier) -> None:
    """Store an entry, the nodes it completed and the new right edge."""
    await (await tx.asyncpg()).execute(
        _APPEND,
        entry.leaf_index,
        event_id,
        entry.authority,
        entry.leaf,
        [node.level for node in nodes],
        [node.index for node in nodes],
        [node.hash for node in nodes],
        frontier.size,
        b"".join(frontier.peaks),
    )


async def right_edge(tx: ReadTx) -> Frontier:
    row = await (await tx.asyncpg()).fetchrow("SELECT size, peaks FROM log_state")
    assert row is not None
    return _frontier(row)


async def entry_of(tx: ReadTx, event_id: str) -> Entry | None:
    row = await (await tx.asyncpg()).fetchrow("SELECT leaf_index, leaf, authority FROM log_entries WHERE event_id = $1", event_id)
    return Entry(*row) if row else None


async def entries_after(tx: ReadTx, after: int, limit: int) -> list[Entry]:
    rows = await (await tx.asyncpg()).fetch(
        "SELECT leaf_index, leaf, authority FROM log_entries WHERE leaf_index > $1 ORDER BY leaf_index LIMIT $2", after, limit
    )
    return [Entry(*row) for row in rows]


async def nodes(tx: ReadTx, places: Iterable[NodeId]) -> dict[tuple[int, int], bytes]:
    """The hashes of complete nodes, by level and index."""
    wanted = list(places)
    rows = await (await tx.asyncpg()).fetch(_NODES, [place.level for place in wanted], [place.index for place in wanted])
    return {(row["level"], row["index"]): row["hash"] for row in rows}


async def level_hashes(tx: ReadTx, level: int, first: int, count: int) -> list[bytes]:
    """Hashes of one tree level, in order, from `first`."""
    rows = await (await tx.asyncpg()).fetch(
        "SELECT hash FROM log_nodes WHERE level = $1 AND index >= $2 AND index < $3 ORDER BY index", level, first, first + count
    )
    return [row["hash"] for row in rows]


def _frontier(row: asyncpg.Record) -> Frontier:
    peaks: bytes = row["peaks"]
    return Frontier(row["size"], tuple(peaks[n : n + HASH_SIZE] for n in range(0, len(peaks), HASH_SIZE)))

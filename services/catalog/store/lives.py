"""Every SQL statement of the life of items: versions in time, standings, requests, delegations."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, func, insert, select, text, update

from chassis.database import ReadTx, WriteTx
from services.catalog.rules.life import Life
from services.catalog.tables import item_delegations, item_recalls, item_requests, item_standings, item_versions, items

_LIFE = text("""
    SELECT i.local_code, v.id AS version_id, v.number AS version_number, s.number AS standing_number, s.state, s.since, s.reason,
        s.document, s.moved_to,
        ARRAY(
            SELECT d.id FROM item_delegations d
            WHERE d.local_code = i.local_code AND d.begins_at <= CAST(:at AS timestamptz) AND d.ends_at > CAST(:at AS timestamptz)
            ORDER BY d.begins_at, d.id
        ) AS delegations,
        least(
            (SELECT min(n.effective_from) FROM item_versions n WHERE n.local_code = i.local_code
                AND n.effective_from > CAST(:at AS timestamptz) AND NOT EXISTS (SELECT 1 FROM item_recalls r WHERE r.version_id = n.id)),
            (SELECT min(n.since) FROM item_standings n WHERE n.local_code = i.local_code AND n.since > CAST(:at AS timestamptz)),
            (SELECT min(d.begins_at) FROM item_delegations d WHERE d.local_code = i.local_code AND d.begins_at > CAST(:at AS timestamptz)),
            (SELECT min(d.ends_at) FROM item_delegations d WHERE d.local_code = i.local_code AND d.ends_at > CAST(:at AS timestamptz))
        ) AS next_at
    FROM items i
    LEFT JOIN LATERAL (
        SELECT n.id, n.number FROM item_versions n
        WHERE n.local_code = i.local_code AND n.effective_from <= CAST(:at AS timestamptz)
            AND NOT EXISTS (SELECT 1 FROM item_recalls r WHERE r.version_id = n.id)
        ORDER BY n.effective_from DESC, n.number DESC LIMIT 1
    ) v ON true
    LEFT JOIN LATERAL (
        SELECT n.number, n.state, n.since, n.reason, n.document, n.moved_to FROM item_standings n
        WHERE n.local_code = i.local_code AND n.since <= CAST(:at AS timestamptz) ORDER BY n.since DESC, n.number DESC LIMIT 1
    ) s ON true
    WHERE i.local_code = CAST(:local_code AS text)
""")


async def life_at(tx: ReadTx, local_code: str, at: datetime) -> Life | None:
    """The item at an instant: the version in force, its standing, and the next instant at which that changes. None for no such item."""
    row = await tx.one_or_none(_LIFE, {"local_code": local_code, "at": at})
    if row is None:
        return None
    return Life(**{**row, "at": at, "state": row["state"] or "active", "standing_number": row["standing_number"] or 0})


_VERSION = (
    item_versions.c.id,
    item_versions.c.local_code,
    item_versions.c.number,
    item_versions.c.published_at,
    item_versions.c.effective_from,
    item_versions.c.origin,
    item_recalls.c.recalled_at,
    item_recalls.c.reason.label("recall_reason"),
)
_VERSIONS = item_versions.outerjoin(item_recalls, item_recalls.c.version_id == item_versions.c.id)


async def newest_version(tx: ReadTx, local_code: str) -> RowMapping | None:
    """The version that begins last of those not taken back, with its content."""
    statement = (
        select(*_VERSION, item_versions.c.content)
        .select_from(_VERSIONS)
        .where(item_versions.c.local_code == local_code, item_recalls.c.version_id.is_(None))
        .order_by(item_versions.c.effective_from.desc(), item_versions.c.number.desc())
        .limit(1)
    )
    return await tx.one_or_none(statement)


async def versions_ahead(tx: ReadTx, local_code: str) -> Sequence[RowMapping]:
    """Those that begin later and were not taken back, in the order in which they begin, with their contents."""
    statement = select(*_VERSION, item_versions.c.content).select_from(_VERSIONS)
    meant = (item_versions.c.local_code == local_code, item_recalls.c.version_id.is_(None), item_versions.c.effective_from > tx.now)
    return await tx.all(statement.where(*meant).order_by(item_versions.c.effective_from, item_versions.c.number))


async def item_codes(tx: ReadTx, *, after: str | None, limit: int) -> list[str]:
    """Of all items, withdrawn ones too."""
    statement = select(items.c.local_code) if after is None else select(items.c.local_code).where(items.c.local_code > after)
    return [row.local_code for row in await tx.rows(statement.order_by(items.c.local_code).limit(limit))]


async def last_number(tx: ReadTx, local_code: str) -> int:
    """The greatest number a version of the item has, 0 before the first; one taken back keeps its number."""
    number: int = await tx.scalar(
        select(func.coalesce(func.max(item_versions.c.number), 0)).where(item_versions.c.local_code == local_code)
    )
    return number


async def list_versions(tx: ReadTx, local_code: str, *, before: int | None, limit: int) -> Sequence[RowMapping]:
    """All that were ever published, newest first, those taken back too."""
    statement = select(*_VERSION).select_from(_VERSIONS).where(item_versions.c.local_code == local_code)
    if before is not None:
        statement = statement.where(item_versions.c.number < before)
    return await tx.all(statement.order_by(item_versions.c.number.desc()).limit(limit))


async def version(tx: ReadTx, version_id: UUID) -> RowMapping | None:
    return await tx.one_or_none(select(*_VERSION).select_from(_VERSIONS).where(item_versions.c.id == version_id))


async def version_with_content(tx: ReadTx, version_id: UUID) -> RowMapping:
    return await tx.one(select(*_VERSION, item_versions.c.content).select_from(_VERSIONS).where(item_versions.c.id == version_id))


async def version_of_number(tx: ReadTx, local_code: str, number: int) -> RowMapping | None:
    """With its content; one taken back too."""
    meant = (item_versions.c.local_code == local_code, item_versions.c.number == number)
    return await tx.one_or_none(select(*_VERSION, item_versions.c.content).select_from(_VERSIONS).where(*meant))


async def add_recall(tx: WriteTx, version_id: UUID, *, reason: str, recalled_by: str) -> None:
    await tx.execute(insert(item_recalls).values(version_id=version_id, reason=reason, recalled_by=recalled_by, recalled_at=tx.now))


async def add_standing(tx: WriteTx, local_code: str, **values: Any) -> None:
    """The next standing of the item. The caller holds the item's lock."""
    last = select(func.coalesce(func.max(item_standings.c.number), 0)).where(item_standings.c.local_code == local_code)
    number: int = await tx.scalar(last)
    await tx.execute(insert(item_standings).values(local_code=local_code, number=number + 1, recorded_at=tx.now, **values))


async def list_standings(tx: ReadTx, local_code: str) -> Sequence[RowMapping]:
    """Everything recorded of how the item stood, in order; a handful in an item's life."""
    return await tx.all(select(item_standings).where(item_standings.c.local_code == local_code).order_by(item_standings.c.number))


async def withdrawal_ahead(tx: ReadTx, local_code: str) -> RowMapping | None:
    """A withdrawal that is decided and has not begun."""
    ahead = (item_standings.c.state == "withdrawn") & (item_standings.c.since > tx.now)
    return await tx.one_or_none(select(item_standings).where(item_standings.c.local_code == local_code, ahead))


async def add_request(tx: WriteTx, **values: Any) -> None:
    await tx.execute(insert(item_requests).values(requested_at=tx.now, **values))


async def request(tx: ReadTx, request_id: UUID) -> RowMapping | None:
    return await tx.one_or_none(select(item_requests).where(item_requests.c.id == request_id))


async def open_request(tx: ReadTx, local_code: str, kind: str) -> RowMapping | None:
    asked = (item_requests.c.local_code == local_code, item_requests.c.kind == kind, item_requests.c.decision.is_(None))
    return await tx.one_or_none(select(item_requests).where(*asked))


async def list_requests(tx: ReadTx, local_code: str, *, before: UUID | None, limit: int) -> Sequence[RowMapping]:
    """Newest first."""
    statement = select(item_requests).where(item_requests.c.local_code == local_code)
    if before is not None:
        statement = statement.where(item_requests.c.id < before)
    return await tx.all(statement.order_by(item_requests.c.id.desc()).limit(limit))


async def decide_request(tx: WriteTx, request_id: UUID, **values: Any) -> None:
    await tx.execute(update(item_requests).where(item_requests.c.id == request_id).values(decided_at=tx.now, **values))


async def add_delegation(tx: WriteTx, **values: Any) -> None:
    await tx.execute(insert(item_delegations).values(recorded_at=tx.now, **values))


async def delegation(tx: ReadTx, delegation_id: UUID) -> RowMapping | None:
    return await tx.one_or_none(select(item_delegations).where(item_delegations.c.id == delegation_id))


async def delegations_of(tx: ReadTx, local_code: str, *, at: datetime | None = None) -> Sequence[RowMapping]:
    """In the order they begin: all there ever were, or those in force at an instant."""
    statement = select(item_delegations).where(item_delegations.c.local_code == local_code)
    if at is not None:
        statement = statement.where(item_delegations.c.begins_at <= at, item_delegations.c.ends_at > at)
    return await tx.all(statement.order_by(item_delegations.c.begins_at, item_delegations.c.id))


async def end_delegation(tx: WriteTx, delegation_id: UUID, *, ends_at: datetime, ended_by: str, reason: str) -> None:
    values = {"ends_at": ends_at, "ended_by": ended_by, "end_reason": reason}
    await tx.execute(update(item_delegations).where(item_delegations.c.id == delegation_id).values(**values))


async def due_items(tx: ReadTx, at: datetime, *, limit: int | None) -> Sequence[str]:
    """Items whose row in the index is past its instant, the longest past first."""
    statement = select(items.c.local_code).where(items.c.next_at <= at).order_by(items.c.next_at, items.c.local_code)
    rows = await tx.rows(statement.limit(limit))
    return [row.local_code for row in rows]


async def next_due(tx: ReadTx) -> datetime | None:
    """The next instant at which a row of the index is due."""
    at: datetime | None = await tx.scalar(select(func.min(items.c.next_at)))
    return at


async def save_standing(tx: WriteTx, local_code: str, **values: Any) -> None:
    """What the index keeps of the item's life."""
    await tx.execute(update(items).where(items.c.local_code == local_code).values(**values))

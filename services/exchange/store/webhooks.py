"""SQL of subscriptions, deliveries and lanes.

A lane's row is the lock of its queue: who adds a delivery, sends from it or starts it again holds the row, so the head of the queue is
never missed and never sent by two at once. A claim is a lane's `claim` and its `next_attempt_at` moved to when the claim runs out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, and_, case, delete, exists, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import ReadTx, WriteTx
from services.exchange.rules.subscriptions import ALL
from services.exchange.tables import deliveries, lanes, subscriptions, webhook_events

CHANNEL = "tongban_webhooks"

_ENQUEUE = """
WITH event AS (
    INSERT INTO webhook_events (event_id, type, attributes, body) VALUES ($3, $4, $5::text::jsonb, $6) ON CONFLICT DO NOTHING
), lane AS (
    INSERT INTO lanes (subscription_id, key, next_attempt_at, is_stopped) SELECT s, $7, $8, false FROM unnest($1::uuid[]) AS s
    ON CONFLICT (subscription_id, key) DO UPDATE
    SET next_attempt_at = CASE WHEN lanes.is_stopped THEN NULL ELSE coalesce(lanes.next_attempt_at, excluded.next_attempt_at) END
)
INSERT INTO deliveries (id, subscription_id, event_id, key, state, attempts, created_at)
SELECT d, s, $3, $7, 'waiting', 0, $8 FROM unnest($1::uuid[], $2::uuid[]) AS t (s, d)
ON CONFLICT (subscription_id, event_id) DO NOTHING
"""

_CLAIM = """
WITH taken AS MATERIALIZED (
    SELECT due.subscription_id, due.key
    FROM (SELECT id FROM subscriptions WHERE id <> ALL ($4::uuid[]) ORDER BY random()) AS s
    CROSS JOIN LATERAL (
        SELECT subscription_id, key FROM lanes
        WHERE subscription_id = s.id AND next_attempt_at <= $2
        ORDER BY next_attempt_at LIMIT $5 FOR UPDATE SKIP LOCKED
    ) AS due
    LIMIT $6
)
UPDATE lanes SET claim = $1, next_attempt_at = $3 FROM taken
WHERE lanes.subscription_id = taken.subscription_id AND lanes.key = taken.key
RETURNING lanes.subscription_id, lanes.key
"""

_HEADS = """
SELECT head.id, head.subscription_id, head.key, head.attempts, s.url, e.event_id, e.type, e.attributes::text AS attributes, e.body
FROM unnest($1::uuid[], $2::text[]) AS lane (subscription_id, key)
CROSS JOIN LATERAL (
    SELECT id, subscription_id, key, event_id, attempts FROM deliveries
    WHERE subscription_id = lane.subscription_id AND key = lane.key AND state = 'waiting' ORDER BY seq LIMIT 1
) AS head
JOIN subscriptions AS s ON s.id = head.subscription_id
JOIN webhook_events AS e ON e.event_id = head.event_id
"""

_DELIVERY = (
    deliveries.c.id,
    deliveries.c.seq,
    deliveries.c.subscription_id,
    deliveries.c.key,
    deliveries.c.event_id,
    webhook_events.c.type.label("event_type"),
    deliveries.c.state,
    deliveries.c.attempts,
    deliveries.c.last_status,
    deliveries.c.last_error,
    deliveries.c.created_at,
    deliveries.c.delivered_at,
    lanes.c.next_attempt_at,
)
_SUBSCRIPTION = (
    subscriptions.c.id,
    subscriptions.c.name,
    subscriptions.c.url,
    subscriptions.c.event_types,
    subscriptions.c.client_id,
    subscriptions.c.created_at,
    subscriptions.c.changed_at,
)


@dataclass(frozen=True, slots=True)
class Head:
    """The first delivery that waits in a claimed lane, with all that sending needs. `attempts` failed before."""

    delivery_id: UUID
    subscription_id: UUID
    key: str
    attempts: int
    url: str
    event_id: str
    event_type: str
    attributes: str
    body: bytes


# Subscriptions


async def keep_subscription(tx: WriteTx, row: Mapping[str, Any]) -> bool:
    """Insert or change by department and name. True where it is new."""
    changes = {name: row[name] for name in ("url", "event_types", "client_id", "changed_at")}
    is_new = not await tx.scalar(
        select(exists().where(subscriptions.c.department == row["department"], subscriptions.c.name == row["name"]))
    )
    statement = upsert(subscriptions).values(**row)
    await tx.execute(statement.on_conflict_do_update(index_elements=["department", "name"], set_=changes))
    return is_new


async def subscription(tx: ReadTx, department: str, name: str) -> RowMapping | None:
    return await tx.one_or_none(select(*_SUBSCRIPTION).where(subscriptions.c.department == department, subscriptions.c.name == name))


async def subscriptions_of(tx: ReadTx, department: str, after: str | None, limit: int) -> Sequence[RowMapping]:
    """By name."""
    found = [subscriptions.c.department == department] + ([subscriptions.c.name > after] if after is not None else [])
    return await tx.all(select(*_SUBSCRIPTION).where(*found).order_by(subscriptions.c.name).limit(limit))


async def subscribers(tx: ReadTx, department: str, event_type: str) -> list[UUID]:
    """Who of a department hears of events of a type, in one order always."""
    wanted = subscriptions.c.event_types.overlap([event_type, ALL])
    rows = await tx.rows(select(subscriptions.c.id).where(subscriptions.c.department == department, wanted).order_by(subscriptions.c.id))
    return [row.id for row in rows]


# Deliveries


async def enqueue(
    tx: WriteTx, subscription_ids: Sequence[UUID], *, event_id: str, event_type: str, key: str, attributes: str, body: bytes
) -> None:
    """One delivery of the event to each subscriber, behind what waits in its lane; wakes the couriers at the commit."""
    connection = await tx.asyncpg()
    ids = [tx.clock.new_id() for _ in subscription_ids]
    await connection.execute(_ENQUEUE, list(subscription_ids), ids, event_id, event_type, attributes, body, key, tx.now)
    await ring(tx)


async def ring(tx: WriteTx) -> None:
    """Wake the couriers of every process when this transaction commits."""
    await (await tx.asyncpg()).execute(f"NOTIFY {CHANNEL}")


async def delivery_of_department(tx: ReadTx, delivery_id: UUID, department: str) -> RowMapping | None:
    return await tx.one_or_none(_listed().where(deliveries.c.id == delivery_id, subscriptions.c.department == department))


async def deliveries_of(tx: ReadTx, subscription_id: UUID, *, state: str | None, before: int | None, limit: int) -> Sequence[RowMapping]:
    """Newest first."""
    found: list[ColumnElement[bool]] = [deliveries.c.subscription_id == subscription_id]
    if state is not None:
        found.append(deliveries.c.state == state)
    if before is not None:
        found.append(deliveries.c.seq < before)
    return await tx.all(_listed().where(*found).order_by(deliveries.c.seq.desc()).limit(limit))


def _listed() -> Any:
    in_lane = and_(
        lanes.c.subscription_id == deliveries.c.subscription_id, lanes.c.key == deliveries.c.key, deliveries.c.state == "waiting"
    )
    return (
        select(*_DELIVERY)
        .join(webhook_events, webhook_events.c.event_id == deliveries.c.event_id)
        .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
        .outerjoin(lanes, in_lane)
    )


async def update_delivery(tx: WriteTx, delivery_id: UUID, **values: Any) -> None:
    await tx.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(**values))


# Lanes


async def claim_heads(tx: WriteTx, claim: UUID, *, until: datetime, busy: Sequence[UUID], share: int, limit: int) -> list[Head]:
    """Claim lanes that are due, at most `share` of one subscriber and none of `busy` ones; answers what to send.

    A lane in which nothing waits (an event replayed that had been delivered) is removed.
    """
    connection = await tx.asyncpg()
    taken = await connection.fetch(_CLAIM, claim, tx.now, until, list(busy), share, limit)
    if not taken:
        return []
    rows = await connection.fetch(_HEADS, [row["subscription_id"] for row in taken], [row["key"] for row in taken])
    empty = {(row["subscription_id"], row["key"]) for row in taken} - {(row["subscription_id"], row["key"]) for row in rows}
    await connection.executemany("DELETE FROM lanes WHERE subscription_id = $1 AND key = $2", sorted(empty))
    return [
        Head(
            row["id"],
            row["subscription_id"],
            row["key"],
            row["attempts"],
            row["url"],
            row["event_id"],
            row["type"],
            row["attributes"],
            row["body"],
        )
        for row in rows
    ]


async def lock_claimed(tx: WriteTx, subscription_id: UUID, key: str, claim: UUID) -> bool:
    """Lock a lane; False where the claim ran out and somebody else has it."""
    statement = select(lanes.c.claim).where(*_lane(subscription_id, key), lanes.c.claim == claim).with_for_update()
    return await tx.scalar(statement) is not None


async def go_on(tx: WriteTx, subscription_id: UUID, key: str) -> bool:
    """Give a locked lane up: due at once where more waits in it (True), gone where nothing does."""
    waiting = exists().where(deliveries.c.subscription_id == subscription_id, deliveries.c.key == key, deliveries.c.state == "waiting")
    if await tx.scalar(select(waiting)):
        await schedule(tx, subscription_id, key, tx.now)
        return True
    await tx.execute(delete(lanes).where(*_lane(subscription_id, key)))
    return False


async def schedule(tx: WriteTx, subscription_id: UUID, key: str, at: datetime | None) -> None:
    """Give a locked lane up until an instant; None stops it."""
    values = {"claim": None, "next_attempt_at": at, "is_stopped": at is None}
    await tx.execute(update(lanes).where(*_lane(subscription_id, key)).values(**values))


async def start_again(tx: WriteTx, subscription_id: UUID, key: str) -> None:
    """Make a lane that may be stopped, or gone, due at once, and lock it. One that is being sent from goes on by itself."""
    values = {"subscription_id": subscription_id, "key": key, "next_attempt_at": tx.now, "is_stopped": False}
    due = case((lanes.c.claim.is_(None), tx.now), else_=lanes.c.next_attempt_at)
    changes = {"next_attempt_at": due, "is_stopped": False}
    await tx.execute(upsert(lanes).values(**values).on_conflict_do_update(index_elements=["subscription_id", "key"], set_=changes))


def _lane(subscription_id: UUID, key: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return lanes.c.subscription_id == subscription_id, lanes.c.key == key

"""Inbox and dead letters of a service, in SQL.

An event takes effect once: `inbox` is unique by consumer and event, in the effect's transaction. An event that cannot take effect is
parked with its whole key; later events of the key queue behind it until an operator replays or drops. Parking and replaying one key
exclude each other by an advisory lock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
import hashlib
from typing import Any, Literal

import asyncpg
import orjson

from bus import Delivered
from chassis.database import ReadTx, WriteTx

State = Literal["parked", "replaying", "resolved", "dropped"]

_ENTER = """
WITH parked AS (
  SELECT 1 FROM dead_letters WHERE consumer = $1 AND key = $2 AND state IN ('parked', 'replaying') LIMIT 1
), entered AS (
  INSERT INTO inbox (consumer, event_id, handled_at) SELECT $1, $3, $4 WHERE NOT EXISTS (SELECT 1 FROM parked)
  ON CONFLICT DO NOTHING RETURNING 1
)
SELECT EXISTS (SELECT 1 FROM parked) AS is_parked, EXISTS (SELECT 1 FROM entered) AS is_new
"""
_LOOK = """
SELECT EXISTS (SELECT 1 FROM dead_letters WHERE consumer = $1 AND key = $2 AND state IN ('parked', 'replaying')) AS is_parked,
  EXISTS (SELECT 1 FROM inbox WHERE consumer = $1 AND event_id = $3) AS is_seen
"""
_PARK = """
INSERT INTO dead_letters (consumer, topic, partition, "offset", key, event_id, type, value, headers, error, attempts, state, parked_at)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9::text::jsonb, $10, $11, $13, $12
WHERE NOT EXISTS (SELECT 1 FROM inbox WHERE consumer = $1 AND event_id = $6)
ON CONFLICT (consumer, event_id) DO NOTHING
"""
_COLUMNS = """id, consumer, topic, partition, "offset", key, event_id, type, value, headers::text AS headers, error, attempts, state,
parked_at, resolved_at"""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One parked event, with the record it came in and what went wrong."""

    id: int
    consumer: str
    event_id: str
    type: str
    error: str
    attempts: int
    state: State
    parked_at: datetime
    record: Delivered

    def summary(self) -> dict[str, Any]:
        """For an operator: everything but the body."""
        return {
            "id": self.id, "consumer": self.consumer, "topic": self.record.topic, "partition": self.record.partition,
            "offset": self.record.offset, "key": self.record.key, "event_id": self.event_id, "type": self.type,
            "state": self.state, "attempts": self.attempts, "parked_at": self.parked_at.isoformat(), "error": self.error,
        }  # fmt: skip


Standing = Literal["new", "seen", "parked"]
"""Of an event: it has had no effect yet, it had it, or its key is parked."""


async def look(tx: ReadTx, consumer: str, key: str, event_id: str) -> Standing:
    """Where an event stands, claiming nothing."""
    row = await (await tx.asyncpg()).fetchrow(_LOOK, consumer, key, event_id)
    return "parked" if row["is_parked"] else "seen" if row["is_seen"] else "new"


async def enter(tx: WriteTx, consumer: str, key: str, event_id: str) -> Standing:
    """Claim an event for its effect in this transaction, or learn that it had it, or that its key is parked."""
    row = await (await tx.asyncpg()).fetchrow(_ENTER, consumer, key, event_id, tx.now)
    return "parked" if row["is_parked"] else "new" if row["is_new"] else "seen"


async def lock_key(tx: WriteTx, consumer: str, key: str) -> None:
    """Exclude parking and replaying of one key from each other, until the transaction ends."""
    number = int.from_bytes(hashlib.sha256(f"{consumer}\0{key}".encode()).digest()[:8], "big", signed=True)
    await (await tx.asyncpg()).execute("SELECT pg_advisory_xact_lock($1)", number)


async def state_of_key(tx: WriteTx, consumer: str, key: str) -> Literal["parked", "replaying"] | None:
    """`replaying` where all that is open of the key waits for its replay; None where nothing is open."""
    found: Literal["parked", "replaying"] | None = await (await tx.asyncpg()).fetchval(
        "SELECT min(state) FROM dead_letters WHERE consumer = $1 AND key = $2 AND state IN ('parked', 'replaying')", consumer, key
    )
    return found


async def park(
    tx: WriteTx, consumer: str, record: Delivered, *, event_id: str, event_type: str, error: str, attempts: int, state: State = "parked"
) -> None:
    """Put an event aside. Once per event; an event that had its effect already is not parked."""
    headers = orjson.dumps([[name, storable(value.decode("utf-8", "replace"))] for name, value in record.headers]).decode()
    await (await tx.asyncpg()).execute(
        _PARK, consumer, record.topic, record.partition, record.offset, record.key, event_id, storable(event_type), record.value,
        headers, storable(error)[:4000], attempts, tx.now, state,
    )  # fmt: skip


def storable(text: str) -> str:
    """The text without what PostgreSQL cannot keep: whatever is wrong with an event, it can be put aside."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


async def letters(
    tx: ReadTx, *, states: Sequence[State], consumer: str | None = None, key: str | None = None, limit: int = 200
) -> list[DeadLetter]:
    """Letters in order of parking."""
    rows = await (await tx.asyncpg()).fetch(
        f"SELECT {_COLUMNS} FROM dead_letters WHERE state = ANY($1::text[]) AND ($2::text IS NULL OR consumer = $2)"
        " AND ($3::text IS NULL OR key = $3) ORDER BY id LIMIT $4",
        list(states), consumer, key, limit,
    )  # fmt: skip
    return [_letter(row) for row in rows]


async def letter(tx: ReadTx, letter_id: int) -> DeadLetter | None:
    row = await (await tx.asyncpg()).fetchrow(f"SELECT {_COLUMNS} FROM dead_letters WHERE id = $1", letter_id)
    return _letter(row) if row else None


async def request_replay(tx: WriteTx, *, letter_id: int | None = None, consumer: str | None = None, key: str | None = None) -> int:
    """Mark parked letters for replay: with one letter, its whole key, since order in a key is kept. Answers how many."""
    status = await (await tx.asyncpg()).execute(
        "UPDATE dead_letters d SET state = 'replaying' WHERE d.state = 'parked'"
        " AND ($1::bigint IS NULL OR (d.consumer, d.key) = (SELECT consumer, key FROM dead_letters WHERE id = $1))"
        " AND ($2::text IS NULL OR d.consumer = $2) AND ($3::text IS NULL OR d.key = $3)",
        letter_id, consumer, key,
    )  # fmt: skip
    return int(status.split()[-1])


async def drop(tx: WriteTx, letter_id: int) -> bool:
    """Give up one letter for good. Later ones of its key still wait: replay them."""
    status = await (await tx.asyncpg()).execute(
        "UPDATE dead_letters SET state = 'dropped', resolved_at = $2 WHERE id = $1 AND state IN ('parked', 'replaying')", letter_id, tx.now
    )
    return str(status) == "UPDATE 1"


async def next_replay(tx: WriteTx, consumer: str) -> DeadLetter | None:
    """The oldest letter of a key whose replay was asked for, where nothing older of the key is open."""
    row = await (await tx.asyncpg()).fetchrow(
        f"SELECT {_COLUMNS} FROM dead_letters d WHERE consumer = $1 AND state = 'replaying' AND NOT EXISTS ("
        "SELECT 1 FROM dead_letters e WHERE e.consumer = d.consumer AND e.key = d.key AND e.id < d.id AND e.state IN ('parked', 'replaying'))"
        " ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED",
        consumer,
    )
    return _letter(row) if row else None


async def claim_replay(tx: WriteTx, found: DeadLetter) -> bool:
    """Enter a letter's event in the inbox and settle the letter. False when the event had its effect meanwhile."""
    connection = await tx.asyncpg()
    await connection.execute("UPDATE dead_letters SET state = 'resolved', resolved_at = $2 WHERE id = $1", found.id, tx.now)
    entered = await connection.fetchval(
        "INSERT INTO inbox (consumer, event_id, handled_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING true",
        found.consumer, found.event_id, tx.now,
    )  # fmt: skip
    return bool(entered)


async def replay_failed(tx: WriteTx, found: DeadLetter, error: str) -> None:
    """Back to parked, the whole key: what follows may not overtake."""
    connection = await tx.asyncpg()
    await connection.execute("UPDATE dead_letters SET attempts = attempts + 1, error = $2 WHERE id = $1", found.id, storable(error)[:4000])
    await connection.execute(
        "UPDATE dead_letters SET state = 'parked' WHERE consumer = $1 AND key = $2 AND state = 'replaying'",
        found.consumer,
        found.record.key,
    )


async def uncopied(tx: ReadTx, consumer: str) -> list[DeadLetter]:
    """Letters that have no copy on the dead-letter topic yet."""
    rows = await (await tx.asyncpg()).fetch(
        f"SELECT {_COLUMNS} FROM dead_letters WHERE consumer = $1 AND copied_at IS NULL ORDER BY id LIMIT 100", consumer
    )
    return [_letter(row) for row in rows]


async def mark_copied(tx: WriteTx, ids: Sequence[int]) -> None:
    await (await tx.asyncpg()).execute("UPDATE dead_letters SET copied_at = $2 WHERE id = ANY($1::bigint[])", list(ids), tx.now)


async def forget(tx: WriteTx, consumer: str, since: datetime | None) -> int:
    """Forget what a consumer has handled (since an instant), so that a replay takes effect again. Answers how many."""
    status = await (await tx.asyncpg()).execute(
        "DELETE FROM inbox WHERE consumer = $1 AND ($2::timestamptz IS NULL OR handled_at >= $2)", consumer, since
    )
    return int(status.split()[-1])


def _letter(row: asyncpg.Record) -> DeadLetter:
    headers = tuple((name, value.encode()) for name, value in orjson.loads(row["headers"]))
    record = Delivered(row["topic"], row["partition"], row["offset"], row["key"], row["value"], 0, headers)
    return DeadLetter(
        row["id"], row["consumer"], row["event_id"], row["type"], row["error"], row["attempts"], row["state"], row["parked_at"], record
    )

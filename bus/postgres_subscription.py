"""One member of one group on the log in PostgreSQL.

Invariants:
- partition p of a topic belongs to the member at place (p + reader) mod n among the n members in order of their numbers:
  every member computes the same shares from the same list, and waits for a lock until the one before gives it up;
- partitions are taken and given up only inside `fetch`, so a batch is always finished before its partition moves.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from bus import postgres_sql as sql
from bus.postgres_session import STATEMENT_SECONDS, GroupSession, Slot, Topic, bus_unavailable
from bus.protocol import BusUnavailable, Delivered, PartitionLost, TopicPartition
from chassis.logs import get_logger

MAX_FETCH_BYTES = 8_000_000
"""One fetch ends once it holds this much of values, however many records were asked for."""

_log = get_logger(__name__)


@dataclass(slots=True)
class _Owned:
    slot: Slot
    topic_id: int
    epoch: int
    next: int


class PostgresSubscription:
    """See `Subscription`. Made by `PostgresBus.subscribe`; `readers` maps each topic to its reader's number."""

    def __init__(self, session: GroupSession, pool: Any, topics: Mapping[str, Topic], readers: Mapping[str, int], member_id: int) -> None:
        self.id = member_id
        self.readers = readers
        self._session = session
        self._pool = pool
        self._topics = topics
        self._owned: dict[TopicPartition, _Owned] = {}
        self._forfeited: list[Slot] = []  # epoch overtaken, lock still held
        self._generation = session.generation
        self._is_disturbed = True
        self._awake = asyncio.Event()
        self._settling: asyncio.Task[None] | None = None
        self._turn = 0

    def disturb(self) -> None:
        self._is_disturbed = True
        self._awake.set()

    def wake(self) -> None:
        self._awake.set()

    def assignment(self) -> frozenset[TopicPartition]:
        return frozenset(self._owned)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        if partition not in self._owned:
            raise PartitionLost(f"{partition.topic}/{partition.partition}")
        self._owned[partition].next = offset

    async def fetch(self, *, max_records: int = 500, wait: float = 1.0) -> list[Delivered]:
        clock = asyncio.get_running_loop()
        deadline = clock.time() + wait
        while True:
            if not self._session.is_connected:
                await self._session.wait_connected(deadline - clock.time())
            self._awake.clear()
            if self._is_disturbed or self._generation != self._session.generation:
                await self._settled()
            records = await self._read(max_records)
            remaining = deadline - clock.time()
            if records or remaining <= 0:
                return records
            try:
                async with asyncio.timeout(remaining):
                    await self._awake.wait()
            except TimeoutError:
                return []

    async def commit(self, positions: Mapping[TopicPartition, int]) -> None:
        mine = {partition: self._owned[partition] for partition in positions if partition in self._owned}
        lost = set(positions) - set(mine)
        if mine:
            with bus_unavailable("commit"):
                rows = await self._pool.fetch(
                    sql.COMMIT,
                    [owned.slot.reader_id for owned in mine.values()],
                    [owned.slot.partition for owned in mine.values()],
                    [owned.epoch for owned in mine.values()],
                    [positions[partition] for partition in mine],
                    timeout=STATEMENT_SECONDS,
                )
            stored = {Slot(*row) for row in rows}
            for partition, owned in mine.items():
                if owned.slot not in stored:
                    lost.add(partition)
                    self._forfeit(partition)
        if lost:
            raise PartitionLost(", ".join(f"{topic}/{number}" for topic, number in sorted(lost)))

    async def close(self) -> None:
        self._owned.clear()
        try:
            async with asyncio.timeout(STATEMENT_SECONDS):
                if self._settling is not None:
                    await asyncio.gather(self._settling, return_exceptions=True)
                await self._session.leave(self)
        except (BusUnavailable, TimeoutError) as error:
            _log.debug("left a group without saying so", error=str(error))

    async def _settled(self) -> None:
        """Settle as a task of its own: a cancelled fetch must not cut the session's statement, and with it all locks."""
        if self._settling is None or self._settling.done():
            self._settling = asyncio.create_task(self._settle())
        await asyncio.shield(self._settling)

    async def _settle(self) -> None:
        session = self._session
        self._is_disturbed = False
        if self._generation != session.generation:
            self._generation = session.generation
            self._owned.clear()
            self._forfeited.clear()
        for partition, owned in list(self._owned.items()):
            if session.epochs.get(owned.slot, owned.epoch) > owned.epoch:
                self._forfeit(partition)
        wanted = self._wanted()
        for partition in self._owned.keys() - wanted.keys():
            self._forfeit(partition)
        if self._forfeited:
            await session.release(self, self._forfeited, self._generation)
            self._forfeited = []
        missing = {slot: partition for partition, slot in wanted.items() if partition not in self._owned}
        taken = await session.acquire(self, missing, self._generation)
        for slot, granted in taken.items():
            partition = missing[slot]
            self._owned[partition] = _Owned(slot, self._topics[partition.topic].id, granted.epoch, granted.committed)

    def _forfeit(self, partition: TopicPartition) -> None:
        self._forfeited.append(self._owned.pop(partition).slot)

    def _wanted(self) -> dict[TopicPartition, Slot]:
        wanted = {}
        for name, reader in self.readers.items():
            topic, members = self._topics.get(name), self._session.members.get(reader, [])
            for number in range(topic.partitions if topic else 0):
                partition = TopicPartition(name, number)
                # Until the list shows this very member it says nothing about its share.
                is_mine = members[(number + reader) % len(members)] == self.id if self.id in members else partition in self._owned
                if is_mine:
                    wanted[partition] = Slot(reader, number)
        return wanted

    async def _read(self, max_records: int) -> list[Delivered]:
        partitions = list(self._owned.items())
        if not partitions:
            return []
        self._turn = (self._turn + 1) % len(partitions)  # a busy partition must not starve those after it
        partitions = partitions[self._turn :] + partitions[: self._turn]
        names = {(owned.topic_id, partition.partition): partition for partition, owned in partitions}
        with bus_unavailable("fetch"):
            rows = await self._pool.fetch(
                sql.READ,
                [owned.topic_id for _, owned in partitions],
                [partition.partition for partition, _ in partitions],
                [owned.next for _, owned in partitions],
                max_records,
                MAX_FETCH_BYTES,
                timeout=STATEMENT_SECONDS,
            )
        records = []
        for topic_id, number, offset, key, value, headers, written_at in rows:
            partition = names[topic_id, number]
            self._owned[partition].next = offset + 1
            pairs = tuple((name, text.encode("latin-1")) for name, text in orjson.loads(headers))
            records.append(Delivered(partition.topic, number, offset, key, value, written_at, pairs))
        return records

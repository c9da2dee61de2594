"""One member of one group on Kafka, supervised.

Invariants:
- partitions are given up only while `fetch` waits: a rebalance is held back until the batch in hand is finished, or
  until the group stops waiting for this member (REBALANCE_SECONDS);
- a consumer that stands still though there is something to read, or fails, or cannot reach its broker, is torn down;
  the next `fetch` builds another, which reads on from the committed positions: redelivery, never a gap or a swap.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.errors import CommitFailedError, IllegalStateError

from bus.kafka_clients import REBALANCE_SECONDS, REQUEST_SECONDS, STOP_SECONDS, abandon_consumer, bus_unavailable
from bus.protocol import BusUnavailable, Delivered, PartitionLost, TopicPartition
from chassis.logs import get_logger
from chassis.tasks import end

CHECK_SECONDS = 3.0
"""How often the supervisor compares positions with the ends."""

RETRY_SECONDS = 0.5
JOIN_SECONDS = REBALANCE_SECONDS + 10.0
COMMIT_SECONDS = 10.0

CHECKS_WITH_PARTITIONS = 2  # standing still at that many checks in a row means stuck
CHECKS_WITHOUT_PARTITIONS = 20  # of others' partitions we only see what is committed, and they may be slow
FAILED_CHECKS = 8  # aiokafka usually finds back by itself, and at once; a rebuilt member waits for its former self to expire

_log = get_logger(__name__)


class KafkaSubscription:
    """See `Subscription`. `make` builds one more consumer of the group."""

    def __init__(self, group: str, topics: tuple[str, ...], make: Callable[[], AIOKafkaConsumer]) -> None:
        self._group = group
        self._topics = topics
        self._make = make
        self._consumer: AIOKafkaConsumer | None = None
        self._joining: asyncio.Task[AIOKafkaConsumer] | None = None
        self._batch_done = asyncio.Event()
        self._batch_done.set()
        self._next_check = 0.0
        self._checks_stood = 0
        self._checks_failed = 0
        self._behind: dict[Any, int] = {}

    async def fetch(self, *, max_records: int = 500, wait: float = 1.0) -> list[Delivered]:
        self._batch_done.set()
        try:
            consumer = await self.joined(wait)
            if consumer is None:
                return []
            with bus_unavailable("fetch"):
                batches = await self._poll(consumer, max_records, wait)
            if not batches:
                await self._supervise(consumer)
        except BaseException as error:
            if not isinstance(error, BusUnavailable | asyncio.CancelledError):
                _log.warning("consumer failed", group=self._group, error=repr(error))
                await self._tear_down()
                raise BusUnavailable(f"fetch: {error!r}") from error
            raise
        if batches:
            self._batch_done.clear()
        return [
            Delivered(
                partition.topic,
                partition.partition,
                record.offset,
                (record.key or b"").decode("utf-8", "replace"),
                record.value or b"",
                record.timestamp,
                tuple(record.headers),
            )
            for partition, records in batches.items()
            for record in records
        ]

    async def commit(self, positions: Mapping[TopicPartition, int]) -> None:
        consumer = self._consumer
        if consumer is None:
            raise PartitionLost(f"{self._group}: the consumer was rebuilt")
        owned = consumer.assignment()
        mine = {KafkaPartition(*partition): offset for partition, offset in positions.items() if partition in owned}
        lost = [f"{topic}/{number}" for topic, number in sorted(positions) if (topic, number) not in owned]
        try:
            with bus_unavailable("commit"):
                try:
                    async with asyncio.timeout(COMMIT_SECONDS):
                        if mine:
                            await consumer.commit(mine)
                except (CommitFailedError, IllegalStateError) as error:
                    raise PartitionLost(f"{self._group}: {error}") from error
        except BusUnavailable:
            self._checks_failed += 1
            raise
        if lost:
            raise PartitionLost(", ".join(lost))

    def seek(self, partition: TopicPartition, offset: int) -> None:
        if self._consumer is None or partition not in self._consumer.assignment():
            raise PartitionLost(f"{partition.topic}/{partition.partition}")
        self._consumer.seek(KafkaPartition(*partition), offset)

    def assignment(self) -> frozenset[TopicPartition]:
        owned = self._consumer.assignment() if self._consumer is not None else ()
        return frozenset(TopicPartition(*partition) for partition in owned)

    async def close(self) -> None:
        self._batch_done.set()
        joining, self._joining = self._joining, None
        if joining is not None:
            # Cut off in its first request, aiokafka would leave the connection open.
            await asyncio.wait([joining], timeout=STOP_SECONDS)
            await end(joining)
            if not joining.cancelled() and joining.exception() is None:
                self._consumer = joining.result()
        await self._tear_down()

    async def joined(self, wait: float) -> AIOKafkaConsumer | None:
        """The running consumer, built if there is none; None while it still waits for its group. Raises BusUnavailable."""
        if self._consumer is None:
            if self._joining is None:
                self._joining = asyncio.create_task(self._join())
            done, _ = await asyncio.wait([self._joining], timeout=wait)
            if not done:
                return None
            joining, self._joining = self._joining, None
            if joining.exception() is not None:
                await asyncio.sleep(min(wait, RETRY_SECONDS))  # callers fetch again at once; a broker that is away is not to be hammered
            self._consumer = joining.result()
            self._checks_stood = self._checks_failed = 0
            self._behind = {}
            self._next_check = asyncio.get_running_loop().time() + CHECK_SECONDS
        return self._consumer

    async def _join(self) -> AIOKafkaConsumer:
        consumer = self._make()
        consumer.subscribe(topics=self._topics, listener=_HoldBack(self._batch_done))
        try:
            with bus_unavailable(f"join {self._group}"):
                async with asyncio.timeout(JOIN_SECONDS):
                    await consumer.start()
        except BaseException:
            await abandon_consumer(consumer)
            raise
        return consumer

    async def _poll(self, consumer: AIOKafkaConsumer, max_records: int, wait: float) -> dict[KafkaPartition, list[Any]]:
        """Not only getmany's own limit: during a rebalance it waits for the new assignment without one."""
        try:
            async with asyncio.timeout(wait + 0.05):
                batches: dict[KafkaPartition, list[Any]] = await consumer.getmany(timeout_ms=int(wait * 1000), max_records=max_records)
        except TimeoutError:
            return {}
        return batches

    async def _supervise(self, consumer: AIOKafkaConsumer) -> None:
        """After an empty fetch, now and then: is there really nothing, and is the broker there? Raises BusUnavailable."""
        clock = asyncio.get_running_loop()
        if clock.time() < self._next_check:
            return
        try:
            with bus_unavailable("supervise"):
                async with asyncio.timeout(REQUEST_SECONDS):
                    owned = consumer.assignment()
                    behind = await _behind(consumer, owned or _all_partitions(consumer, self._topics), is_owner=bool(owned))
        except BusUnavailable:
            self._checks_failed += 1
            if self._checks_failed >= FAILED_CHECKS:
                await self._tear_down()
            raise
        finally:
            self._next_check = clock.time() + CHECK_SECONDS
        self._checks_failed = 0
        stands = any(self._behind.get(partition) == position for partition, position in behind.items())
        self._behind = behind
        self._checks_stood = self._checks_stood + 1 if stands else 0
        if self._checks_stood >= (CHECKS_WITH_PARTITIONS if owned else CHECKS_WITHOUT_PARTITIONS):
            _log.warning("consumer stands still with records waiting: rebuilt", group=self._group, behind=len(behind))
            await self._tear_down()

    async def _tear_down(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await abandon_consumer(consumer)


class _HoldBack(ConsumerRebalanceListener):  # type: ignore[misc]
    """aiokafka rebalances in the background; this makes it wait for the batch in hand, so that commits still count."""

    def __init__(self, batch_done: asyncio.Event) -> None:
        self._batch_done = batch_done

    async def on_partitions_revoked(self, revoked: set[KafkaPartition]) -> None:
        try:
            async with asyncio.timeout(REBALANCE_SECONDS):
                await self._batch_done.wait()
        except TimeoutError:
            _log.warning("a batch took longer than its group waits: others will get it too", partitions=len(revoked))

    async def on_partitions_assigned(self, assigned: set[KafkaPartition]) -> None:
        return None


def _all_partitions(consumer: AIOKafkaConsumer, topics: tuple[str, ...]) -> set[KafkaPartition]:
    return {KafkaPartition(topic, number) for topic in topics for number in consumer.partitions_for_topic(topic) or ()}


async def _behind(consumer: AIOKafkaConsumer, partitions: set[KafkaPartition], *, is_owner: bool) -> dict[KafkaPartition, int]:
    """The partitions with unread records, and the position there: where we read, or what the group has committed."""
    ends = await consumer.end_offsets(partitions)
    behind = {}
    for partition in partitions:
        with suppress(IllegalStateError):  # given up by a rebalance meanwhile
            position = await consumer.position(partition) if is_owner else await consumer.committed(partition) or 0
            if position < ends[partition]:
                behind[partition] = position
    return behind

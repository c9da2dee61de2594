"""The bus on Apache Kafka, through aiokafka.

Invariants:
- the producer is idempotent and waits for all replicas; after any failed publish it is thrown away with everything it
  has not delivered, so nothing of a failed publish is sent after a later one;
- every wait has a limit; while the broker is away calls raise BusUnavailable, and work again when it is back.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from weakref import WeakSet

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import MessageSizeTooLargeError, TopicAlreadyExistsError, for_code

from bus.kafka_clients import (
    REBALANCE_SECONDS,
    REQUEST_SECONDS,
    abandon_consumer,
    abandon_producer,
    bus_unavailable,
    new_consumer,
    new_producer,
    within_limit,
)
from bus.kafka_rewind import RewindingAssignor, commit_as_only_owner
from bus.kafka_subscription import KafkaSubscription
from bus.protocol import MAX_RECORD_BYTES, BusUnavailable, Lag, Position, Record, RecordTooLarge, TopicPartition

PUBLISH_SECONDS = 10.0
START_SECONDS = 3 * REQUEST_SECONDS + 1.0
"""Longer than a client's three first requests may take: cut short in one of them, it would leave its socket open."""

JOIN_PATIENCE_SECONDS = 2.0
"""How long `subscribe` waits to be a member; a group with a member in the middle of a batch lets it in later."""

_TOPIC_SETTINGS = {"message.timestamp.type": "LogAppendTime"}


class KafkaBus:
    """See `Bus`. `bootstrap` is `host:port[,host:port…]`."""

    def __init__(self, bootstrap: str, *, client_id: str) -> None:
        self._bootstrap = bootstrap
        self._client_id = client_id
        self._producer: AIOKafkaProducer | None = None
        self._observer: AIOKafkaConsumer | None = None
        self._admin: AIOKafkaAdminClient | None = None
        self._building = asyncio.Lock()
        self._topics: set[str] = set()
        self._subscriptions: WeakSet[KafkaSubscription] = WeakSet()

    async def start(self) -> None:
        await self._running_producer()

    async def stop(self) -> None:
        await asyncio.gather(*(subscription.close() for subscription in list(self._subscriptions)))
        producer, self._producer = self._producer, None
        if producer is not None:
            await abandon_producer(producer)
        await self._drop_observers()

    async def ensure_topics(self, topics: Mapping[str, int]) -> None:
        missing = [name for name in topics if name not in self._topics]
        if not missing:
            return
        wanted = [NewTopic(name, topics[name], -1, {}, _TOPIC_SETTINGS) for name in missing]
        async with self._observing("ensure topics") as (admin, _):
            response = await admin.create_topics(wanted, timeout_ms=int(REQUEST_SECONDS * 1000))
            for name, code, *message in response.topic_errors:
                error = for_code(code)
                if code and error is not TopicAlreadyExistsError:
                    raise error(f"{name}: {message}")
        self._topics.update(missing)

    async def publish(self, records: Sequence[Record]) -> None:
        for record in records:
            if len(record.value) > MAX_RECORD_BYTES:
                raise RecordTooLarge(f"{record.topic}: {len(record.value)} bytes, at most {MAX_RECORD_BYTES}")
        if not records:
            return
        producer = await self._running_producer()
        with bus_unavailable("publish"):
            async with asyncio.timeout(PUBLISH_SECONDS):
                for topic in {record.topic for record in records}:
                    await producer.partitions_for(topic)
        try:
            with bus_unavailable("publish"):
                async with asyncio.timeout(PUBLISH_SECONDS):
                    await _deliver(producer, records)
        except RecordTooLarge:
            raise
        except BaseException as error:
            await self._discard_producer(producer, error)
            raise

    async def subscribe(self, group: str, topics: Sequence[str]) -> KafkaSubscription:
        subscription = KafkaSubscription(group, tuple(topics), lambda: new_consumer(self._bootstrap, self._client_id, group=group))
        self._subscriptions.add(subscription)
        await subscription.joined(JOIN_PATIENCE_SECONDS)
        return subscription

    async def lag(self, group: str, topics: Sequence[str]) -> dict[TopicPartition, Lag]:
        async with self._observing("lag") as (admin, observer):
            partitions = await _partitions(admin, topics)
            starts = await observer.beginning_offsets(partitions)
            ends = await observer.end_offsets(partitions)
            committed = await admin.list_consumer_group_offsets(group, partitions=partitions)
        return {
            TopicPartition(*partition): Lag(max(starts[partition], committed[partition].offset), ends[partition])
            for partition in partitions
        }

    async def rewind(self, group: str, topic: str, to: Position) -> dict[TopicPartition, int]:
        async with self._observing("rewind") as (admin, observer):
            partitions = await _partitions(admin, [topic])
            starts = await observer.beginning_offsets(partitions)
            ends = await observer.end_offsets(partitions)
            if isinstance(to, datetime):
                found = await observer.offsets_for_times(dict.fromkeys(partitions, int(to.timestamp() * 1000)))
                target = {partition: found[partition].offset if found[partition] else ends[partition] for partition in partitions}
            else:
                target = {partition: min(max(to, starts[partition]), ends[partition]) for partition in partitions}
        consumer = new_consumer(self._bootstrap, f"{self._client_id}-rewind", topic, group=group, assignor=RewindingAssignor)
        try:
            with bus_unavailable("rewind"):
                await commit_as_only_owner(consumer, target, REBALANCE_SECONDS + REQUEST_SECONDS)
        finally:
            await abandon_consumer(consumer)
        return {TopicPartition(*partition): offset for partition, offset in target.items()}

    async def _running_producer(self) -> AIOKafkaProducer:
        async with self._building:
            if self._producer is None:
                producer = new_producer(self._bootstrap, self._client_id)
                try:
                    with bus_unavailable("start"):
                        async with asyncio.timeout(START_SECONDS):
                            await producer.start()
                except BaseException as error:
                    await abandon_producer(producer, error)
                    raise
                self._producer = producer
            return self._producer

    async def _discard_producer(self, producer: AIOKafkaProducer, reason: BaseException) -> None:
        async with self._building:
            if self._producer is producer:
                self._producer = None
                await abandon_producer(producer, reason)

    @asynccontextmanager
    async def _observing(self, doing: str) -> AsyncIterator[tuple[AIOKafkaAdminClient, AIOKafkaConsumer]]:
        """The clients that look at topics and offsets; dropped after a failure, so that the next use starts fresh."""
        try:
            with bus_unavailable(doing):
                async with asyncio.timeout(START_SECONDS):
                    async with self._building:
                        if self._admin is None:
                            self._admin = AIOKafkaAdminClient(
                                bootstrap_servers=self._bootstrap,
                                client_id=self._client_id,
                                request_timeout_ms=int(REQUEST_SECONDS * 1000),
                            )
                            self._observer = new_consumer(self._bootstrap, self._client_id)
                            await self._admin.start()
                            await self._observer.start()
                    yield self._admin, self._observer
        except BusUnavailable:
            await self._drop_observers()
            raise

    async def _drop_observers(self) -> None:
        admin, self._admin = self._admin, None
        observer, self._observer = self._observer, None
        if observer is not None:
            await abandon_consumer(observer)
        if admin is not None:
            await within_limit(admin.close())


async def _deliver(producer: AIOKafkaProducer, records: Sequence[Record]) -> None:
    """Queue the records in order and wait for all answers. Raises RecordTooLarge, or the first delivery's error."""
    deliveries: list[asyncio.Future[object]] = []
    too_large: RecordTooLarge | None = None
    for record in records:
        try:
            delivery = await producer.send(record.topic, value=record.value, key=record.key.encode(), headers=list(record.headers))
        except MessageSizeTooLargeError as error:
            too_large = RecordTooLarge(f"{record.topic}: {error}")
            break
        # Someone must look at an error even if the wait below is cut short.
        delivery.add_done_callback(lambda answered: answered.cancelled() or answered.exception())
        deliveries.append(delivery)
    for answer in await asyncio.gather(*deliveries, return_exceptions=True):
        if isinstance(answer, BaseException):
            raise answer
    if too_large is not None:
        raise too_large


async def _partitions(admin: AIOKafkaAdminClient, topics: Sequence[str]) -> list[KafkaPartition]:
    described = await admin.describe_topics(list(topics))
    for topic in described:
        if topic["error_code"]:
            raise for_code(topic["error_code"])(topic["topic"])
    return [KafkaPartition(topic["topic"], partition["partition"]) for topic in described for partition in topic["partitions"]]

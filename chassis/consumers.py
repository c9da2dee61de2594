"""Consumers: read the bus, give each event its effect once, in order per key, and never lose one.

- The effect and the inbox row are one transaction; the offset is committed after it, per partition.
- What is only away (database, another service, the bus) is waited for, however long: nothing is parked for an outage.
- What fails by itself is retried with backoff and jitter, then its key is parked and the rest of the partition goes on.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime
import hashlib
from typing import Any

from prometheus_client import Counter, Gauge
from pydantic import BaseModel

from bus import BusUnavailable, Delivered, PartitionLost, Record, Subscription, TopicPartition
from chassis import context, inbox
from chassis.database import is_outage
from chassis.events import Consumer, Handler, Incoming
from chassis.logs import get_logger, masked
from chassis.problems import Unavailable
from chassis.runtime import Runtime
from chassis.tasks import end, happens, pause_after

log = get_logger("tongban.consumer")

ATTEMPTS = 5
NOT_YET_ATTEMPTS = 40
FETCH_RECORDS = 200
REPLAY_POLL_SECONDS = 0.5
LAG_SAMPLE_SECONDS = 15.0
DEAD_LETTER_SUFFIX = ".dlq"
MOST_ID_CHARACTERS = 500


class NotYet(Exception):
    """The event needs something another topic brings, which has not arrived; it is tried again for some seconds, then parked."""


class MalformedEvent(Exception):
    """The record is not a CloudEvent we can read."""


@asynccontextmanager
async def run_consumers(runtime: Runtime, consumers: Sequence[Consumer]) -> AsyncIterator[None]:
    """Run each consumer in the background; on leaving, finish the event in hand, commit positions and leave the groups."""
    async with AsyncExitStack() as stack:
        metrics = ConsumerMetrics(runtime)
        readers = [Reader(runtime, consumer, metrics) for consumer in consumers]
        for reader in readers:
            await stack.enter_async_context(reader.running())
        yield
        for reader in readers:  # all at once; leaving waits for one after the other
            reader.stop()


class ConsumerMetrics:
    def __init__(self, runtime: Runtime) -> None:
        self.handled = Counter("tongban_events_handled_total", "Events handled", ["consumer", "outcome"], registry=runtime.registry)
        self.lag = Gauge("tongban_consumer_lag_records", "Records not yet read", ["consumer"], registry=runtime.registry)
        self.parked = Gauge("tongban_dead_letters", "Letters parked", ["consumer"], registry=runtime.registry)


class Reader:
    """One consumer at work in this process."""

    def __init__(self, runtime: Runtime, consumer: Consumer, metrics: ConsumerMetrics) -> None:
        self._runtime = runtime
        self._consumer = consumer
        self._metrics = metrics
        self._stopping = asyncio.Event()
        # A backlog on many partitions must leave connections for the service's own requests.
        self._at_once = asyncio.Semaphore(max(1, runtime.settings.database_pool // 2))
        self._has_uncopied = True

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        tasks = [
            asyncio.create_task(self._keep(self._read), name=f"consumer-{self._consumer.name}"),
            asyncio.create_task(self._keep(self._replay), name=f"replayer-{self._consumer.name}"),
            asyncio.create_task(self._keep(self._sample), name=f"sampler-{self._consumer.name}"),
        ]
        try:
            yield
        finally:
            self.stop()
            await end(*tasks, seconds=self._runtime.settings.drain_seconds)

    def stop(self) -> None:
        """Finish the event in hand and no more."""
        self._stopping.set()

    async def _keep(self, work: Any) -> None:
        """Run until stopping; an outage or a defect is logged and begun again with backoff."""
        failures = 0
        while not self._stopping.is_set():
            try:
                await work()
                failures = 0
            except Exception as error:
                failures += 1
                if _is_transient(error):
                    log.warning("consumer waits", consumer=self._consumer.name, error=repr(error), failures=failures)
                else:
                    log.exception("consumer failed", consumer=self._consumer.name)
                await self._pause(failures)

    async def _pause(self, failures: int) -> None:
        await happens(self._stopping, pause_after(failures))

    # Reading

    async def _read(self) -> None:
        bus = self._runtime.bus
        await bus.start()
        partitions = self._runtime.settings.topic_partitions
        dead = {topic + DEAD_LETTER_SUFFIX: 1 for topic in self._consumer.topics}
        await bus.ensure_topics({**dict.fromkeys(self._consumer.topics, partitions), **dead})
        subscription = await bus.subscribe(self._consumer.name, self._consumer.topics)
        try:
            while not self._stopping.is_set():
                records = await subscription.fetch(max_records=FETCH_RECORDS, wait=0.5)
                if records:
                    await self._take(subscription, records)
                if self._has_uncopied:
                    await self._copy_dead_letters()
        finally:
            await subscription.close()

    async def _take(self, subscription: Subscription, records: Sequence[Delivered]) -> None:
        by_partition: dict[TopicPartition, list[Delivered]] = {}
        for record in records:
            by_partition.setdefault(TopicPartition(record.topic, record.partition), []).append(record)
        done = await asyncio.gather(*(self._take_partition(part) for part in by_partition.values()), return_exceptions=True)
        positions = {tp: end for tp, end in zip(by_partition, done, strict=True) if isinstance(end, int)}
        if positions:
            with suppress(PartitionLost):
                await subscription.commit(positions)
        for outcome in done:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _take_partition(self, records: Sequence[Delivered]) -> int:
        """Handle one partition's records in order; answers the next offset to read."""
        position = records[0].offset
        for record in records:
            if self._stopping.is_set():
                break
            async with self._at_once:
                is_done = await self.take_record(record)
            if not is_done:
                break
            position = record.offset + 1
        return position

    async def take_record(self, record: Delivered) -> bool:
        """True when the record is done with: had its effect, had it before, is nobody's business, or is parked."""
        event_type = record.header("ce_type") or ""
        handler = self._consumer.handler(event_type)
        if handler is None and event_type:
            return True
        record = _with_storable_key(record)
        context.enter(_context_of(record, self._consumer.name))
        attempt = 0
        while True:
            attempt += 1
            try:
                outcome = await self._attempt(record, handler)
            except Exception as error:
                if _is_transient(error):
                    log.warning("event waits for something that is away", type=event_type, error=repr(error), attempt=attempt)
                elif _is_hopeless(error, attempt) and await self._try_park(record, error, attempt):
                    return True
                if self._stopping.is_set():
                    return False
                await self._pause(min(attempt, 3) if isinstance(error, NotYet) else attempt)
                continue
            self._metrics.handled.labels(self._consumer.name, outcome).inc()
            return True

    async def _attempt(self, record: Delivered, handler: Handler | None) -> str:
        if handler is None:
            raise MalformedEvent("no ce_type header")
        event = read_event(record, handler)
        outcome: inbox.Standing = "new"
        prepared = None
        if handler.prepare is not None:  # it may call other services: not for events that wait or are done with
            async with self._runtime.db.read() as reading:
                outcome = await inbox.look(reading, self._consumer.name, record.key, event.id)
            prepared = await handler.prepare(event, self._runtime) if outcome == "new" else None
        if outcome == "new":
            async with self._runtime.db.write() as tx:
                outcome = await inbox.enter(tx, self._consumer.name, record.key, event.id)
                if outcome == "new":
                    await handler.apply(event, tx, prepared)
        if outcome == "parked":
            await self._park_behind(record, event)
        return outcome

    async def _park_behind(self, record: Delivered, event: Incoming[Any]) -> None:
        async with self._runtime.db.write() as tx:
            await inbox.lock_key(tx, self._consumer.name, record.key)
            state = await inbox.state_of_key(tx, self._consumer.name, record.key)
            if state is None:
                raise NotYet("the key was freed meanwhile")
            await inbox.park(
                tx, self._consumer.name, record, event_id=event.id, event_type=event.type,
                error="waits behind an earlier event", attempts=0, state=state,
            )  # fmt: skip
        self._has_uncopied = True

    async def _try_park(self, record: Delivered, error: Exception, attempts: int) -> bool:
        try:
            async with self._runtime.db.write() as tx:
                await inbox.lock_key(tx, self._consumer.name, record.key)
                await inbox.park(
                    tx, self._consumer.name, record, event_id=event_id_of(record), event_type=record.header("ce_type") or "?",
                    error=describe(error), attempts=attempts,
                )  # fmt: skip
        except Exception as failure:
            if _is_transient(failure):
                return False
            raise
        log.error("event parked", consumer=self._consumer.name, key=record.key, offset=record.offset, error=describe(error))
        self._metrics.handled.labels(self._consumer.name, "parked").inc()
        self._has_uncopied = True
        return True

    async def _copy_dead_letters(self) -> None:
        """Copy parked events to the dead-letter topic, for operators who watch the bus."""
        async with self._runtime.db.read() as reading:
            found = await inbox.uncopied(reading, self._consumer.name)
        if found:
            await self._runtime.bus.publish([_dead_record(letter) for letter in found])
            async with self._runtime.db.write() as tx:
                await inbox.mark_copied(tx, [letter.id for letter in found])
        self._has_uncopied = bool(found)

    # Replaying what an operator asked for

    async def _replay(self) -> None:
        while not self._stopping.is_set():
            if not await self._replay_one():
                await happens(self._stopping, REPLAY_POLL_SECONDS)

    async def _replay_one(self) -> bool:
        async with self._runtime.db.write() as tx:
            found = await inbox.next_replay(tx, self._consumer.name)
        if found is None:
            return False
        context.enter(_context_of(found.record, self._consumer.name))
        try:
            handler = self._consumer.handler(found.type)
            if handler is None:
                raise MalformedEvent("nobody handles this type")
            event = read_event(found.record, handler)
            prepared = await handler.prepare(event, self._runtime) if handler.prepare else None
            async with self._runtime.db.write() as tx:
                await inbox.lock_key(tx, self._consumer.name, found.record.key)
                current = await inbox.letter(tx, found.id)
                if current is None or current.state != "replaying":
                    return True
                if await inbox.claim_replay(tx, found):
                    await handler.apply(event, tx, prepared)
        except Exception as error:
            if _is_transient(error):
                raise
            log.error("replay failed", consumer=self._consumer.name, letter=found.id, error=describe(error))
            async with self._runtime.db.write() as tx:
                await inbox.lock_key(tx, self._consumer.name, found.record.key)
                await inbox.replay_failed(tx, found, describe(error))
        return True

    # Watching

    async def _sample(self) -> None:
        while not await happens(self._stopping, LAG_SAMPLE_SECONDS):
            lags = await self._runtime.bus.lag(self._consumer.name, self._consumer.topics)
            self._metrics.lag.labels(self._consumer.name).set(sum(lag.records for lag in lags.values()))
            async with self._runtime.db.read() as tx:
                parked = await inbox.letters(tx, states=("parked", "replaying"), consumer=self._consumer.name, limit=1000)
            self._metrics.parked.labels(self._consumer.name).set(len(parked))


def read_event(record: Delivered, handler: Handler) -> Incoming[BaseModel]:
    """The event in the handler's own model. Raises MalformedEvent, pydantic.ValidationError."""
    event_id, event_type, at = record.header("ce_id"), record.header("ce_type"), record.header("ce_time")
    if not event_id or not event_type or not at:
        raise MalformedEvent("ce_id, ce_type or ce_time is missing")
    if event_id != event_id_of(record):
        raise MalformedEvent("ce_id is not an id")
    try:
        time = datetime.fromisoformat(at)
    except ValueError as error:
        raise MalformedEvent("ce_time is not a time") from error
    body = handler.view.model_construct() if handler.type == "*" else handler.view.model_validate_json(record.value)
    return Incoming(
        id=event_id, type=event_type, source=record.header("ce_source") or "", time=time,
        subject=record.header("ce_subject") or record.key, body=body, record=record,
    )  # fmt: skip


def event_id_of(record: Delivered) -> str:
    """The event's id, or the record's place where it has none that can be kept."""
    event_id = record.header("ce_id") or ""
    is_good = 0 < len(event_id) <= MOST_ID_CHARACTERS and event_id == inbox.storable(event_id)
    return event_id if is_good else f"{record.topic}/{record.partition}/{record.offset}"


def _with_storable_key(record: Delivered) -> Delivered:
    """A key that no index can hold is named by its digest, so that even such an event can be parked."""
    if len(record.key) <= MOST_ID_CHARACTERS and record.key == inbox.storable(record.key):
        return record
    return replace(record, key="sha256:" + hashlib.sha256(record.key.encode("utf-8", "replace")).hexdigest())


def describe(error: Exception) -> str:
    """An error for an operator, without personal numbers."""
    return masked(f"{type(error).__name__}: {error}")


def _is_hopeless(error: Exception, attempt: int) -> bool:
    return isinstance(error, MalformedEvent) or attempt >= (NOT_YET_ATTEMPTS if isinstance(error, NotYet) else ATTEMPTS)


def _is_transient(error: BaseException) -> bool:
    return isinstance(error, BusUnavailable | Unavailable) or is_outage(error)


def _context_of(record: Delivered, consumer: str) -> context.RequestContext:
    return context.RequestContext(
        request_id=context.accepted_request_id(record.header("ce_id")),
        traceparent=context.child_traceparent(record.header("traceparent")),
        facts={"consumer": consumer},
    )


def _dead_record(letter: inbox.DeadLetter) -> Record:
    facts = {
        "dlq_consumer": letter.consumer, "dlq_error": letter.error, "dlq_topic": letter.record.topic,
        "dlq_partition": str(letter.record.partition), "dlq_offset": str(letter.record.offset), "dlq_attempts": str(letter.attempts),
    }  # fmt: skip
    headers = (*letter.record.headers, *((name, value.encode()) for name, value in facts.items()))
    return Record(letter.record.topic + DEAD_LETTER_SUFFIX, letter.record.key, letter.record.value, headers)

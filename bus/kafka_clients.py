"""aiokafka's clients as this suite runs them: its defaults overridden, and endings that end.

aiokafka's own `stop` waits for deliveries and answers that never come while the broker is away (issues 1101, 1039); a
client left half stopped would go on sending behind its successor's back. `abandon_*` leaves nothing running.
"""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

from bus.kafka_rewind import SharingAssignor
from bus.protocol import BusUnavailable

FETCH_MAX_WAIT_MS = 100
"""How long a request waits at the broker when there is nothing. Records end the wait at once, so it costs no latency
(measured: p50 2 ms with 10 as with 500), but each idle consumer asks that often: 10 costs 3 % of a core, 100 a third of it."""

STOP_SECONDS = 3.0
REQUEST_SECONDS = 5.0
REBALANCE_SECONDS = 30.0
"""How long a group waits for a member that is in the middle of a batch before going on without it."""


@contextmanager
def bus_unavailable(doing: str) -> Iterator[None]:
    """Turns aiokafka's errors and timeouts into BusUnavailable, and cancellations that nobody asked this task for:
    aiokafka lets its own escape from futures it cancelled, and they would end the caller without a word."""
    try:
        yield
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise BusUnavailable(f"{doing}: cancelled inside the client") from error
    except (KafkaError, OSError, TimeoutError, AssertionError) as error:
        # AssertionError: aiokafka asserts that a broker is known, which one that went away is not.
        raise BusUnavailable(f"{doing}: {type(error).__name__}: {error}") from error


def new_producer(bootstrap: str, client_id: str) -> AIOKafkaProducer:
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        client_id=client_id,
        enable_idempotence=True,
        acks="all",
        compression_type="lz4",
        linger_ms=0,  # batches form while the request before them is under way
        max_batch_size=131_072,
        request_timeout_ms=int(REQUEST_SECONDS * 1000),
    )


def new_consumer(
    bootstrap: str, client_id: str, *topics: str, group: str | None = None, assignor: type[SharingAssignor] = SharingAssignor
) -> AIOKafkaConsumer:
    """A member of a group; without a group, an observer of offsets."""
    return AIOKafkaConsumer(
        *topics,
        bootstrap_servers=bootstrap,
        client_id=client_id,
        group_id=group,
        partition_assignment_strategy=(assignor,),
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        fetch_max_wait_ms=FETCH_MAX_WAIT_MS,
        fetch_max_bytes=16_000_000,
        heartbeat_interval_ms=500,  # members learn of a rebalance with a heartbeat
        session_timeout_ms=10_000,
        rebalance_timeout_ms=int(REBALANCE_SECONDS * 1000),
        request_timeout_ms=int(REQUEST_SECONDS * 1000),
    )


async def abandon_producer(producer: AIOKafkaProducer, reason: BaseException | None = None) -> None:
    """End a producer; with a reason, what it has not delivered fails with it and is never sent."""
    if reason is not None:
        producer._message_accumulator.fail_all(BusUnavailable(str(reason)))
        await within_limit(producer.client.close())
    await within_limit(producer.stop())
    await _cancel(producer._sender.sender_task)
    await within_limit(producer.client.close())


async def abandon_consumer(consumer: AIOKafkaConsumer) -> None:
    """Leave the group in order if the broker answers, and end whatever still runs otherwise."""
    await within_limit(consumer.stop())
    coordinator, fetcher = consumer._coordinator, consumer._fetcher
    for name in ("_coordination_task", "_heartbeat_task", "_commit_refresh_task"):
        await _cancel(getattr(coordinator, name, None))
    if fetcher is not None:
        await within_limit(fetcher.close())
    await within_limit(consumer._client.close())


async def within_limit(ending: Coroutine[Any, Any, object]) -> None:
    """Wait for an ending no longer than STOP_SECONDS, whatever it raises on the way.

    In a task of its own: aiokafka's endings await tasks they cancelled, and would hand that cancellation on to us.
    """
    task = asyncio.create_task(ending)
    await asyncio.wait([task], timeout=STOP_SECONDS)
    await _cancel(task)


async def _cancel(task: asyncio.Task[Any] | None) -> None:
    if task is None:
        return
    task.cancel()
    await asyncio.wait([task], timeout=STOP_SECONDS)
    if task.done() and not task.cancelled():
        task.exception()  # looked at, so that nobody complains that it was not

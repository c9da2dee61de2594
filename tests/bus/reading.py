"""Records to publish, and reading them back until there is enough."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence

from bus import Bus, BusUnavailable, Delivered, Record, Subscription, TopicPartition


def numbered(topic: str, count: int, *, keys: int = 10, start: int = 0) -> list[Record]:
    return [Record(topic, f"key-{n % keys}", str(n).encode()) for n in range(start, start + count)]


def in_order_per_key(records: list[Delivered]) -> bool:
    """First sightings only: what comes again after a redelivery may be older."""
    last: dict[str, int] = defaultdict(lambda: -1)
    seen = set()
    for record in records:
        number = int(record.value)
        if number not in seen:
            if number < last[record.key]:
                return False
            last[record.key] = number
            seen.add(number)
    return True


def numbers(records: list[Delivered]) -> list[int]:
    return sorted({int(record.value) for record in records})


def end_of(records: list[Delivered], partition: int) -> int:
    """The end of the partition when these are all of its records."""
    return sum(1 for record in records if record.partition == partition)


def after(records: list[Delivered]) -> dict[TopicPartition, int]:
    """The positions to commit once these records are done."""
    return {TopicPartition(record.topic, record.partition): record.offset + 1 for record in records}


async def read_until(
    subscription: Subscription, enough: Callable[[list[Delivered]], bool], *, commit: bool = True, seconds: float = 45.0
) -> list[Delivered]:
    """Fetch, and commit each batch, until there is enough; an outage on the way is sat out."""
    got: list[Delivered] = []
    refused: list[str] = []
    try:
        async with asyncio.timeout(seconds):
            while not enough(got):
                try:
                    records = await subscription.fetch(wait=0.5)
                    got += records  # the effect; when the commit fails it stands, and a later commit covers it
                    if records and commit:
                        await subscription.commit(after(records))
                except BusUnavailable as error:
                    refused.append(str(error))
                    await asyncio.sleep(0)
    except TimeoutError:
        owned = sorted(partition.partition for partition in subscription.assignment())
        raise AssertionError(
            f"after {seconds} s: {len(got)} records, owning {owned}, refused {len(refused)} times: {refused[-3:]}"
        ) from None
    return got


async def nothing_is_left(bus: Bus, group: str, topics: Sequence[str], seconds: float = 30.0) -> None:
    """Wait until the group has committed everything."""
    async with asyncio.timeout(seconds):
        while any(lag.records for lag in (await bus.lag(group, topics)).values()):
            pass

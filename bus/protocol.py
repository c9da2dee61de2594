"""The shapes of the bus: records, positions, and the two protocols `Bus` and `Subscription`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

MAX_RECORD_BYTES = 900_000
"""Largest value a record may carry: below the broker's default 1 MiB message limit, headers included."""


class BusUnavailable(Exception):
    """The bus did not take or give records in time; the same call may succeed later."""


class PartitionLost(Exception):
    """The partition belongs to another member now: its records will be delivered there again."""


class RecordTooLarge(ValueError):
    """The record's value is over `MAX_RECORD_BYTES`; sending it again cannot succeed."""


class TopicPartition(NamedTuple):
    topic: str
    partition: int


@dataclass(frozen=True, slots=True)
class Record:
    """One record to publish. `headers` are ordered pairs, as in Kafka."""

    topic: str
    key: str
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Delivered:
    """One record as read back. `timestamp` is milliseconds since the epoch, given by the bus when it took the record."""

    topic: str
    partition: int
    offset: int
    key: str
    value: bytes
    timestamp: int
    headers: tuple[tuple[str, bytes], ...] = field(default=())

    def header(self, name: str) -> str | None:
        """The first header of that name as text, or None."""
        for header, value in self.headers:
            if header == name:
                return value.decode("utf-8", "replace")
        return None


@dataclass(frozen=True, slots=True)
class Lag:
    """Of one group on one partition: `committed` is the next offset to read, `end` the next offset to be written."""

    committed: int
    end: int

    @property
    def records(self) -> int:
        return max(0, self.end - self.committed)


Position = int | datetime
"""Where to replay from: an offset, or the first record at or after a time."""


class Subscription(Protocol):
    """One member of one group. Not safe for concurrent use."""

    async def fetch(self, *, max_records: int = 500, wait: float = 1.0) -> list[Delivered]:
        """Records in order per partition, from where the last fetch of this member ended.

        Waits up to `wait` seconds for the first record; an empty list means none came. Partitions change hands
        inside this call only. Raises BusUnavailable.
        """
        ...

    async def commit(self, positions: Mapping[TopicPartition, int]) -> None:
        """Store the next offset to read of each partition. Raises PartitionLost, BusUnavailable."""
        ...

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Deliver again from `offset` of an owned partition. Raises PartitionLost."""
        ...

    def assignment(self) -> frozenset[TopicPartition]:
        """The partitions owned now."""
        ...

    async def close(self) -> None:
        """Leave the group; its partitions are free for the others at once. Never raises."""
        ...


class Bus(Protocol):
    """A connection to the bus, shared by everything in one process."""

    async def start(self) -> None:
        """Connect. Raises BusUnavailable when that did not work in time; may be called again."""
        ...

    async def stop(self) -> None:
        """Flush and disconnect within a time limit. Never raises."""
        ...

    async def ensure_topics(self, topics: Mapping[str, int]) -> None:
        """Create the topics that are missing, with that many partitions. Never changes an existing one."""
        ...

    async def publish(self, records: Sequence[Record]) -> None:
        """Make all records durable, in order per key. Raises BusUnavailable, RecordTooLarge."""
        ...

    async def subscribe(self, group: str, topics: Sequence[str]) -> Subscription:
        """Join a group as one more member. A group without a committed position reads from the earliest record."""
        ...

    async def lag(self, group: str, topics: Sequence[str]) -> dict[TopicPartition, Lag]:
        """How far the group is behind on every partition of the topics. Raises BusUnavailable."""
        ...

    async def rewind(self, group: str, topic: str, to: Position) -> dict[TopicPartition, int]:
        """Set the group's committed positions on all partitions of a topic, so that it reads again from there.

        Where the group is being read, its members take up the new position within seconds, without a restart.
        Answers the new positions. Raises BusUnavailable.
        """
        ...

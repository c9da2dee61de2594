"""The bus: one protocol with Kafka's semantics, two implementations (`kafka`, `postgres`).

Invariants both keep, proven by one contract suite:
- a topic has partitions; a key always goes to partition murmur2(key) mod count; order holds per partition;
- `publish` returns only when every record is durable; after an error some may be durable, never reordered in a key;
- a group shares a topic's partitions among its members; a partition has one owner at a time;
- positions are committed explicitly, per partition, as the offset of the *next* record to read;
- what was delivered and not committed is delivered again to the next owner.
"""

from bus.protocol import (
    Bus,
    BusUnavailable,
    Delivered,
    Lag,
    PartitionLost,
    Position,
    Record,
    RecordTooLarge,
    Subscription,
    TopicPartition,
)

__all__ = [
    "Bus",
    "BusUnavailable",
    "Delivered",
    "Lag",
    "PartitionLost",
    "Position",
    "Record",
    "RecordTooLarge",
    "Subscription",
    "TopicPartition",
]

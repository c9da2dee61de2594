"""Moving a group's positions on Kafka, whether or not the group is being read.

Kafka takes positions only from members of a group's current generation. So whoever rewinds joins the group as a member
whose metadata says so, and the shared assignor gives it *all* partitions of the topic: in that generation nobody else
can commit there. It commits the new positions and leaves; the members, assigned anew, read on from them.
"""

import asyncio
from collections.abc import Iterable, Mapping

from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.cluster import ClusterMetadata
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment, ConsumerProtocolMemberMetadata

from bus.protocol import BusUnavailable

_REWINDING = b"rewinding"


class SharingAssignor(RoundRobinPartitionAssignor):  # type: ignore[misc]
    """Round robin, except that a member that rewinds gets its topics whole."""

    name = "tongban"

    @classmethod
    def assign(
        cls, cluster: ClusterMetadata, members: Mapping[str, ConsumerProtocolMemberMetadata]
    ) -> dict[str, ConsumerProtocolMemberAssignment]:
        rewinding = {topic for member in members.values() if member.user_data == _REWINDING for topic in member.subscription}
        narrowed = {
            name: ConsumerProtocolMemberMetadata(
                member.version,
                [topic for topic in member.subscription if topic not in rewinding or member.user_data == _REWINDING],
                member.user_data,
            )
            for name, member in members.items()
        }
        assignments: dict[str, ConsumerProtocolMemberAssignment] = super().assign(cluster, narrowed)
        return assignments


class RewindingAssignor(SharingAssignor):
    """The same assignor, as announced by the member that rewinds."""

    @classmethod
    def metadata(cls, topics: Iterable[str]) -> ConsumerProtocolMemberMetadata:
        return ConsumerProtocolMemberMetadata(cls.version, list(topics), _REWINDING)


async def commit_as_only_owner(consumer: AIOKafkaConsumer, positions: Mapping[KafkaPartition, int], seconds: float) -> None:
    """Join with a consumer made with RewindingAssignor, commit, and leave it to the caller to stop it.

    Raises BusUnavailable when the partitions did not become its own in time (another rewinding is under way, or a
    member is in the middle of a long batch), KafkaError, TimeoutError.
    """
    async with asyncio.timeout(seconds):
        await consumer.start()
        if consumer.assignment() != set(positions):
            raise BusUnavailable("another rewinding of the group is under way")
        await consumer.commit(dict(positions))

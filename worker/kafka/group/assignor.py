"""Shares out the group's partitions so that one worker reads all events of a lead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from aiokafka.cluster import ClusterMetadata
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment, ConsumerProtocolMemberMetadata

MARK = b"salesplan"  # what a worker sends along when it joins; others send nothing, or something of their own


class LeadAssignor(RangePartitionAssignor):
    """By range while all topics have equally many partitions: a lead's key then leads to one member in every topic.

    Otherwise its key leads to partitions of different numbers, and one member reads everything, until they are equal
    again. The others have nothing meanwhile.

    It goes by the name of its base, and the base ignores the mark: so workers of other releases agree with it.
    """

    @classmethod
    def metadata(cls, topics: Iterable[str]) -> ConsumerProtocolMemberMetadata:
        """The member's topics, and the mark that says it is a worker."""
        return ConsumerProtocolMemberMetadata(cls.version, list(topics), MARK)

    @classmethod
    def assign(
        cls, cluster: ClusterMetadata, members: Mapping[str, ConsumerProtocolMemberMetadata]
    ) -> dict[str, ConsumerProtocolMemberAssignment]:
        """Each member's partitions; called in the member that leads the group."""
        topics = {topic for member in members.values() for topic in member.subscription}
        counts = {len(cluster.partitions_for_topic(topic) or ()) for topic in topics} - {0}  # 0: it does not exist
        if len(counts) < 2:
            return super().assign(cluster, members)
        alone = min(members, key=lambda member: (-len(members[member].subscription), member))
        nothing = ConsumerProtocolMemberAssignment(cls.version, [], b"")
        return dict.fromkeys(members, nothing) | super().assign(cluster, {alone: members[alone]})

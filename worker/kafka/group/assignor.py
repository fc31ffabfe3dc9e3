"""Shares out the group's partitions so that one worker reads all events of a lead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from aiokafka.cluster import ClusterMetadata
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment, ConsumerProtocolMemberMetadata

MARK = b"salesplan"  # a worker sends this when it joins; other programs send nothing, or something else


class LeadAssignor(RangePartitionAssignor):
    """Assigns by range while all topics have the same number of partitions.

    A lead's key then leads to the same member in every topic. With different numbers the key would lead to different
    members. So one member gets all partitions until the numbers are equal again, and the others get none.

    The assignor has the name of its base class, and the base class ignores the mark. So workers of other releases agree
    with it.
    """

    @classmethod
    def metadata(cls, topics: Iterable[str]) -> ConsumerProtocolMemberMetadata:
        """The member's topics, and the mark that says it is a worker."""
        return ConsumerProtocolMemberMetadata(cls.version, list(topics), MARK)

    @classmethod
    def assign(
        cls, cluster: ClusterMetadata, members: Mapping[str, ConsumerProtocolMemberMetadata]
    ) -> dict[str, ConsumerProtocolMemberAssignment]:
        """Choose each member's partitions. The client calls this in the member that leads the group."""
        topics = {topic for member in members.values() for topic in member.subscription}
        counts = {len(cluster.partitions_for_topic(topic) or ()) for topic in topics} - {0}  # 0 for a missing topic
        if len(counts) < 2:
            return super().assign(cluster, members)
        alone = min(members, key=lambda member: (-len(members[member].subscription), member))
        nothing = ConsumerProtocolMemberAssignment(cls.version, [], b"")
        return dict.fromkeys(members, nothing) | super().assign(cluster, {alone: members[alone]})

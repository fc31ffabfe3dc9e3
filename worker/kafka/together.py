"""Which worker reads which partitions, so that all events of a lead are read by one."""

from __future__ import annotations

from collections.abc import Mapping

from aiokafka.cluster import ClusterMetadata
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment, ConsumerProtocolMemberMetadata

from worker.kafka.members import WorkersRange


class LeadsTogether(WorkersRange):
    """By range while all topics have equally many partitions: a lead's key then leads to one member in every topic.

    Otherwise its key leads to partitions of different numbers, and one member reads everything, until they are equal
    again. The others have nothing meanwhile. It goes by the name of its base, so that members of other releases agree.
    """

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

"""The members of a consumer group; some of them are workers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka.client import AIOKafkaClient, CoordinationType
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment, ConsumerProtocolMemberMetadata
from aiokafka.errors import IncompatibleBrokerVersion, for_code
from aiokafka.protocol.admin import DescribeGroupsRequest

from worker.kafka.group.assignor import MARK
from worker.kafka.requests.consumer_group_describe import ConsumerGroupDescribeRequest
from worker.records.record import Partition

KIND = "consumer"  # the kind of group whose members agree among themselves on the partitions of each
DEAD = "Dead"  # no such group, or a group of the newer protocol
SETTLED = "Stable"  # the only state in which the coordinator reports the holders of partitions


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the group, its subscribed topics and its partitions."""

    id: str
    client_id: str
    host: str
    topics: frozenset[str]
    partitions: frozenset[Partition]
    is_marked: bool

    def __str__(self) -> str:
        """Name the member as the log and the commands do."""
        return f"{self.client_id} at {self.host}"

    def is_stranger(self, inputs: Collection[str]) -> bool:
        """True if the member is certainly no worker.

        A worker of the release before has no mark but reads all inputs.
        """
        return not self.is_marked and self.topics != frozenset(inputs)


@dataclass(frozen=True, slots=True)
class ConsumerGroup:
    """The group as its coordinator describes it. ``kind`` and ``protocol`` are empty for a group without members."""

    state: str
    kind: str
    protocol: str
    members: tuple[Member, ...]

    @property
    def is_settled(self) -> bool:
        """True while the coordinator knows the holder of each partition."""
        return self.state == SETTLED and self.kind == KIND

    def holders(self) -> dict[Partition, Member]:
        """The member that holds each partition."""
        return {partition: member for member in self.members for partition in member.partitions}


async def describe(client: AIOKafkaClient, group_id: str) -> ConsumerGroup:
    """Ask the group's coordinator for its members. Raises KafkaError.

    The user needs the right to describe the group, which the right to read it includes.
    """
    coordinator = await client.coordinator_lookup(CoordinationType.GROUP, group_id)
    answer: Any = await client.send(coordinator, DescribeGroupsRequest([group_id]))
    ((code, _, state, kind, protocol, members, *_),) = answer.groups
    if code:
        raise for_code(code)(group_id)
    if state == DEAD and (newer := await _newer_group(client, coordinator, group_id)):
        return ConsumerGroup(
            newer["group_state"], KIND, newer["assignor_name"], tuple(map(_newer_member, newer["members"]))
        )
    return ConsumerGroup(state, kind, protocol, tuple(_member(kind, member) for member in members))


async def _newer_group(client: AIOKafkaClient, coordinator: int, group_id: str) -> dict[str, Any] | None:
    """Ask in the newer protocol, and return the answer's fields; None if no member uses it. Raises KafkaError."""
    try:
        answer: Any = await client.send(coordinator, ConsumerGroupDescribeRequest(group_id))
    except IncompatibleBrokerVersion:
        return None
    (group,) = answer.to_object()["groups"]
    return None if group["error_code"] else group


def _member(kind: str, row: Sequence[Any]) -> Member:
    member_id, client_id, host, metadata, assignment, *_ = row
    topics, partitions, mark = [], [], None
    if kind == KIND and metadata and assignment:
        subscribed = ConsumerProtocolMemberMetadata.decode(metadata)
        topics, mark = subscribed.subscription, subscribed.user_data
        partitions = ConsumerProtocolMemberAssignment.decode(assignment).partitions()
    return Member(
        member_id,
        client_id,
        host.removeprefix("/"),
        frozenset(topics),
        frozenset((tp.topic, tp.partition) for tp in partitions),
        mark == MARK,
    )


def _newer_member(member: dict[str, Any]) -> Member:
    """Read a member of the newer protocol. The answer lacks the mark; a worker is recognised by its topics."""
    topics = member["assignment"]["topic_partitions"]
    return Member(
        member["member_id"],
        member["client_id"],
        member["client_host"].removeprefix("/"),
        frozenset(member["subscribed_topic_names"] or ()),
        frozenset((topic["topic_name"], number) for topic in topics for number in topic["partitions"]),
        is_marked=False,
    )

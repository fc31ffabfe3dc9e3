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

KIND = "consumer"  # of group: its members are consumers that agree among themselves who reads which partition
DEAD = "Dead"  # there is none, or only by the newer protocol
SETTLED = "Stable"  # only then the coordinator tells who holds what


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the group, what it asked for and what it holds."""

    id: str
    client_id: str
    host: str
    topics: frozenset[str]
    partitions: frozenset[Partition]
    is_marked: bool

    def __str__(self) -> str:
        """The member as the log and the commands name it."""
        return f"{self.client_id} at {self.host}"

    def is_stranger(self, inputs: Collection[str]) -> bool:
        """True where it is certainly no worker. A worker of the release before has no mark and reads all inputs."""
        return not self.is_marked and self.topics != frozenset(inputs)


@dataclass(frozen=True, slots=True)
class ConsumerGroup:
    """The group as its coordinator describes it. ``kind`` and ``protocol`` are empty where it has no members."""

    state: str
    kind: str
    protocol: str
    members: tuple[Member, ...]

    @property
    def is_settled(self) -> bool:
        """True while the coordinator knows who holds which partition."""
        return self.state == SETTLED and self.kind == KIND

    def holders(self) -> dict[Partition, Member]:
        """The member that holds each partition."""
        return {partition: member for member in self.members for partition in member.partitions}


async def describe(client: AIOKafkaClient, group_id: str) -> ConsumerGroup:
    """Raises KafkaError. Needs the right to describe the group, which the right to read it includes."""
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
    """The group in the words of the protocol; None where no member speaks the newer protocol. Raises KafkaError."""
    try:
        answer: Any = await client.send(coordinator, ConsumerGroupDescribeRequest(group_id))
    except IncompatibleBrokerVersion:
        return None
    (group,) = answer.to_object()["groups"]
    return None if group["error_code"] else group


def _member(kind: str, row: Sequence[Any]) -> Member:
    member_id, client_id, host, metadata, assignment, *_ = row
    topics, partitions, said = [], [], None
    if kind == KIND and metadata and assignment:
        asked = ConsumerProtocolMemberMetadata.decode(metadata)
        topics, said = asked.subscription, asked.user_data
        partitions = ConsumerProtocolMemberAssignment.decode(assignment).partitions()
    return Member(
        member_id,
        client_id,
        host.removeprefix("/"),
        frozenset(topics),
        frozenset((place.topic, place.partition) for place in partitions),
        said == MARK,
    )


def _newer_member(member: dict[str, Any]) -> Member:
    """What a member says besides is not told here: a worker is known by what it reads."""
    places = member["assignment"]["topic_partitions"]
    return Member(
        member["member_id"],
        member["client_id"],
        member["client_host"].removeprefix("/"),
        frozenset(member["subscribed_topic_names"] or ()),
        frozenset((place["topic_name"], number) for place in places for number in place["partitions"]),
        is_marked=False,
    )

"""What the Kafka user of each job must be allowed to do, and which of it he is not.

Read, Write and Create are what kafka-acls.sh calls them; Read and Write include Describe. Nothing else is needed: a
transactional producer needs no IdempotentWrite, and nobody here a right on the cluster.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from shlex import quote
from typing import NamedTuple

from worker.cluster.topics.needed import names
from worker.kafka.admin import Admin
from worker.kafka.topic import TopicListing
from worker.outbox.slots import publisher_prefix
from worker.settings import Settings


class Kind(StrEnum):
    """What a right is on, as kafka-acls.sh names it."""

    TOPIC = "topic"
    GROUP = "group"
    TRANSACTIONAL_ID = "transactional-id"


class Job(StrEnum):
    """Who needs rights: the worker, and the commands beside it."""

    WORKER = "worker"
    CREATE = "create"  # topics create, topics check
    AUDIT = "audit"  # verify, offsets show and reset, dlq list and show
    REPLAY = "replay"  # dlq replay


class Right(NamedTuple):
    """One thing that must be allowed; ``prefixed``: on everything whose name begins so."""

    operation: str
    kind: Kind
    name: str
    prefixed: bool = False

    def grant(self, principal: str = "User:NAME") -> str:
        """What grants it, less the address of the brokers."""
        words = f"kafka-acls.sh --add --allow-principal {quote(principal)} --operation {self.operation}"
        return f"{words} --{self.kind} {quote(self.name)}" + " --resource-pattern-type prefixed" * self.prefixed

    def __str__(self) -> str:
        """As somebody who lacks it is told."""
        name = self.name + "*" * self.prefixed
        return f"the Kafka user lacks {self.operation} on {self.kind} {name}; grant it: {self.grant()}"


def needed(settings: Settings, job: Job) -> list[Right]:
    """All of a job's rights, and no other."""
    inputs, output = list(settings.topics.inputs), settings.topics.lead_assigned
    letters = [settings.topics.dead_letters(name) for name in inputs]
    every, slots = names(settings), publisher_prefix(settings.kafka.group_id)
    match job:
        case Job.WORKER:
            return [
                *_on_topics("Read", [*inputs, output]),  # of the output only the slots' positions
                *_on_topics("Write", [output, *letters]),
                *_on_topics("DescribeConfigs", every),  # whether a dead letter fits
                Right("Read", Kind.GROUP, settings.kafka.group_id),
                Right("Read", Kind.GROUP, slots, prefixed=True),
                Right("Write", Kind.TRANSACTIONAL_ID, slots, prefixed=True),
            ]
        case Job.CREATE:
            return [right for name in ("Create", "Describe", "DescribeConfigs") for right in _on_topics(name, every)]
        case Job.AUDIT:
            return [
                *_on_topics("Read", every),
                Right("Describe", Kind.GROUP, settings.kafka.group_id),
                Right("Describe", Kind.GROUP, slots, prefixed=True),
            ]
        case Job.REPLAY:
            return [*_on_topics("Read", [*inputs, *letters]), *_on_topics("Write", inputs)]


def lacking_on_topics(rights: Iterable[Right], seen: TopicListing) -> Iterator[Right]:
    """Those of the rights on topics that this user has not; of what can't be told, none."""
    for right in rights:
        if right.kind is Kind.TOPIC and not _may(right, seen):
            yield right


async def lacking(admin: Admin, settings: Settings, job: Job) -> list[Right]:
    """Those of the job's rights that this user has not, as far as brokers tell. Raises KafkaError."""
    rights = needed(settings, job)
    seen = await admin.list_topics({right.name for right in rights if right.kind is Kind.TOPIC})
    others = [right for right in rights if right.kind is not Kind.TOPIC]
    return [*lacking_on_topics(rights, seen), *[right for right in others if not await _has(admin, right)]]


def _on_topics(operation: str, topics: Iterable[str]) -> list[Right]:
    return [Right(operation, Kind.TOPIC, topic) for topic in topics]


def _may(right: Right, seen: TopicListing) -> bool:
    if right.name in seen.hidden:
        return False
    topic = seen.topics.get(right.name)
    return topic is None or topic.allowed is None or right.operation in topic.allowed


async def _has(admin: Admin, right: Right) -> bool:
    name = f"{right.name}1" if right.prefixed else right.name
    if right.kind is Kind.TRANSACTIONAL_ID:
        return await admin.sees_transactional_id(name)
    allowed = await admin.rights_on_group(name)
    return allowed is None or right.operation in allowed

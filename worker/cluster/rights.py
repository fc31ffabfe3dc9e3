"""The rights that the Kafka user of each job needs, and those that it lacks.

The names Read, Write and Create are those of kafka-acls.sh; Read and Write include Describe. No other right is needed:
a transactional producer needs no IdempotentWrite, and nothing here needs a right on the cluster.
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
    """The kind of resource that a right is for, with its name in kafka-acls.sh."""

    TOPIC = "topic"
    GROUP = "group"
    TRANSACTIONAL_ID = "transactional-id"


class Job(StrEnum):
    """A job that needs rights: the worker, and the commands beside it."""

    WORKER = "worker"
    CREATE = "create"  # topics create, topics check
    AUDIT = "audit"  # verify, offsets show and reset, dlq list and show
    REPLAY = "replay"  # dlq replay


class Right(NamedTuple):
    """One needed right. With ``prefixed`` it is for all resources whose names begin with ``name``."""

    operation: str
    kind: Kind
    name: str
    prefixed: bool = False

    def grant(self, principal: str = "User:NAME") -> str:
        """The command that grants the right, without the address of the brokers."""
        words = f"kafka-acls.sh --add --allow-principal {quote(principal)} --operation {self.operation}"
        return f"{words} --{self.kind} {quote(self.name)}" + " --resource-pattern-type prefixed" * self.prefixed

    def __str__(self) -> str:
        """Say that the right is missing, and how to grant it."""
        name = self.name + "*" * self.prefixed
        return f"the Kafka user lacks {self.operation} on {self.kind} {name}; grant it: {self.grant()}"


def needed(settings: Settings, job: Job) -> list[Right]:
    """List all rights of a job, and no other."""
    inputs, output = list(settings.topics.inputs), settings.topics.lead_assigned
    dead_letters = [settings.topics.dead_letters(name) for name in inputs]
    every, slots = names(settings), publisher_prefix(settings.kafka.group_id)
    match job:
        case Job.WORKER:
            return [
                *_on_topics("Read", [*inputs, output]),  # only for the slots' positions on the output
                *_on_topics("Write", [output, *dead_letters]),
                *_on_topics("DescribeConfigs", every),  # for the sizes of batches that topics accept
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
            return [*_on_topics("Read", [*inputs, *dead_letters]), *_on_topics("Write", inputs)]


def lacking_on_topics(rights: Iterable[Right], listing: TopicListing) -> Iterator[Right]:
    """Yield the rights on topics that the user lacks; none if the brokers do not report rights."""
    for right in rights:
        if right.kind is Kind.TOPIC and not _may(right, listing):
            yield right


async def lacking(admin: Admin, settings: Settings, job: Job) -> list[Right]:
    """List the job's rights that the user lacks, as far as brokers report them. Raises KafkaError."""
    rights = needed(settings, job)
    listing = await admin.list_topics({right.name for right in rights if right.kind is Kind.TOPIC})
    others = [right for right in rights if right.kind is not Kind.TOPIC]
    return [*lacking_on_topics(rights, listing), *[right for right in others if not await _has(admin, right)]]


def _on_topics(operation: str, topics: Iterable[str]) -> list[Right]:
    return [Right(operation, Kind.TOPIC, topic) for topic in topics]


def _may(right: Right, listing: TopicListing) -> bool:
    if right.name in listing.hidden:
        return False
    topic = listing.topics.get(right.name)
    return topic is None or topic.allowed is None or right.operation in topic.allowed


async def _has(admin: Admin, right: Right) -> bool:
    name = f"{right.name}1" if right.prefixed else right.name
    if right.kind is Kind.TRANSACTIONAL_ID:
        return await admin.sees_transactional_id(name)
    allowed = await admin.rights_on_group(name)
    return allowed is None or right.operation in allowed

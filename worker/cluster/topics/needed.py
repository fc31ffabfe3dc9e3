"""The needed topics, with the settings that ``salesplan topics create`` gives them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from worker.kafka.topic import Topic
from worker.settings import Settings

MOST_REPLICAS = 3
# Bytes. A dead letter is the value and key of its source, and at most this much of our headers.
HEADER_ROOM = 65_536

WEEK = 7 * 86_400_000  # milliseconds
SEGMENT_BYTES = 2**30
BY_BROKERS = "LogAppendTime"  # brokers date the records, so that the workers' clocks do not matter


class Kind(StrEnum):
    """The purpose of a topic."""

    INPUT = "input"
    OUTPUT = "output"
    DEAD_LETTERS = "dead letters"


def kinds(settings: Settings) -> dict[str, Kind]:
    """All topics by name, each with its purpose."""
    topics = settings.topics
    dead_letter_topics = map(topics.dead_letters, topics.inputs)
    return {
        **dict.fromkeys(topics.inputs, Kind.INPUT),
        topics.lead_assigned: Kind.OUTPUT,
        **dict.fromkeys(dead_letter_topics, Kind.DEAD_LETTERS),
    }


def names(settings: Settings) -> list[str]:
    """The names of all topics."""
    return list(kinds(settings))


def copies(settings: Settings, brokers: int) -> int:
    """Number of copies that a topic needs on a cluster of this number of brokers."""
    return settings.topics.replication or min(MOST_REPLICAS, brokers)


def in_sync(replicas: int) -> int:
    """Number of copies that must acknowledge a record: two, if one broker may be away meanwhile."""
    return 2 if replicas > 2 else 1


def limit(settings: Settings, kind: Kind) -> int:
    """The size in bytes of the largest message that a topic of this kind must accept."""
    return settings.intake.max_message_bytes + HEADER_ROOM * (kind is Kind.DEAD_LETTERS)


def needed(settings: Settings, brokers: int) -> list[Topic]:
    """The inputs, the output and the dead-letter topics that ``create`` makes on a cluster of this number of
    brokers.
    """
    partitions, replicas = settings.topics.partitions, copies(settings, brokers)
    return [
        Topic(name, partitions, replicas, limit(settings, kind), settings=_settings(kind, replicas))
        for name, kind in kinds(settings).items()
    ]


def _settings(kind: Kind, replicas: int) -> Mapping[str, str]:
    """All settings that a guarantee needs, so that no default of the brokers decides.

    The limits of timestamps are left out: brokers before 3.6 have another name for them, and refuse unknown settings.
    """
    return {
        "cleanup.policy": "delete",
        "compression.type": "producer",
        "message.timestamp.type": "CreateTime" if kind is Kind.INPUT else BY_BROKERS,
        "min.insync.replicas": str(in_sync(replicas)),
        "retention.bytes": "-1",
        "retention.ms": str(WEEK),
        "segment.bytes": str(SEGMENT_BYTES),
        "unclean.leader.election.enable": "false",
    }

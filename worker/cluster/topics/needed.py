"""The topics that there have to be, with the settings that ``salesplan topics create`` gives them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from worker.kafka.topic import Topic
from worker.settings import Settings

MOST_REPLICAS = 3
# A dead letter is its source's value and key, and up to this many bytes of headers of ours.
HEADER_ROOM = 65_536

WEEK = 7 * 86_400_000  # milliseconds
SEGMENT_BYTES = 2**30
BY_BROKERS = "LogAppendTime"  # date records, so that the clocks of workers count for nothing


class Kind(StrEnum):
    """What a topic is for."""

    INPUT = "input"
    OUTPUT = "output"
    LETTERS = "dead letters"


def kinds(settings: Settings) -> dict[str, Kind]:
    """All topics, each with what it is for."""
    topics = settings.topics
    letters = map(topics.dead_letters, topics.inputs)
    return {
        **dict.fromkeys(topics.inputs, Kind.INPUT),
        topics.lead_assigned: Kind.OUTPUT,
        **dict.fromkeys(letters, Kind.LETTERS),
    }


def names(settings: Settings) -> list[str]:
    """All topics."""
    return list(kinds(settings))


def copies(settings: Settings, brokers: int) -> int:
    """How many copies a topic is to have on a cluster of so many brokers."""
    return settings.topics.replication or min(MOST_REPLICAS, brokers)


def in_sync(replicas: int) -> int:
    """How many of so many copies have to acknowledge a record: two, where one broker may be away meanwhile."""
    return 2 if replicas > 2 else 1


def limit(settings: Settings, kind: Kind) -> int:
    """The largest message that a topic of this kind is to take, in bytes."""
    return settings.intake.max_message_bytes + HEADER_ROOM * (kind is Kind.LETTERS)


def needed(settings: Settings, brokers: int) -> list[Topic]:
    """Inputs, output and dead letters, as ``create`` makes them on a cluster of so many brokers."""
    partitions, replicas = settings.topics.partitions, copies(settings, brokers)
    return [
        Topic(name, partitions, replicas, limit(settings, kind), settings=_settings(kind, replicas))
        for name, kind in kinds(settings).items()
    ]


def _settings(kind: Kind, replicas: int) -> Mapping[str, str]:
    """All that a guarantee rests on, so that the brokers' defaults decide none of it.

    Left out are the limits of timestamps: brokers before 3.6 know them by another name, and refuse unknown ones.
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

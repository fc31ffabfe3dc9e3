"""The topics a worker needs: made where they are missing, and checked."""

from __future__ import annotations

from collections.abc import Iterable

from worker.kafka.admin import Admin, Seen, Topic
from worker.settings import Settings

MOST_REPLICAS = 3
# A dead letter is its source's value and key, and up to this many bytes of headers of ours.
HEADER_ROOM = 65_536


def needed(settings: Settings, brokers: int) -> list[Topic]:
    """Inputs, output and dead letters, as ``create`` makes them on a cluster of so many brokers."""
    topics, size = settings.topics, settings.intake.max_message_bytes
    replicas = topics.replication or min(MOST_REPLICAS, brokers)
    inputs = [Topic(name, topics.partitions, replicas, size) for name in topics.inputs]
    letters = [
        Topic(topics.dead_letters(name), topics.partitions, replicas, size + HEADER_ROOM) for name in topics.inputs
    ]
    return [*inputs, Topic(topics.lead_assigned, topics.partitions, replicas, size), *letters]


async def create(admin: Admin, settings: Settings) -> list[Topic]:
    """Make the topics that are missing, and leave those that exist alone; returns what was made.

    Raises one of ``worker.kafka.TROUBLE``.
    """
    wanted = needed(settings, await admin.brokers())
    existing = await admin.topics([topic.name for topic in wanted])
    missing = [topic for topic in wanted if topic.name not in existing]
    if missing:
        await admin.create(missing)
    return missing


async def check(admin: Admin, settings: Settings) -> list[str]:
    """What is wrong with the topics, each fault with its remedy; empty where all is well."""
    seen = await admin.look(names(settings))
    return [*unseen(settings, seen), *faults(settings, seen)]


def names(settings: Settings) -> list[str]:
    """All topics."""
    return [topic.name for topic in needed(settings, brokers=1)]


def unseen(settings: Settings, seen: Seen) -> Iterable[str]:
    """Topics of which this user may not see enough to tell."""
    for name in names(settings):
        if name in seen.hidden:
            yield f"{name}: the Kafka user may not look at it: grant Describe on the topic"
        elif name in seen.topics and seen.topics[name].max_message_bytes is None:
            yield f"{name}: the Kafka user may not read its settings: grant DescribeConfigs on the topic"


def faults(settings: Settings, seen: Seen) -> Iterable[str]:
    """What is wrong with the topics that exist, and which are missing."""
    topics, existing = settings.topics, seen.topics
    letters = {name: topics.dead_letters(name) for name in topics.inputs}
    for name in names(settings):
        if name not in existing and name not in seen.hidden:
            yield f"{name}: missing; run `salesplan topics create`"
    inputs = {name: existing[name].partitions for name in topics.inputs if name in existing}
    if len(set(inputs.values())) > 1:
        counts = ", ".join(f"{name} {count}" for name, count in inputs.items())
        yield (
            f"partitions differ ({counts}): a lead's events would reach different workers; "
            "give all inputs the same number"
        )
    for name, letter in letters.items():
        if name in existing and letter in existing:
            size, room = existing[name].max_message_bytes, existing[letter].max_message_bytes
            if size is not None and room is not None and room < (wanted := size + HEADER_ROOM):
                yield f"{letter}: max.message.bytes is below {wanted}: a dead letter may not fit; raise it"
            if existing[letter].partitions < existing[name].partitions:
                yield f"{letter}: has fewer partitions than {name}; give it {existing[name].partitions}"

"""Compares the existing topics with the needs of the guarantees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from worker.cluster.topics.fault import Commands, Fault, Weight
from worker.cluster.topics.needed import HEADER_ROOM, Kind, copies, kinds, limit, names
from worker.cluster.topics.required_settings import judge, judge_brokers
from worker.kafka.admin import Admin
from worker.kafka.limits import LARGEST_ANNOUNCEMENT
from worker.kafka.topic import Topic, TopicListing
from worker.settings import Settings

# Kafka stores the slots' positions and the state of transactions in these topics.
KAFKAS_OWN = ("__consumer_offsets", "__transaction_state")


async def check(admin: Admin, settings: Settings) -> list[Fault]:
    """List all faults of the topics, and those of the brokers that this user may see; the worst first.

    Raises one of ``worker.kafka.TROUBLE``.
    """
    listing = await admin.list_topics(names(settings))
    found = [*unreadable_topics(settings, listing), *faults(settings, listing)]
    found += of_kafkas_own(settings, await admin.list_topics(KAFKAS_OWN))
    found += _of_addresses(settings, listing)
    found += [
        Fault("brokers", verdict.weight, str(verdict), f"set {verdict.setting}={verdict.wanted} on each of them")
        for verdict in judge_brokers(await admin.broker_settings())
    ]
    return sorted(found, key=lambda fault: list(Weight).index(fault.weight))


def _of_addresses(settings: Settings, listing: TopicListing) -> Iterator[Fault]:
    if len(listing.brokers) > 1 and "," not in settings.kafka.bootstrap_servers:
        why = (
            f"KAFKA_BOOTSTRAP_SERVERS names one address of {len(listing.brokers)} brokers: without it no client starts"
        )
        mend = "name several brokers there, comma separated (a name that leads to any broker needs nothing)"
        yield Fault("brokers", Weight.WARNS, why, mend)


def unreadable_topics(settings: Settings, listing: TopicListing) -> Iterator[Fault]:
    """Yield topics that can't be checked, because the user lacks a right."""
    for name in names(settings):
        if name in listing.hidden:
            yield Fault(name, Weight.STOPS, "the Kafka user may not describe it", "grant Describe on the topic")
        elif name in listing.topics and listing.topics[name].max_message_bytes is None:
            why = "the Kafka user may not read its settings"
            yield Fault(name, Weight.STOPS, why, "grant DescribeConfigs on the topic")


def faults(settings: Settings, listing: TopicListing) -> list[Fault]:
    """List faults of the existing topics, and the missing topics."""
    commands = Commands(settings.kafka)
    found: list[Fault] = []
    for name, kind in kinds(settings).items():
        if topic := listing.topics.get(name):
            found += _of_copies(settings, listing, topic)
            found += _of_settings(commands, topic, kind)
        elif name not in listing.hidden:
            found.append(Fault(name, Weight.STOPS, "missing", "run `salesplan topics create`"))
    return [*found, *_of_sizes(settings, listing.topics), *_of_partitions(settings, listing.topics)]


def _of_copies(settings: Settings, listing: TopicListing, topic: Topic) -> Iterator[Fault]:
    wanted = copies(settings, len(listing.brokers))
    if topic.replication >= wanted or len(listing.brokers) < wanted:  # an absent broker can't get a copy
        return
    why = f"has {topic.replication} of {wanted} copies"
    mend = Commands(settings.kafka).copy(topic, listing.brokers, wanted)
    if topic.replication > 1:
        yield Fault(topic.name, Weight.WARNS, f"{why}: the topic survives fewer lost brokers than it could", mend)
    else:
        why = f"{why}: its records are lost with the one broker that holds them"
        yield Fault(topic.name, Weight.STOPS, why, f"{mend} (or say that it is meant: SALESPLAN_TOPICS__REPLICATION=1)")


def _of_settings(commands: Commands, topic: Topic, kind: Kind) -> Iterator[Fault]:
    for verdict in judge(topic, kind):
        mend = commands.set(topic.name, verdict.setting, verdict.wanted)
        yield Fault(topic.name, verdict.weight, str(verdict), mend)


def _of_sizes(settings: Settings, existing: Mapping[str, Topic]) -> Iterator[Fault]:
    """Yield topics that may refuse messages. A dead-letter topic is compared with the real limit of its input."""
    for name, kind in kinds(settings).items():
        if kind is not Kind.DEAD_LETTERS:
            why = "larger ones are refused" if kind is Kind.INPUT else "announcements go out in smaller batches"
            yield from _of_size(settings, existing.get(name), limit(settings, kind), Weight.WARNS, why)
        if kind is not Kind.INPUT:
            why = "the worker does not decide records whose message does not fit"
            yield from _of_size(settings, existing.get(name), LARGEST_ANNOUNCEMENT, Weight.LIMITS, why)
    for name in settings.topics.inputs:
        source, letters_topic = existing.get(name), existing.get(settings.topics.dead_letters(name))
        if source and source.max_message_bytes is not None:
            wanted = source.max_message_bytes + HEADER_ROOM
            yield from _of_size(settings, letters_topic, wanted, Weight.LIMITS, f"a dead letter of {name} may not fit")


def _of_size(settings: Settings, topic: Topic | None, wanted: int, weight: Weight, why: str) -> Iterator[Fault]:
    if topic and topic.max_message_bytes is not None and topic.max_message_bytes < wanted:
        why = f"max.message.bytes is {topic.max_message_bytes}, should be {wanted}: {why}"
        yield Fault(topic.name, weight, why, Commands(settings.kafka).set(topic.name, "max.message.bytes", str(wanted)))


def _of_partitions(settings: Settings, existing: Mapping[str, Topic]) -> Iterator[Fault]:
    """Yield topics with fewer partitions than others. Names all topics that need more at once."""
    inputs = {name: existing[name].partitions for name in settings.topics.inputs if name in existing}
    widest, commands = max(inputs.values(), default=0), Commands(settings.kafka)
    for name, count in inputs.items():
        if count < widest:
            why = f"has {count} partitions, where another input has {widest}: one worker reads everything"
            yield Fault(name, Weight.LIMITS, why, commands.grow(name, widest))
        elif widest < (wanted := settings.topics.partitions):
            why = f"has {count} partitions, should have {wanted}: only so many workers can share the work"
            meant = f"(or say that it is meant: SALESPLAN_TOPICS__PARTITIONS={widest})"
            yield Fault(name, Weight.WARNS, why, f"{commands.grow(name, wanted)} {meant}")
    for name, count in inputs.items():
        letters_topic = existing.get(settings.topics.dead_letters(name))
        if letters_topic and letters_topic.partitions < widest:
            why = f"has {letters_topic.partitions} partitions, where an input has {widest}"
            if letters_topic.partitions < count:
                why += f": those of {name} from {letters_topic.partitions} on are not read"
            yield Fault(letters_topic.name, Weight.LIMITS, why, commands.grow(letters_topic.name, widest))


def of_kafkas_own(settings: Settings, listing: TopicListing) -> Iterator[Fault]:
    """Yield settings by which Kafka may lose published positions.

    Few users may describe these topics, so each is a warning.
    """
    for topic in listing.topics.values():
        found = [*_of_copies(settings, listing, topic)]
        for verdict in judge(topic, Kind.OUTPUT):
            if verdict.setting in {"unclean.leader.election.enable", "min.insync.replicas"}:
                mend = Commands(settings.kafka).set(topic.name, verdict.setting, verdict.wanted)
                found.append(Fault(topic.name, verdict.weight, str(verdict), mend))
        yield from (Fault(fault.topic, Weight.WARNS, fault.why, fault.mend) for fault in found)

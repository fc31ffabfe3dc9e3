"""Compares the topics there are with what the guarantees rest on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from worker.cluster.topics.fault import Commands, Fault, Weight
from worker.cluster.topics.needed import HEADER_ROOM, Kind, copies, kinds, limit, names
from worker.cluster.topics.rules import judge, judge_brokers
from worker.kafka.admin import Admin
from worker.kafka.limits import LARGEST_ANNOUNCEMENT
from worker.kafka.topic import Topic, TopicListing
from worker.settings import Settings

# Kafka keeps the slots' positions and the state of transactions there.
KAFKAS_OWN = ("__consumer_offsets", "__transaction_state")


async def check(admin: Admin, settings: Settings) -> list[Fault]:
    """All that is wrong with the topics, and with the brokers as far as this user may look; the worst first.

    Raises one of ``worker.kafka.TROUBLE``.
    """
    seen = await admin.list_topics(names(settings))
    found = [*unseen(settings, seen), *faults(settings, seen)]
    found += of_kafkas_own(settings, await admin.list_topics(KAFKAS_OWN))
    found += _of_addresses(settings, seen)
    found += [
        Fault("brokers", verdict.weight, str(verdict), f"set {verdict.setting}={verdict.wanted} on each of them")
        for verdict in judge_brokers(await admin.broker_settings())
    ]
    return sorted(found, key=lambda fault: list(Weight).index(fault.weight))


def _of_addresses(settings: Settings, seen: TopicListing) -> Iterator[Fault]:
    if len(seen.brokers) > 1 and "," not in settings.kafka.bootstrap_servers:
        why = f"KAFKA_BOOTSTRAP_SERVERS names one address of {len(seen.brokers)} brokers: no client starts without it"
        mend = "name several brokers there, comma separated (a name that leads to any broker needs nothing)"
        yield Fault("brokers", Weight.WARNS, why, mend)


def unseen(settings: Settings, seen: TopicListing) -> Iterator[Fault]:
    """Topics of which this user may not see enough to tell."""
    for name in names(settings):
        if name in seen.hidden:
            yield Fault(name, Weight.STOPS, "the Kafka user may not look at it", "grant Describe on the topic")
        elif name in seen.topics and seen.topics[name].max_message_bytes is None:
            why = "the Kafka user may not read its settings"
            yield Fault(name, Weight.STOPS, why, "grant DescribeConfigs on the topic")


def faults(settings: Settings, seen: TopicListing) -> list[Fault]:
    """What is wrong with the topics that exist, and which are missing."""
    commands = Commands(settings.kafka)
    found: list[Fault] = []
    for name, kind in kinds(settings).items():
        if topic := seen.topics.get(name):
            found += _of_copies(settings, seen, topic)
            found += _of_settings(commands, topic, kind)
        elif name not in seen.hidden:
            found.append(Fault(name, Weight.STOPS, "missing", "run `salesplan topics create`"))
    return [*found, *_of_sizes(settings, seen.topics), *_of_partitions(settings, seen.topics)]


def _of_copies(settings: Settings, seen: TopicListing, topic: Topic) -> Iterator[Fault]:
    wanted = copies(settings, len(seen.brokers))
    if topic.replication >= wanted or len(seen.brokers) < wanted:  # a broker that is away can't be given a copy
        return
    why = f"has {topic.replication} of {wanted} copies"
    mend = Commands(settings.kafka).copy(topic, seen.brokers, wanted)
    if topic.replication > 1:
        yield Fault(topic.name, Weight.WARNS, f"{why}: fewer brokers may be lost than could be", mend)
    else:
        why = f"{why}: its records are lost with the one broker that holds them"
        yield Fault(topic.name, Weight.STOPS, why, f"{mend} (or say that it is meant: SALESPLAN_TOPICS__REPLICATION=1)")


def _of_settings(commands: Commands, topic: Topic, kind: Kind) -> Iterator[Fault]:
    for verdict in judge(topic, kind):
        mend = commands.set(topic.name, verdict.setting, verdict.wanted)
        yield Fault(topic.name, verdict.weight, str(verdict), mend)


def _of_sizes(settings: Settings, existing: Mapping[str, Topic]) -> Iterator[Fault]:
    """Where messages may not fit. What is wanted of dead letters hangs on what their input takes in fact."""
    for name, kind in kinds(settings).items():
        if kind is not Kind.LETTERS:
            why = "larger ones are refused" if kind is Kind.INPUT else "announcements go out in smaller batches"
            yield from _of_size(settings, existing.get(name), limit(settings, kind), Weight.WARNS, why)
        if kind is not Kind.INPUT:
            why = "a message that does not fit is not decided"
            yield from _of_size(settings, existing.get(name), LARGEST_ANNOUNCEMENT, Weight.LIMITS, why)
    for name in settings.topics.inputs:
        source, letters = existing.get(name), existing.get(settings.topics.dead_letters(name))
        if source and source.max_message_bytes is not None:
            wanted = source.max_message_bytes + HEADER_ROOM
            yield from _of_size(settings, letters, wanted, Weight.LIMITS, f"a dead letter of {name} may not fit")


def _of_size(settings: Settings, topic: Topic | None, wanted: int, weight: Weight, why: str) -> Iterator[Fault]:
    if topic and topic.max_message_bytes is not None and topic.max_message_bytes < wanted:
        why = f"max.message.bytes is {topic.max_message_bytes}, should be {wanted}: {why}"
        yield Fault(topic.name, weight, why, Commands(settings.kafka).set(topic.name, "max.message.bytes", str(wanted)))


def _of_partitions(settings: Settings, existing: Mapping[str, Topic]) -> Iterator[Fault]:
    """Where one has grown and others have not; all that are to be grown are named at once."""
    inputs = {name: existing[name].partitions for name in settings.topics.inputs if name in existing}
    widest, commands = max(inputs.values(), default=0), Commands(settings.kafka)
    for name, count in inputs.items():
        if count < widest:
            why = f"has {count} partitions, where another input has {widest}: one worker has to read everything"
            yield Fault(name, Weight.LIMITS, why, commands.grow(name, widest))
        elif widest < (wanted := settings.topics.partitions):
            why = f"has {count} partitions, should have {wanted}: no more workers than that share the work"
            meant = f"(or say that it is meant: SALESPLAN_TOPICS__PARTITIONS={widest})"
            yield Fault(name, Weight.WARNS, why, f"{commands.grow(name, wanted)} {meant}")
    for name, count in inputs.items():
        letters = existing.get(settings.topics.dead_letters(name))
        if letters and letters.partitions < widest:
            why = f"has {letters.partitions} partitions, where an input has {widest}"
            if letters.partitions < count:
                why += f": those of {name} from {letters.partitions} on are not read"
            yield Fault(letters.name, Weight.LIMITS, why, commands.grow(letters.name, widest))


def of_kafkas_own(settings: Settings, seen: TopicListing) -> Iterator[Fault]:
    """Where Kafka may forget what is published. Few users may look at these topics, so that it is a warning only."""
    for topic in seen.topics.values():
        found = [*_of_copies(settings, seen, topic)]
        for verdict in judge(topic, Kind.OUTPUT):
            if verdict.setting in {"unclean.leader.election.enable", "min.insync.replicas"}:
                mend = Commands(settings.kafka).set(topic.name, verdict.setting, verdict.wanted)
                found.append(Fault(topic.name, verdict.weight, str(verdict), mend))
        yield from (Fault(fault.topic, Weight.WARNS, fault.why, fault.mend) for fault in found)

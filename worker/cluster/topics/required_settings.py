"""Kafka's settings that the guarantees need, each with its required value. ``README.md`` beside this file says why.

A setting that the brokers do not report is not judged; older, newer or other brokers may lack it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from worker.cluster.topics.fault import Weight
from worker.cluster.topics.needed import BY_BROKERS, SEGMENT_BYTES, WEEK, Kind, in_sync
from worker.kafka.topic import Topic

HOUR, DAY = 3_600_000, 86_400_000  # milliseconds
LEAST_MESSAGES = 10  # of the largest size; a partition that retains fewer can't hold a backlog
WEEK_MINUTES = 7 * 1440

SAME_CODEC = ("producer", "snappy")  # the worker compresses by snappy


class Verdict(NamedTuple):
    """A setting's value that breaks a guarantee, the required value, and the reason."""

    setting: str
    value: str
    weight: Weight
    wanted: str
    why: str

    def __str__(self) -> str:
        return f"{self.setting} is {self.value}, should be {self.wanted}: {self.why}"


Judgement = tuple[Weight, str, str] | None  # weight, required value, and reason; None for a good value
Judge = Callable[[str, Topic, Kind], Judgement]


def judge(topic: Topic, kind: Kind) -> Iterator[Verdict]:
    """Yield the settings of a topic that break a guarantee."""
    for setting, rule in RULES.items():
        value = topic.settings.get(setting)
        if value is not None and (found := rule(value, topic, kind)):
            yield Verdict(setting, value, *found)


def judge_brokers(settings: Mapping[str, str]) -> Iterator[Verdict]:
    """Yield the brokers' own settings that break a guarantee."""
    minutes, makes = settings.get("offsets.retention.minutes"), settings.get("auto.create.topics.enable")
    if minutes is not None and int(minutes) < WEEK_MINUTES:
        why = "announcements may repeat if all workers are killed and stay away for longer than this"
        yield Verdict("offsets.retention.minutes", minutes, Weight.WARNS, str(WEEK_MINUTES), why)
    if makes == "true":
        why = "brokers create a topic that a sender misspells, and nobody reads its records"
        yield Verdict("auto.create.topics.enable", makes, Weight.WARNS, "false", why)


def _cleanup(value: str, _: Topic, __: Kind) -> Judgement:
    if "compact" not in value:
        return None
    return Weight.STOPS, "delete", "compaction removes records that nobody has read, once a later one has the same key"


def _retention_time(value: str, _: Topic, __: Kind) -> Judgement:
    if int(value) < 0 or int(value) >= WEEK:
        return None
    weight = Weight.STOPS if int(value) < DAY else Weight.WARNS
    return weight, str(WEEK), "Kafka deletes unread records that wait for longer than these milliseconds"


def _retention_bytes(value: str, topic: Topic, _: Kind) -> Judgement:
    if int(value) < 0:
        return None
    weight = Weight.STOPS if int(value) < LEAST_MESSAGES * (topic.max_message_bytes or 0) else Weight.WARNS
    return weight, "-1", "Kafka deletes the oldest unread records of a larger backlog, even if they are young"


def _unclean_election(value: str, topic: Topic, _: Kind) -> Judgement:
    if value != "true" or topic.replication == 1:
        return None
    return Weight.STOPS, "false", "a copy that lacks acknowledged records may become the only one"


def _in_sync(value: str, topic: Topic, kind: Kind) -> Judgement:
    least, wanted = int(value), str(in_sync(topic.replication))
    if least > topic.replication:
        weight = Weight.LIMITS if kind is Kind.INPUT else Weight.STOPS
        return weight, wanted, f"with {topic.replication} copies the topic takes no record at all"
    if least == topic.replication > 1:
        return Weight.WARNS, wanted, "while any broker is away, the topic takes no record"
    if least < int(wanted):
        return Weight.STOPS, wanted, "an acknowledged record may be on one broker only, and is lost with it"
    return None


def _codec(value: str, _: Topic, kind: Kind) -> Judgement:
    if kind is Kind.INPUT or value in SAME_CODEC:
        return None
    weight = Weight.STOPS if value == "uncompressed" else Weight.WARNS
    return weight, "producer", "brokers compress each batch again, and refuse it if it is then above max.message.bytes"


def _segment(value: str, topic: Topic, kind: Kind) -> Judgement:
    if int(value) >= (topic.max_message_bytes or 0):
        return None
    weight = Weight.WARNS if kind is Kind.INPUT else Weight.STOPS
    return weight, str(SEGMENT_BYTES), "brokers refuse a message below max.message.bytes if it is larger than a segment"


def _timestamp_type(value: str, _: Topic, kind: Kind) -> Judgement:
    if kind is Kind.INPUT or value == BY_BROKERS:
        return None
    why = "brokers refuse a worker's records if its machine's clock is off by more than message.timestamp.*.max.ms"
    return Weight.WARNS, BY_BROKERS, why


def _oldest_timestamp(value: str, topic: Topic, kind: Kind) -> Judgement:
    if kind is not Kind.INPUT or int(value) >= WEEK or _dated_by_brokers(topic):
        return None
    return Weight.WARNS, str(WEEK), "brokers refuse events that their sender holds back for longer"


def _newest_timestamp(value: str, topic: Topic, kind: Kind) -> Judgement:
    if kind is not Kind.INPUT or int(value) >= HOUR or _dated_by_brokers(topic):
        return None
    return Weight.WARNS, str(HOUR), "brokers refuse records if their sender's clock differs from their own by more"


def _dated_by_brokers(topic: Topic) -> bool:
    return topic.settings.get("message.timestamp.type") == BY_BROKERS


RULES: Mapping[str, Judge] = {
    "cleanup.policy": _cleanup,
    "retention.ms": _retention_time,
    "retention.bytes": _retention_bytes,
    "unclean.leader.election.enable": _unclean_election,
    "min.insync.replicas": _in_sync,
    "compression.type": _codec,
    "segment.bytes": _segment,
    "message.timestamp.type": _timestamp_type,
    "message.timestamp.before.max.ms": _oldest_timestamp,
    "message.timestamp.after.max.ms": _newest_timestamp,
    "message.timestamp.difference.max.ms": _oldest_timestamp,  # brokers before 3.6 have this one setting for both
}

"""Kafka's settings that a guarantee rests on, each with what it has to be. ``README.md`` beside this says why.

A setting that brokers do not tell of, being older, newer or of another make, is not judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from worker.cluster.topics.fault import Weight
from worker.cluster.topics.needed import BY_BROKERS, SEGMENT_BYTES, WEEK, Kind, in_sync
from worker.kafka.topic import Topic

HOUR, DAY = 3_600_000, 86_400_000  # milliseconds
LEAST_MESSAGES = 10  # of the largest; a partition that keeps less than those keeps no backlog
WEEK_MINUTES = 7 * 1440

SAME_CODEC = ("producer", "snappy")  # the worker's own is snappy


class Verdict(NamedTuple):
    """A setting's value that a guarantee can't rest on, the value wanted, and why."""

    setting: str
    value: str
    weight: Weight
    wanted: str
    why: str

    def __str__(self) -> str:
        return f"{self.setting} is {self.value}, should be {self.wanted}: {self.why}"


Judged = tuple[Weight, str, str] | None  # weight, value wanted, and why; None for a value that is fine
Judge = Callable[[str, Topic, Kind], Judged]


def judge(topic: Topic, kind: Kind) -> Iterator[Verdict]:
    """The settings of a topic that a guarantee can't rest on."""
    for setting, rule in RULES.items():
        value = topic.settings.get(setting)
        if value is not None and (found := rule(value, topic, kind)):
            yield Verdict(setting, value, *found)


def judge_brokers(settings: Mapping[str, str]) -> Iterator[Verdict]:
    """The same of the brokers' own settings."""
    minutes, makes = settings.get("offsets.retention.minutes"), settings.get("auto.create.topics.enable")
    if minutes is not None and int(minutes) < WEEK_MINUTES:
        why = "announcements may be repeated, where all workers are killed and stay away for longer than this"
        yield Verdict("offsets.retention.minutes", minutes, Weight.WARNS, str(WEEK_MINUTES), why)
    if makes == "true":
        why = "a topic that a sender misspells is made, and takes records that nobody reads"
        yield Verdict("auto.create.topics.enable", makes, Weight.WARNS, "false", why)


def _cleanup(value: str, _: Topic, __: Kind) -> Judged:
    if "compact" not in value:
        return None
    return Weight.STOPS, "delete", "compaction removes records that nobody has read, once a later one has the same key"


def _kept_for(value: str, _: Topic, __: Kind) -> Judged:
    if int(value) < 0 or int(value) >= WEEK:
        return None
    weight = Weight.STOPS if int(value) < DAY else Weight.WARNS
    return weight, str(WEEK), "records that wait for longer than these milliseconds are deleted unread"


def _kept_bytes(value: str, topic: Topic, _: Kind) -> Judged:
    if int(value) < 0:
        return None
    weight = Weight.STOPS if int(value) < LEAST_MESSAGES * (topic.max_message_bytes or 0) else Weight.WARNS
    return weight, "-1", "of a larger backlog the oldest records are deleted unread, however young they are"


def _unclean(value: str, topic: Topic, _: Kind) -> Judged:
    if value != "true" or topic.replication == 1:
        return None
    return Weight.STOPS, "false", "a copy that lacks acknowledged records may become the only one"


def _in_sync(value: str, topic: Topic, kind: Kind) -> Judged:
    least, wanted = int(value), str(in_sync(topic.replication))
    if least > topic.replication:
        weight = Weight.LIMITS if kind is Kind.INPUT else Weight.STOPS
        return weight, wanted, f"with {topic.replication} copies the topic takes no record at all"
    if least == topic.replication > 1:
        return Weight.WARNS, wanted, "while any broker is away, the topic takes no record"
    if least < int(wanted):
        return Weight.STOPS, wanted, "an acknowledged record may lie on one broker alone, and is lost with it"
    return None


def _codec(value: str, _: Topic, kind: Kind) -> Judged:
    if kind is Kind.INPUT or value in SAME_CODEC:
        return None
    weight = Weight.STOPS if value == "uncompressed" else Weight.WARNS
    return weight, "producer", "brokers compress each batch anew, and refuse it if it is above max.message.bytes then"


def _segment(value: str, topic: Topic, kind: Kind) -> Judged:
    if int(value) >= (topic.max_message_bytes or 0):
        return None
    weight = Weight.WARNS if kind is Kind.INPUT else Weight.STOPS
    return weight, str(SEGMENT_BYTES), "a message below max.message.bytes is refused where it is larger than a segment"


def _dated(value: str, _: Topic, kind: Kind) -> Judged:
    if kind is Kind.INPUT or value == BY_BROKERS:
        return None
    why = "brokers refuse what a worker writes whose machine's clock is off by more than message.timestamp.*.max.ms"
    return Weight.WARNS, BY_BROKERS, why


def _late(value: str, topic: Topic, kind: Kind) -> Judged:
    if kind is not Kind.INPUT or int(value) >= WEEK or _dated_by_brokers(topic):
        return None
    return Weight.WARNS, str(WEEK), "events that their sender holds back for longer are refused"


def _early(value: str, topic: Topic, kind: Kind) -> Judged:
    if kind is not Kind.INPUT or int(value) >= HOUR or _dated_by_brokers(topic):
        return None
    return Weight.WARNS, str(HOUR), "records are refused if their sender's clock differs from the brokers' by more"


def _dated_by_brokers(topic: Topic) -> bool:
    return topic.settings.get("message.timestamp.type") == BY_BROKERS


RULES: Mapping[str, Judge] = {
    "cleanup.policy": _cleanup,
    "retention.ms": _kept_for,
    "retention.bytes": _kept_bytes,
    "unclean.leader.election.enable": _unclean,
    "min.insync.replicas": _in_sync,
    "compression.type": _codec,
    "segment.bytes": _segment,
    "message.timestamp.type": _dated,
    "message.timestamp.before.max.ms": _late,
    "message.timestamp.after.max.ms": _early,
    "message.timestamp.difference.max.ms": _late,  # both of them, before 3.6
}

"""A fault of a topic: the reason, its effect, and the command that mends it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from worker.kafka.topic import Topic
from worker.settings.kafka import Kafka


class TopicsUnfitError(Exception):
    """The topics lack a property that the guarantees need; the log says what to do."""


class Weight(StrEnum):
    """The effect of a fault."""

    STOPS = "stops"  # it may lose records or messages: no session begins until it is mended
    LIMITS = "limits"  # workers go on, but some partitions wait, or one worker reads everything
    WARNS = "warns"  # a smaller disadvantage


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend. ``mend`` is a command, or another instruction."""

    topic: str
    weight: Weight
    why: str
    mend: str

    def __str__(self) -> str:
        """Put the fault in one line."""
        return f"{self.topic}: {self.why}; {'can be mended' if self.weight is Weight.WARNS else 'mend it'}: {self.mend}"


class Commands:
    """Commands of Kafka's own tools, ready to run."""

    def __init__(self, kafka: Kafka) -> None:
        login = "" if kafka.security_protocol == "PLAINTEXT" else " --command-config client.properties"
        self._where = f"--bootstrap-server {kafka.bootstrap_servers}{login}"

    def set(self, topic: str, setting: str, value: str) -> str:
        """The command that sets a topic's setting to this value."""
        entity = f"--entity-type topics --entity-name {topic}"
        return f"kafka-configs.sh {self._where} --alter {entity} --add-config {setting}={value}"

    def grow(self, topic: str, partitions: int) -> str:
        """The command that gives a topic this number of partitions."""
        return f"kafka-topics.sh {self._where} --alter --topic {topic} --partitions {partitions}"

    def copy(self, topic: Topic, brokers: Collection[int], copies: int) -> str:
        """The command that gives each partition of a topic this number of copies.

        Existing copies stay where they are.
        """
        partitions = [
            {"topic": topic.name, "partition": number, "replicas": _spread(replicas, sorted(brokers), number, copies)}
            for number, replicas in enumerate(topic.replicas)
        ]
        plan = json.dumps({"version": 1, "partitions": partitions}, separators=(",", ":"))
        file = "--reassignment-json-file copies.json"
        return f"echo '{plan}' > copies.json && kafka-reassign-partitions.sh {self._where} {file} --execute"


def _spread(replicas: Sequence[int], brokers: Sequence[int], number: int, copies: int) -> list[int]:
    """Choose the brokers of one partition's copies.

    Each partition starts at another broker, so that all get a share.
    """
    start = number % max(len(brokers), 1)
    others: Iterator[int] = (each for each in [*brokers[start:], *brokers[:start]] if each not in replicas)
    return [*replicas, *islice(others, max(copies - len(replicas), 0))]

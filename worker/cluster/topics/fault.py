"""What is wrong with a topic, how bad that is, and the command that mends it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from worker.kafka.topic import Topic
from worker.settings.kafka import Kafka


class TopicsUnfitError(Exception):
    """The topics are not what the guarantees need; the log says what to do."""


class Weight(StrEnum):
    """What a fault may cost."""

    STOPS = "stops"  # records or messages: no worker begins to work until it is mended
    LIMITS = "limits"  # work: workers go on, but some partitions wait, or one worker reads everything
    WARNS = "warns"  # comfort


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend. ``mend`` is a command, or says what else is to be done."""

    topic: str
    weight: Weight
    why: str
    mend: str

    def __str__(self) -> str:
        """In one line."""
        return f"{self.topic}: {self.why}; {'can be mended' if self.weight is Weight.WARNS else 'mend it'}: {self.mend}"


class Commands:
    """Commands of Kafka's own tools, ready to be run."""

    def __init__(self, kafka: Kafka) -> None:
        login = "" if kafka.security_protocol == "PLAINTEXT" else " --command-config client.properties"
        self._where = f"--bootstrap-server {kafka.bootstrap_servers}{login}"

    def set(self, topic: str, setting: str, value: str) -> str:
        """Gives a topic's setting this value."""
        entity = f"--entity-type topics --entity-name {topic}"
        return f"kafka-configs.sh {self._where} --alter {entity} --add-config {setting}={value}"

    def grow(self, topic: str, partitions: int) -> str:
        """Gives a topic so many partitions."""
        return f"kafka-topics.sh {self._where} --alter --topic {topic} --partitions {partitions}"

    def copy(self, topic: Topic, brokers: Collection[int], copies: int) -> str:
        """Gives each partition of a topic so many copies; those there are stay where they are."""
        partitions = [
            {"topic": topic.name, "partition": number, "replicas": _spread(replicas, sorted(brokers), number, copies)}
            for number, replicas in enumerate(topic.replicas)
        ]
        plan = json.dumps({"version": 1, "partitions": partitions}, separators=(",", ":"))
        file = "--reassignment-json-file copies.json"
        return f"echo '{plan}' > copies.json && kafka-reassign-partitions.sh {self._where} {file} --execute"


def _spread(replicas: Sequence[int], brokers: Sequence[int], number: int, copies: int) -> list[int]:
    """The brokers of one partition's copies. Each partition begins with another one, so that all get their share."""
    start = number % max(len(brokers), 1)
    others: Iterator[int] = (each for each in [*brokers[start:], *brokers[:start]] if each not in replicas)
    return [*replicas, *islice(others, max(copies - len(replicas), 0))]

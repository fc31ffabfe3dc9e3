"""The identity of the logs that a cluster holds: the cluster's id and each topic's id."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import LeaderNotAvailableError, NoError, for_code

from worker.kafka.leader_epochs import Leader
from worker.kafka.metadata import metadata_of
from worker.kafka.requests.metadata import NO_ID
from worker.records.record import Partition


@dataclass(frozen=True, slots=True)
class Logs:
    """Ids of the cluster and its topics, and the partitions' leaders.

    A topic that somebody deletes and creates again keeps its name and changes its id. The id is None if the brokers
    have no topic ids. ``leaders`` leaves out partitions without a leader, and all partitions if the brokers send no
    epochs.
    """

    cluster_id: str | None
    topics: Mapping[str, UUID | None]
    leaders: Mapping[Partition, Leader] = field(default_factory=dict)


async def logs_of(client: AIOKafkaClient, topics: Collection[str]) -> Logs:
    """Ask the brokers. Raises KafkaError, also if a topic is missing."""
    found = await metadata_of(client, topics)
    for topic in found["topics"]:
        error = for_code(topic["error_code"])
        if error not in {NoError, LeaderNotAvailableError}:
            raise error(topic["topic"])
    ids = {topic["topic"]: topic.get("topic_id", NO_ID) for topic in found["topics"]}
    topics = {name: topic_id if topic_id != NO_ID else None for name, topic_id in ids.items()}
    return Logs(found["cluster_id"], topics, dict(_leaders(found["topics"])))


def _leaders(topics: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Partition, Leader]]:
    for topic in topics:
        for found in topic["partitions"]:
            epoch = found.get("leader_epoch", -1)
            if epoch >= 0 and found["leader"] >= 0:
                yield (topic["topic"], found["partition"]), Leader(found["leader"], epoch)

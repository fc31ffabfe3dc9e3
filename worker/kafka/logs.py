"""Which logs a cluster holds: its own id and each topic's."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import LeaderNotAvailableError, NoError, for_code

from worker.kafka.metadata import NO_ID, metadata_of


@dataclass(frozen=True, slots=True)
class Logs:
    """A topic that is made anew keeps its name and changes its id; None where the brokers know no such ids."""

    cluster_id: str | None
    topics: Mapping[str, UUID | None]


async def logs_of(client: AIOKafkaClient, topics: Collection[str]) -> Logs:
    """Raises KafkaError, also where a topic is missing."""
    found = await metadata_of(client, topics)
    for topic in found["topics"]:
        error = for_code(topic["error_code"])
        if error not in {NoError, LeaderNotAvailableError}:
            raise error(topic["topic"])
    ids = {topic["topic"]: topic.get("topic_id", NO_ID) for topic in found["topics"]}
    return Logs(found["cluster_id"], {name: known if known != NO_ID else None for name, known in ids.items()})

"""Topics and the published positions of slots."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.client import CoordinationType
from aiokafka.errors import (
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    for_code,
)

from worker.kafka import rights
from worker.kafka.client import client_options, start, stop
from worker.kafka.coordinator import until_answered
from worker.kafka.group.members import ConsumerGroup, describe
from worker.kafka.insides import connections
from worker.kafka.leader_epochs import ends_of
from worker.kafka.logs import Logs, logs_of
from worker.kafka.metadata import NoLeaderError, check_leaders, hidden_among, metadata_of
from worker.kafka.missing_markers import LastTransaction, last_transaction
from worker.kafka.position import Published, position
from worker.kafka.topic import Seen, Topic
from worker.records.record import Partition
from worker.settings.kafka import Kafka

CREATE_PAUSE = 0.1
CREATE_TIMEOUT = 60.0


class Admin:
    """Asks and tells the cluster."""

    def __init__(self, client: AIOKafkaAdminClient) -> None:
        self._client = client
        self._connections = connections(client)

    async def brokers(self) -> int:
        """How many brokers the cluster has."""
        return len((await self._client.describe_cluster())["brokers"])

    async def topics(self, names: Collection[str]) -> dict[str, Topic]:
        """Those of the topics that exist. Raises KafkaError, also where one may not be looked at."""
        seen = await self.look(names)
        if seen.hidden:
            raise TopicAuthorizationFailedError(seen.hidden)
        return seen.topics

    async def look(self, names: Collection[str]) -> Seen:
        """What there is of these topics."""
        answer = await metadata_of(self._connections, names)
        existing = {found["topic"]: found for found in answer["topics"] if found["partitions"]}
        settings = await self._settings(ConfigResourceType.TOPIC, sorted(existing))
        return Seen(
            {name: _topic(found, settings.get(name, {})) for name, found in existing.items()},
            hidden_among(answer["topics"]),
            sorted(broker["node_id"] for broker in answer["brokers"]),
        )

    async def broker_settings(self) -> Mapping[str, str]:
        """The settings of whichever broker answers; none where this user may not read them."""
        broker = str(self._connections.get_random_node())
        return (await self._settings(ConfigResourceType.BROKER, [broker])).get(broker, {})

    async def rights_on_group(self, group_id: str) -> frozenset[str] | None:
        """As ``worker.kafka.rights.on_group``."""
        return await rights.on_group(self._client, group_id)

    async def sees_transactional_id(self, transactional_id: str) -> bool:
        """As ``worker.kafka.rights.sees_transactional_id``."""
        return await rights.sees_transactional_id(self._client, transactional_id)

    async def logs(self, names: Collection[str]) -> Logs:
        """Which logs these topics are. Raises KafkaError, also where one is missing."""
        return await logs_of(self._connections, names)

    async def ends_of(self, epochs: Mapping[Partition, int], logs: Logs) -> dict[Partition, int]:
        """As ``worker.kafka.leader_epochs.ends_of``."""
        return await ends_of(self._connections, logs.leaders, epochs)

    async def create(self, topics: Collection[Topic]) -> None:
        """Make the topics; returns when every partition has a leader. One that exists by now is left alone.

        Raises KafkaError where the cluster refuses, TimeoutError where it takes for ever.
        """
        if not topics:
            return
        answer: Any = await self._client.create_topics(
            [
                NewTopic(
                    topic.name,
                    topic.partitions,
                    topic.replication,
                    topic_configs={"max.message.bytes": str(topic.max_message_bytes), **topic.settings},
                )
                for topic in topics
            ]
        )
        for name, code, *message in answer.topic_errors:
            error = for_code(code)
            if code and error is not TopicAlreadyExistsError:
                raise error(f"{name}: {message[0] if message else ''}")
        async with asyncio.timeout(CREATE_TIMEOUT):
            while True:
                try:
                    await check_leaders(self._connections, [topic.name for topic in topics])
                    return
                except NoLeaderError:
                    await asyncio.sleep(CREATE_PAUSE)

    async def position(self, publisher_id: str, position_topic: str) -> Published:
        """As ``worker.kafka.position``, asked again until there is an answer."""

        async def ask() -> Published:
            node = await self._connections.coordinator_lookup(CoordinationType.GROUP, publisher_id)
            return await position(self._connections, node, publisher_id, position_topic)

        return await until_answered(publisher_id, ask)

    async def last_transaction(self, publisher_id: str, topics: Collection[str]) -> LastTransaction:
        """As ``worker.kafka.missing_markers.last_transaction``."""
        return await last_transaction(self._connections, publisher_id, topics)

    async def group(self, group_id: str) -> ConsumerGroup:
        """As ``worker.kafka.group.members.describe``, asked again until there is an answer."""
        return await until_answered(group_id, lambda: describe(self._connections, group_id))

    async def setting(self, name: str, topics: Collection[str]) -> dict[str, str]:
        """What a setting of these topics is; of those that exist and may be asked."""
        found = await self._settings(ConfigResourceType.TOPIC, topics)
        return {topic: settings[name] for topic, settings in found.items() if name in settings}

    async def _settings(self, kind: ConfigResourceType, names: Collection[str]) -> dict[str, dict[str, str]]:
        """All settings of these topics or brokers; what may not be read is left out."""
        wanted = [ConfigResource(kind, name) for name in names]
        answers: list[Any] = await self._client.describe_configs(wanted) if wanted else []
        resources = [resource for answer in answers for resource in answer.resources if not resource[0]]
        return {
            resource[3]: {entry[0]: entry[1] for entry in resource[4] if entry[1] is not None} for resource in resources
        }


def _topic(found: Mapping[str, Any], settings: Mapping[str, str]) -> Topic:
    replicas = [partition["replicas"] for partition in sorted(found["partitions"], key=lambda each: each["partition"])]
    limit = int(settings["max.message.bytes"]) if "max.message.bytes" in settings else None
    may = rights.operations(found.get("authorized_operations"))
    return Topic(found["topic"], len(replicas), min(map(len, replicas)), limit, may, settings, replicas)


@asynccontextmanager
async def administration(settings: Kafka) -> AsyncIterator[Admin]:
    """An admin client for the length of the block. Raises one of ``worker.kafka.TROUBLE``."""
    client = AIOKafkaAdminClient(**client_options(settings))
    try:
        await start(client)
        yield Admin(client)
    finally:
        await stop(client)

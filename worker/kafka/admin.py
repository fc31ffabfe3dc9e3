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
from worker.kafka.published_position import Published, position
from worker.kafka.topic import Topic, TopicListing
from worker.records.record import Partition
from worker.settings.kafka import Kafka

CREATE_PAUSE = 0.1
CREATE_TIMEOUT = 60.0


class Admin:
    """The administration of a cluster: topics, settings, groups and rights."""

    def __init__(self, client: AIOKafkaAdminClient) -> None:
        self._client = client
        self._connections = connections(client)

    async def brokers(self) -> int:
        """The number of brokers in the cluster."""
        return len((await self._client.describe_cluster())["brokers"])

    async def topics(self, names: Collection[str]) -> dict[str, Topic]:
        """Describe the topics that exist. Raises KafkaError, also if the user may not describe one."""
        listing = await self.list_topics(names)
        if listing.hidden:
            raise TopicAuthorizationFailedError(listing.hidden)
        return listing.topics

    async def list_topics(self, names: Collection[str]) -> TopicListing:
        """Describe the topics that exist, and name those that the user may not describe."""
        answer = await metadata_of(self._connections, names)
        existing = {found["topic"]: found for found in answer["topics"] if found["partitions"]}
        settings = await self._settings(ConfigResourceType.TOPIC, sorted(existing))
        return TopicListing(
            {name: _topic(found, settings.get(name, {})) for name, found in existing.items()},
            hidden_among(answer["topics"]),
            sorted(broker["node_id"] for broker in answer["brokers"]),
        )

    async def broker_settings(self) -> Mapping[str, str]:
        """The settings of one broker; none if the user may not read them."""
        broker = str(self._connections.get_random_node())
        return (await self._settings(ConfigResourceType.BROKER, [broker])).get(broker, {})

    async def rights_on_group(self, group_id: str) -> frozenset[str] | None:
        """See ``worker.kafka.rights.on_group``."""
        return await rights.on_group(self._client, group_id)

    async def sees_transactional_id(self, transactional_id: str) -> bool:
        """See ``worker.kafka.rights.sees_transactional_id``."""
        return await rights.sees_transactional_id(self._client, transactional_id)

    async def logs(self, names: Collection[str]) -> Logs:
        """Identify the logs of these topics. Raises KafkaError, also if a topic is missing."""
        return await logs_of(self._connections, names)

    async def ends_of(self, epochs: Mapping[Partition, int], logs: Logs) -> dict[Partition, int]:
        """See ``worker.kafka.leader_epochs.ends_of``."""
        return await ends_of(self._connections, logs.leaders, epochs)

    async def create(self, topics: Collection[Topic]) -> None:
        """Create the topics; returns when every partition has a leader. Existing topics stay as they are.

        Raises KafkaError if the cluster refuses, and TimeoutError after CREATE_TIMEOUT.
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
        """Ask for the slot's position (``worker.kafka.published_position``) until the coordinator answers."""

        async def ask() -> Published:
            node = await self._connections.coordinator_lookup(CoordinationType.GROUP, publisher_id)
            return await position(self._connections, node, publisher_id, position_topic)

        return await until_answered(publisher_id, ask)

    async def last_transaction(self, publisher_id: str, topics: Collection[str]) -> LastTransaction:
        """See ``worker.kafka.missing_markers.last_transaction``."""
        return await last_transaction(self._connections, publisher_id, topics)

    async def group(self, group_id: str) -> ConsumerGroup:
        """Ask for the group (``worker.kafka.group.members.describe``) until the coordinator answers."""
        return await until_answered(group_id, lambda: describe(self._connections, group_id))

    async def setting(self, name: str, topics: Collection[str]) -> dict[str, str]:
        """Read one setting of these topics. Topics that do not exist or may not be read are left out."""
        found = await self._settings(ConfigResourceType.TOPIC, topics)
        return {topic: settings[name] for topic, settings in found.items() if name in settings}

    async def _settings(self, kind: ConfigResourceType, names: Collection[str]) -> dict[str, dict[str, str]]:
        """Read all settings of these topics or brokers. Those that the user may not read are left out."""
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

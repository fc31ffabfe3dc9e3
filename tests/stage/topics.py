"""Topics as somebody else treats them: set otherwise, grown, deleted, listed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewPartitions
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import for_code

from worker.cluster import topics
from worker.kafka.admin import administration
from worker.kafka.client import client_options
from worker.settings import Settings
from worker.settings.kafka import Kafka

APPLIED_SECONDS = 30.0
PAUSE = 0.05


@asynccontextmanager
async def administered(kafka: Kafka) -> AsyncIterator[AIOKafkaAdminClient]:
    """The client's own administration, for what ours does not do."""
    client = AIOKafkaAdminClient(**client_options(kafka))
    await client.start()
    try:
        yield client
    finally:
        await client.close()


async def configure(kafka: Kafka, topic: str, settings: Mapping[str, str]) -> None:
    """Give a topic these settings and no others: what is not named has the brokers' default again."""
    async with administered(kafka) as client:
        answer: Any
        (answer,) = await client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, dict(settings))])
        ((code, message, *_),) = answer.resources
        assert not code, message
        async with asyncio.timeout(APPLIED_SECONDS):
            while not settings.items() <= (await _settings(client, topic)).items():  # noqa: ASYNC110 -- it is a broker's
                await asyncio.sleep(PAUSE)


async def limit(settings: Settings, topic: str, size: int | None) -> None:
    """Have a topic of ours take batches of so many bytes at most; None: as many as it was made for."""
    async with administration(settings.kafka) as admin:
        every = topics.needed(settings, await admin.brokers())
    (made,) = [needed for needed in every if needed.name == topic]
    limited = {"max.message.bytes": str(made.max_message_bytes if size is None else size)}
    await configure(settings.kafka, topic, {**made.settings, **limited})


async def _settings(client: AIOKafkaAdminClient, topic: str) -> dict[str, str]:
    """The settings that the broker knows by now."""
    answer: Any
    (answer,) = await client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    return {entry[0]: entry[1] for entry in answer.resources[0][4]}


async def grow(kafka: Kafka, partitions: int, *topics: str) -> None:
    """Give each topic so many partitions."""
    async with administered(kafka) as client:
        answer: Any = await client.create_partitions({topic: NewPartitions(partitions) for topic in topics})
        for topic, code, message in answer.topic_errors:
            assert not code, (topic, for_code(code), message)


async def delete(kafka: Kafka, *topics: str) -> None:
    """Have the topics deleted; brokers do it in their own time."""
    async with administered(kafka) as client:
        await client.delete_topics(list(topics))


async def all_topics(kafka: Kafka) -> set[str]:
    """The names of all topics there are."""
    async with administered(kafka) as client:
        return set(await client.list_topics())

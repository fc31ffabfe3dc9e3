"""The fixtures that several tests of Kafka need."""

from uuid import uuid4

import pytest

from tests.support.servers import KafkaServer
from worker.kafka.admin import administration
from worker.kafka.topic import Topic
from worker.settings.kafka import Kafka


@pytest.fixture
async def new_topic(kafka_server: KafkaServer) -> str:
    """A topic of two partitions, which nobody has written to."""
    name = f"topic-{uuid4().hex}"
    async with administration(Kafka(bootstrap_servers=kafka_server.bootstrap_servers)) as admin:
        await admin.create([Topic(name, 2, 1, 1_048_576)])
    return name

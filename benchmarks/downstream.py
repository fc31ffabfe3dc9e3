"""The consumer that reads the announcements."""

from __future__ import annotations

from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from benchmarks.field import PARTITIONS, Field


def reader(field: Field, topics: Sequence[str]) -> AIOKafkaConsumer:
    """A read_committed consumer that starts at the beginning."""
    client = AIOKafkaConsumer(
        bootstrap_servers=field.kafka.bootstrap_servers,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        fetch_max_wait_ms=100,
    )
    client.assign([TopicPartition(topic, partition) for topic in topics for partition in range(PARTITIONS)])
    return client

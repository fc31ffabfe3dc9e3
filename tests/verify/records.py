"""Records of topics: the first one, copies of it, changed ones, and transactions around them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from tests.support.shop import Shop
from worker.kafka.reader import bounds, read_all
from worker.records.record import Header, Record


async def first(shop: Shop, topic: str) -> Record:
    async for records in read_all(shop.settings.kafka, [topic]):
        if records:
            return records[0]
    raise AssertionError(topic)


def copy(record: Record, **changes: Any) -> dict[str, Any]:
    """A record to send: the same bytes on the same partition, but for the changes."""
    return {
        "key": record.key,
        "value": record.value,
        "headers": list(record.headers),
        "partition": record.partition,
        **changes,
    }


def changed_value(record: Record, **changes: Any) -> bytes:
    return json.dumps({**json.loads(record.value or b""), **changes}).encode()


def changed_header(record: Record, name: str, value: bytes) -> list[Header]:
    return [(known, value if known == name else old) for known, old in record.headers]


def moved(letter: Record, **words: str) -> list[Header]:
    """The headers of a dead letter, with other words on where it came from."""
    values = {f"__dlq.errors.{name}": text.encode() for name, text in words.items()}
    return [(name, values.get(name, old)) for name, old in letter.headers]


async def delete(shop: Shop, *topics: str) -> None:
    """All that the topics hold, as retention does."""
    ends = await bounds(shop.settings.kafka, topics)
    admin = AIOKafkaAdminClient(bootstrap_servers=shop.settings.kafka.bootstrap_servers)
    await admin.start()
    try:
        await admin.delete_records({TopicPartition(*place): RecordsToDelete(end) for place, (_, end) in ends.items()})
    finally:
        await admin.close()


@asynccontextmanager
async def transaction(shop: Shop, topic: str, **record: Any) -> AsyncIterator[AIOKafkaProducer]:
    """A transaction that has sent the record; aborted at the end unless it was committed in the block."""
    servers = shop.settings.kafka.bootstrap_servers
    async with AIOKafkaProducer(bootstrap_servers=servers, transactional_id=uuid4().hex) as producer:
        await producer.begin_transaction()
        await producer.send_and_wait(topic, **record)
        yield producer
        if producer._txn_manager.is_in_transaction():
            await producer.abort_transaction()

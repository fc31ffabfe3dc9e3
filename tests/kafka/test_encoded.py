"""Batches of encoded records: as the client's own reader reads them, and through a real Kafka."""

import random
from uuid import uuid4

import pytest
from aiokafka.record.default_records import DefaultRecordBatch

from tests.servers import KafkaServer
from worker.kafka.admin import Topic, administration
from worker.kafka.encoded import EncodedBatch
from worker.kafka.plain import read_all
from worker.kafka.producer import PlainProducer
from worker.messages import Message
from worker.record import encode
from worker.settings.kafka import Kafka

LIMIT = 512 * 1024


def noise(size: int) -> bytes:
    """It does not become smaller by compression."""
    return random.Random(size).randbytes(size)


@pytest.mark.parametrize("transactional", [True, False])
def test_a_batch_is_what_the_client_reads(*, transactional: bool) -> None:
    """Every record in its place, also where place and length take more bytes; whose it is; all under the checksum."""
    records = [(b"lead-%d" % number, noise(number % 200), [("name", b"%d" % number)]) for number in range(9000)]
    batch = EncodedBatch(transactional=transactional)
    assert batch.add([encode(*record) for record in records[:3]]) == 3
    added = 3 + batch.add([encode(*record) for record in records[3:]])
    assert 3 < added < len(records)
    batch._set_producer_state(7, 8, 9)
    built = batch._build()
    read = DefaultRecordBatch(built)
    assert read.validate_crc()
    assert (read.producer_id, read.producer_epoch, read.base_sequence) == (7, 8, 9)
    assert (read.is_transactional, read.base_offset, read.next_offset) == (transactional, 0, added)
    assert read.first_timestamp == read.max_timestamp > 0
    found = list(read)
    assert [record.offset for record in found] == [*range(added)]
    assert [(record.key, record.value, record.headers) for record in found] == records[:added]
    assert {record.timestamp for record in found} == {read.first_timestamp}
    assert batch._build() is built
    assert batch.record_count() == added


def test_a_batch_ends_where_it_is_full() -> None:
    """What is larger than a batch goes alone."""
    half, large = encode(b"", bytes(LIMIT // 2), []), encode(b"", bytes(LIMIT + 1), [])
    batch = EncodedBatch(transactional=False)
    assert batch.add([half, half, half]) == 1
    assert batch.add([b"small"]) == 1
    assert batch.add([half]) == 0
    batch = EncodedBatch(transactional=False)
    assert batch.add([large, b"small"]) == 1
    assert batch.add([b"small"]) == 0


async def test_many_batches_arrive_in_order(kafka_server: KafkaServer) -> None:
    """On their partition: many small records, some that fill half a batch, one that is larger than a batch."""
    settings, topic = Kafka(bootstrap_servers=kafka_server.bootstrap_servers), uuid4().hex
    sizes = [*range(300), LIMIT // 2, LIMIT // 2, 7, 2 * LIMIT, 8, LIMIT // 2, 9]
    messages = [Message.of(topic, 1, b"%d" % number, noise(size), []) for number, size in enumerate(sizes)]
    async with administration(settings) as admin:
        await admin.create([Topic(topic, 2, 1, 4 * LIMIT)])
    producer = PlainProducer(settings)
    try:
        await producer.start()
        await producer.send(messages)
    finally:
        await producer.stop()
    found = [record async for records in read_all(settings, [topic], "read_committed") for record in records]
    assert [(record.partition, record.key, record.value) for record in found] == [
        (1, message.key, message.value) for message in messages
    ]

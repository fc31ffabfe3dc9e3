"""Batches of encoded records: as the client's own reader reads them, and through a real Kafka."""

import asyncio
from types import SimpleNamespace
from typing import cast
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.record.default_records import DefaultRecordBatch
from hypothesis import given
from hypothesis import strategies as st

from tests.support.make import noise
from tests.support.servers import KafkaServer
from tests.support.stories import search
from worker import concurrency
from worker.kafka.admin import administration
from worker.kafka.limits import Limit, Limits
from worker.kafka.producer import BatchProducer, PlainProducer
from worker.kafka.reader import read_all
from worker.kafka.record_batch import BATCH_OVERHEAD, RecordBatch
from worker.kafka.topic import Topic
from worker.records.encoding import encode
from worker.records.message import Message
from worker.settings.kafka import Kafka

LIMIT = 512 * 1024
LEAST, MOST = 7, 9  # bytes around a small value


@pytest.mark.parametrize("transactional", [True, False])
def test_a_batch_is_what_the_client_reads(*, transactional: bool) -> None:
    """Every record in its place, also where place and length take more bytes; whose it is; all under the checksum."""
    records = [(b"lead-%d" % number, noise(number % 200), [("name", b"%d" % number)]) for number in range(9000)]
    batch = RecordBatch(transactional=transactional)
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
    """A record that is larger than a batch goes alone."""
    half, large = encode(b"", bytes(LIMIT // 2), []), encode(b"", bytes(LIMIT + 1), [])
    batch = RecordBatch(transactional=False)
    assert batch.add([half, half, half]) == 1
    assert batch.add([b"small"]) == 1
    assert batch.add([half]) == 0
    batch = RecordBatch(transactional=False)
    assert batch.add([large, b"small"]) == 1
    assert batch.add([b"small"]) == 0


class Client:
    """Takes batches as aiokafka does, and reads them."""

    def __init__(self) -> None:
        self.batches: list[list[bytes]] = []
        self.client = SimpleNamespace(send=None)  # connections, of which it has none

    async def send_batch(self, batch: RecordBatch, topic: str, *, partition: int) -> asyncio.Future[None]:
        assert (topic, partition) == ("lead-assigned", 3)
        self.batches.append([record.value or b"" for record in DefaultRecordBatch(batch._build())])
        sent = asyncio.get_running_loop().create_future()
        sent.set_result(None)
        return sent


class Producer(BatchProducer):
    _transactional = True


@search(300)
@given(st.lists(st.integers(0, 130), min_size=1, max_size=40))
async def test_batches_hold_all_in_order_wherever_slices_end(sizes: list[int]) -> None:
    """Many slices, and batches that are full at any place of one; none of several records is larger than it may be."""
    values = [noise(size) for size in sizes]
    client, limits = Client(), Limits()
    limits.renew({"lead-assigned": Limit(100 + BATCH_OVERHEAD)})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(concurrency, "SLICE", 3)
        messages = [Message.of("lead-assigned", 3, None, value, []) for value in values]
        sent = await Producer(cast("AIOKafkaProducer", client), limits)._send_all({("lead-assigned", 3): messages})
    assert len(sent) == len(client.batches)
    assert [value for batch in client.batches for value in batch] == values
    for batch, following in zip(client.batches, client.batches[1:], strict=False):
        assert len(batch) == 1 or sum(LEAST + len(value) for value in batch) <= 100
        assert sum(MOST + len(value) for value in [*batch, following[0]]) > 100  # it was full


async def test_many_batches_arrive_in_order(kafka_server: KafkaServer) -> None:
    """On their partition: many small records, some that fill half a batch, one that is larger than a batch."""
    settings, topic = Kafka(bootstrap_servers=kafka_server.bootstrap_servers), uuid4().hex
    sizes = [*range(249), 2 * LIMIT, 9, *range(300), LIMIT // 2, LIMIT // 2, 7, 2 * LIMIT, 8, LIMIT // 2, 9]
    messages = [Message.of(topic, 1, b"%d" % number, noise(size), []) for number, size in enumerate(sizes)]
    async with administration(settings) as admin:
        await admin.create([Topic(topic, 2, 1, 4 * LIMIT)])
    producer = PlainProducer(settings, Limits())
    try:
        await producer.start()
        await producer.send(messages)
    finally:
        await producer.stop()
    found = [record async for records in read_all(settings, [topic], "read_committed") for record in records]
    assert [(record.partition, record.key, record.value) for record in found] == [
        (1, message.key, message.value) for message in messages
    ]

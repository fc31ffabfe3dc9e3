"""Records that the client can't unpack, on a real Kafka."""

import asyncio
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer

from tests.support.odd_name import send_odd_name
from tests.support.servers import KafkaServer
from worker.kafka.admin import administration
from worker.kafka.consumer import Consumer, UnreadableError
from worker.kafka.reader import bounds, with_records
from worker.kafka.topic import Topic
from worker.kafka.writer import writer
from worker.settings.kafka import Kafka


@pytest.fixture
async def topic(kafka_server: KafkaServer) -> tuple[Kafka, str]:
    settings = Kafka(bootstrap_servers=kafka_server.bootstrap_servers, group_id=f"group-{uuid4().hex}")
    name = f"unreadable-{uuid4().hex}"
    async with administration(settings) as admin:
        await admin.create([Topic(name, 2, 1, 1_048_576)])
    await bounds(settings, [name])
    return settings, name


async def poll_for_ever(consumer: Consumer) -> None:
    while True:
        await consumer.poll(200)


async def test_a_header_name_that_is_not_utf8_stops_its_partition_alone(topic: tuple[Kafka, str]) -> None:
    """The partition is found and read no more; the other one goes on."""
    settings, name = topic
    async with writer(settings) as producer:
        await producer.send_and_wait(name, b"good", partition=0)
        await producer.send_and_wait(name, b"good", partition=1)
    await send_odd_name(settings, name)
    consumer = Consumer(settings, [name])
    beginning = {(name, 0): 0, (name, 1): 0}
    assigned = asyncio.Event()
    try:
        await consumer.start(lambda: None, assigned.set)
        await asyncio.wait_for(assigned.wait(), 30)
        consumer.seek(beginning)
        with pytest.raises(UnreadableError):
            await asyncio.wait_for(poll_for_ever(consumer), 30)
        consumer.seek(beginning)
        assert await consumer.pause_unreadable() == {(name, 0): (1, "UnicodeDecodeError")}
        consumer.seek(beginning)
        async with asyncio.timeout(30):
            while not (arrived := await consumer.poll(200)):
                pass
        assert {partition: [record.value for record in records] for partition, records in arrived.items()} == {
            (name, 1): [b"good"]
        }
    finally:
        await consumer.stop()


async def test_what_waits_can_be_told_from_markers_alone(topic: tuple[Kafka, str]) -> None:
    """The markers are of a committed transaction, of an aborted one, and beside a record that can't be unpacked."""
    settings, name = topic
    async with AIOKafkaProducer(
        bootstrap_servers=settings.bootstrap_servers, transactional_id=f"{name}-upstream"
    ) as producer:
        async with producer.transaction():
            await producer.send(name, b"kept", partition=0)
        await producer.begin_transaction()
        await producer.send_and_wait(name, b"taken back", partition=0)
        await producer.abort_transaction()
    (_, end) = (await bounds(settings, [name]))[name, 0]
    assert end == 4  # a record and its marker, twice
    assert await with_records(settings, {(name, 0): (0, end)}) == {(name, 0)}
    assert await with_records(settings, {(name, 0): (1, end)}) == set()
    await send_odd_name(settings, name)
    assert await with_records(settings, {(name, 0): (1, end + 1)}) == {(name, 0)}

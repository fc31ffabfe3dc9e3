"""The insides of aiokafka's producer: each test fails where a release changes what the worker relies on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, cast
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.client import CoordinationType
from aiokafka.errors import ConcurrentTransactions
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.producer.sender import AddPartitionsToTxnHandler

from tests.support.servers import KafkaServer
from worker.kafka import insides
from worker.kafka.missing_markers import transaction_state
from worker.kafka.reader import bounds
from worker.kafka.record_batch import RecordBatch
from worker.kafka.requests.describe_transactions import DescribeTransactionsRequest
from worker.records.encoding import encode
from worker.settings.kafka import Kafka


@asynccontextmanager
async def transactional(servers: str) -> AsyncIterator[tuple[AIOKafkaProducer, str]]:
    """A started producer, and its transactional id."""
    name = f"insides-{uuid4().hex}"
    async with AIOKafkaProducer(bootstrap_servers=servers, transactional_id=name) as producer:
        yield producer, name


class Recorded(RecordBatch):
    """Notes what the producer calls."""

    def __init__(self, *, transactional: bool) -> None:
        super().__init__(transactional=transactional)
        self.calls: list[str] = []

    def set_producer_state(self, producer_id: int, producer_epoch: int, base_sequence: int) -> None:
        self.calls.append("state")
        super().set_producer_state(producer_id, producer_epoch, base_sequence)

    def build(self) -> bytes:
        self.calls.append("build")
        return super().build()


async def test_a_producer_sends_a_prepared_batch_as_its_own(kafka_server: KafkaServer, new_topic: str) -> None:
    """It calls nothing else of a batch than what a prepared one has; the broker takes it and counts its records."""
    servers = kafka_server.bootstrap_servers
    async with AIOKafkaProducer(bootstrap_servers=servers, enable_idempotence=True) as producer:
        offsets = []
        for _ in range(2):
            batch = Recorded(transactional=False)
            batch.add([encode(b"", b"some-value", []), encode(b"", b"another", [])])
            async with asyncio.timeout(30):
                answer = await (await producer.send_batch(cast(BatchBuilder, batch), new_topic, partition=0))
            offsets.append(answer.offset)
            assert batch.calls == ["state", "build"]
    assert offsets == [0, 2]
    assert await bounds(Kafka(bootstrap_servers=servers), [new_topic]) == {
        (new_topic, 0): (0, 4),
        (new_topic, 1): (0, 0),
    }


async def test_the_pause_between_transactions_is_the_one_that_is_set(
    kafka_server: KafkaServer, new_topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The producer's own setting for retries is another."""
    async with transactional(kafka_server.bootstrap_servers) as (producer, _):
        insides.pause_between_transactions(0.004)
        handler = AddPartitionsToTxnHandler(producer._sender, {TopicPartition(new_topic, 0)})

        class Answer:
            API_VERSION = 0
            errors = ((new_topic, ((0, ConcurrentTransactions.errno),)),)

        try:
            assert handler.handle_response(Answer) == 0.004
        finally:
            insides.pause_between_transactions(0.003)


async def test_a_transaction_of_nothing_is_over_its_partitions_and_group(
    kafka_server: KafkaServer, new_topic: str
) -> None:
    """The broker knows of all of them while it is open, and writes a marker to each when it ends."""
    servers = kafka_server.bootstrap_servers
    async with transactional(servers) as (producer, name):
        await producer.begin_transaction()
        await insides.add_to_transaction(producer, [TopicPartition(new_topic, 0), TopicPartition(new_topic, 1)], name)

        async def is_added() -> bool:
            return (await topics_of(producer, name)).keys() == {new_topic, "__consumer_offsets"}

        async def is_committed() -> bool:
            return await transaction_state(producer.client, name) == "CompleteCommit"

        await until(is_added)
        assert sorted((await topics_of(producer, name))[new_topic]) == [0, 1]
        assert await transaction_state(producer.client, name) == "Ongoing"
        await producer.commit_transaction()
        await until(is_committed)
    found = await bounds(Kafka(bootstrap_servers=servers), [new_topic], "read_committed")
    assert found == {(new_topic, 0): (0, 1), (new_topic, 1): (0, 1)}


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(30):
        while True:
            if await holds():
                return
            await asyncio.sleep(0.01)


async def topics_of(producer: AIOKafkaProducer, name: str) -> dict[str, list[int]]:
    """The partitions that are part of the transaction, by topic."""
    node = await producer.client.coordinator_lookup(CoordinationType.TRANSACTION, name)
    answer: Any = await producer.client.send(node, DescribeTransactionsRequest(name))
    (found,) = answer.to_object()["transactions"]
    return {topic["topic"]: topic["partitions"] for topic in found["topics"]}


async def test_a_coordinator_is_looked_up_once_until_it_is_forgotten(
    kafka_server: KafkaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = CoordinationType.GROUP
    asked: list[object] = []
    async with transactional(kafka_server.bootstrap_servers) as (producer, name):
        look_up: Callable[..., Awaitable[int]] = producer.client.coordinator_lookup
        node = await insides.coordinator(producer, kind, name)
        assert node == await look_up(kind, name)

        async def note(*arguments: object) -> int:
            asked.append(arguments)
            return await look_up(*arguments)

        monkeypatch.setattr(producer.client, "coordinator_lookup", note)
        assert await insides.coordinator(producer, kind, name) == node
        assert asked == []
        insides.forget_coordinator(producer, kind)
        assert await insides.coordinator(producer, kind, name) == node
        assert asked == [(kind, name)]


async def test_a_producers_sender_can_be_ended_without_the_brokers(kafka_server: KafkaServer) -> None:
    before = asyncio.all_tasks()
    producer = AIOKafkaProducer(bootstrap_servers=kafka_server.bootstrap_servers)
    insides.cancel_sender(producer)  # before it has started: nothing
    await producer.start()
    (sending,) = [task for task in asyncio.all_tasks() - before if "_sender_routine" in repr(task.get_coro())]
    insides.cancel_sender(producer)
    await asyncio.wait({sending}, timeout=10)
    assert sending.done()
    await producer.client.close()
    producer._closed = True  # nothing is left to close, and it warns where it is not


async def test_every_request_of_a_transaction_passes_the_send_that_replaces_the_clients(
    kafka_server: KafkaServer, new_topic: str
) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka_server.bootstrap_servers, transactional_id=f"id-{uuid4().hex}")
    original: Callable[..., Awaitable[Any]] = producer.client.send
    passed: set[str] = set()

    async def send(node_id: int, request: Any, **options: Any) -> Any:
        passed.add(type(request).__name__.partition("_")[0])
        return await original(node_id, request, **options)

    insides.replace_send(producer.client, send)
    async with producer, producer.transaction():
        await producer.send_and_wait(new_topic, b"value")
    assert passed >= {"InitProducerIdRequest", "AddPartitionsToTxnRequest", "ProduceRequest", "EndTxnRequest"}

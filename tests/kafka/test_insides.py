"""The insides of aiokafka's clients and consumer: each test fails where a release changes what the worker relies on."""

from __future__ import annotations

import asyncio
import importlib
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from ssl import create_default_context
from types import ModuleType
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition, codec
from aiokafka import client as aiokafka_client
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient, ConnectionGroup
from aiokafka.errors import KafkaConnectionError, for_code
from aiokafka.protocol.metadata import MetadataRequest, MetadataRequest_v5

from tests.support.servers import KafkaServer
from worker.embedded.ports import HOST, free_port
from worker.kafka import insides
from worker.kafka.client import stop
from worker.kafka.group.refusals import GroupMaxSizeReachedError
from worker.kafka.leader_epochs import epoch_of
from worker.kafka.unpacking import BOUNDED, bound_unpacking
from worker.records.record import Partition

KINDS: tuple[type[insides.Client], ...] = (AIOKafkaConsumer, AIOKafkaProducer, AIOKafkaAdminClient)


def modules() -> list[ModuleType]:
    """All of aiokafka that a worker loads."""
    loaded = "import sys, worker.commands; print(*(name for name in sys.modules if name.startswith('aiokafka.')))"
    ran = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    return [importlib.import_module(name) for name in ran.stdout.split()]


@asynccontextmanager
async def closing(client: AIOKafkaClient) -> AsyncIterator[AIOKafkaClient]:
    try:
        yield client
    finally:
        await client.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_connections_of_every_client_take_any_request(kafka_server: KafkaServer, kind: type[Any]) -> None:
    client = kind(bootstrap_servers=kafka_server.bootstrap_servers)
    await client.start()
    try:
        found = insides.connections(client)
        assert isinstance(found, AIOKafkaClient)
        assert insides.bootstrap_servers(found) == kafka_server.bootstrap_servers
        assert (await found.send(found.get_random_node(), MetadataRequest([]))).brokers
    finally:
        await stop(client)


def test_every_module_that_sends_metadata_requests_forbids_topics() -> None:
    """Another release may send them from elsewhere, and would have brokers make topics again."""
    insides.forbid_topic_creation()

    def sends(module: ModuleType) -> bool:
        return "MetadataRequest" in vars(module) and not module.__name__.startswith("aiokafka.protocol")

    assert {module for module in modules() if sends(module)} == set(insides.METADATA_SENDERS)
    for module in insides.METADATA_SENDERS:
        asked = vars(module)["MetadataRequest"](["some-topic"]).build(MetadataRequest_v5)
        assert asked.to_object() == {"topics": ["some-topic"], "allow_auto_topic_creation": False}


async def test_clients_send_the_requests_that_forbid(
    kafka_server: KafkaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They look the class up in their module each time, so that replacing it there has an effect."""
    sent: list[object] = []
    forbidding = vars(aiokafka_client)["MetadataRequest"]

    def note(*arguments: object) -> object:
        request = forbidding(*arguments)
        sent.append(request.build(MetadataRequest_v5).allow_auto_topic_creation)
        return request

    monkeypatch.setattr(aiokafka_client, "MetadataRequest", note)
    async with closing(AIOKafkaClient(bootstrap_servers=kafka_server.bootstrap_servers)) as client:
        await client.bootstrap()
        await client.set_topics(["some-topic"])
        await client.force_metadata_update()
    assert len(sent) >= 2
    assert not any(sent)


def test_an_error_that_aiokafka_lacks_is_raised_for_its_code() -> None:
    """A release that brings the error by another name would win, and `refusals.is_full` would no longer see it."""
    assert for_code(GroupMaxSizeReachedError.errno) is GroupMaxSizeReachedError
    insides.register_error(GroupMaxSizeReachedError)
    assert for_code(GroupMaxSizeReachedError.errno) is GroupMaxSizeReachedError


async def test_other_bootstrap_servers_count_for_the_block(kafka_server: KafkaServer) -> None:
    dead = f"{HOST}:{free_port()}"
    async with closing(AIOKafkaClient(bootstrap_servers=dead)) as client:
        with pytest.raises(KafkaConnectionError):
            await client.bootstrap()
        with insides.other_bootstrap_servers(client, [kafka_server.bootstrap_servers]):
            await client.bootstrap()
        assert client.cluster.brokers()
        assert insides.bootstrap_servers(client) == dead


@pytest.mark.parametrize("kind", KINDS)
async def test_every_client_starts_by_the_bootstrap_that_replaces_its_own(
    kafka_server: KafkaServer, kind: type[Any]
) -> None:
    """The last replacement counts, and is handed the client's own."""
    called: list[str] = []
    client = kind(bootstrap_servers=kafka_server.bootstrap_servers)
    found = insides.connections(client)

    async def instead(bootstrap: insides.Bootstrap, name: str) -> None:
        called.append(name)
        await bootstrap()

    insides.replace_bootstrap(found, lambda bootstrap: instead(bootstrap, "first"))
    insides.replace_bootstrap(found, lambda bootstrap: instead(bootstrap, "second"))
    await client.start()
    try:
        assert called == ["second"]
        assert found.cluster.brokers()
    finally:
        await stop(client)


async def test_connections_are_opened_with_renewed_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[dict[str, object]] = []

    async def refuse(*_: object, **options: object) -> None:
        used.append(options)
        raise ConnectionRefusedError

    monkeypatch.setattr(aiokafka_client, "create_conn", refuse)
    old, new = create_default_context(), create_default_context()
    client = AIOKafkaClient(
        security_protocol="SASL_SSL",
        ssl_context=old,
        sasl_mechanism="SCRAM-SHA-512",
        sasl_plain_username="worker",
        sasl_plain_password="old",  # noqa: S106 -- not one
    )
    for _ in range(2):
        with suppress(KafkaConnectionError):
            await client.bootstrap()
        insides.renew_credentials(client, new, "new")
    assert [(options["ssl_context"], options["sasl_plain_password"]) for options in used] == [
        (old, "old"),
        (new, "new"),
    ]
    assert insides.sasl_mechanism(client) == "SCRAM-SHA-512"


async def test_fetched_batches_are_seen_as_the_broker_sent_them(kafka_server: KafkaServer, new_topic: str) -> None:
    seen: dict[Partition, bytes] = {}
    async with AIOKafkaProducer(bootstrap_servers=kafka_server.bootstrap_servers) as producer:
        await producer.send_and_wait(new_topic, b"some-value", partition=1)
    async with AIOKafkaConsumer(
        bootstrap_servers=kafka_server.bootstrap_servers, auto_offset_reset="earliest"
    ) as consumer:
        insides.observe_fetches(insides.connections(consumer), seen.__setitem__)
        consumer.assign([TopicPartition(new_topic, 0), TopicPartition(new_topic, 1)])
        async with asyncio.timeout(30):
            record = await consumer.getone()
    assert record.value == b"some-value"
    assert seen.keys() == {(new_topic, 1)}
    assert b"some-value" in seen[new_topic, 1]
    assert epoch_of(seen[new_topic, 1]) == 0  # the topic's first leader


def test_every_module_that_unpacks_does_so_by_the_decoders_that_are_set() -> None:
    """Another release may unpack elsewhere, or by other functions, and would have no bound again."""
    bound_unpacking()

    def unpacks(module: ModuleType) -> bool:
        return any(name.endswith("_decode") for name in vars(module)) and module is not codec

    assert {module for module in modules() if unpacks(module)} == set(insides.UNPACKERS)
    for module in insides.UNPACKERS:
        assert {decode for name, decode in vars(module).items() if name.endswith("_decode")} <= {*BOUNDED.values()}
    assert {name for name in vars(codec) if name.endswith("_decode")} == BOUNDED.keys()


def test_snappy_in_the_blocks_of_java_is_known() -> None:
    for in_blocks in (True, False):
        packed = codec.snappy_encode(b"some value", xerial_compatible=in_blocks)
        assert insides.is_in_xerial_blocks(memoryview(packed)) is in_blocks


async def test_a_closed_connection_is_replaced_by_the_next_request(kafka_server: KafkaServer) -> None:
    """The broker of a closed one takes requests again at once; closing one that is not there does nothing."""
    async with closing(AIOKafkaClient(bootstrap_servers=kafka_server.bootstrap_servers)) as client:
        await client.bootstrap()
        node = client.get_random_node()
        insides.close_connection(client, node, ConnectionGroup.COORDINATION)
        await client.send(node, MetadataRequest([]), group=ConnectionGroup.DEFAULT)
        first = client._conns[node, ConnectionGroup.DEFAULT]
        insides.close_connection(client, node, ConnectionGroup.DEFAULT)
        assert not first.connected()
        assert (await client.send(node, MetadataRequest([]), group=ConnectionGroup.DEFAULT)).brokers
        assert client._conns[node, ConnectionGroup.DEFAULT] is not first

"""The cluster that the fault tests attack does what it says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from tests.faults.cluster import Cluster

SOON = 20.0
LOOK_PAUSE = 0.1


async def test_every_topic_is_on_all_nodes_and_asks_for_two(kafka_cluster: Cluster) -> None:
    """Kafka's own for groups and transactions as well."""
    await kafka_cluster.coordinator("any")
    await kafka_cluster.transaction_coordinator("any")
    async with _admin(kafka_cluster) as admin:
        names = ["__consumer_offsets", "__transaction_state", await _topic(kafka_cluster)]
        for topic in await admin.describe_topics(names):
            assert all(len(partition["replicas"]) == 3 for partition in topic["partitions"])
        answer: Any
        (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in names])
    wanted = [entry[1] for *_, entries in answer.resources for entry in entries if entry[0] == "min.insync.replicas"]
    assert wanted == ["2"] * 3


async def test_a_topic_survives_the_death_of_any_node(kafka_cluster: Cluster) -> None:
    """Killed is the leader, twice; what was acknowledged is there, and the next record is taken."""
    topic = await _topic(kafka_cluster)
    async with _producer(kafka_cluster) as producer:
        led = []
        for value in (b"1", b"2"):
            await producer.send_and_wait(topic, value)
            led.append(await kafka_cluster.leader(topic, 0))
            kafka_cluster.kill(led[-1])
            await producer.send_and_wait(topic, value + b" after")
            await kafka_cluster.heal()

    assert await _values(kafka_cluster, topic, 4) == [b"1", b"1 after", b"2", b"2 after"]
    assert led[0] != led[1]


async def test_without_two_nodes_nothing_is_written(kafka_cluster: Cluster) -> None:
    """The send neither fails nor succeeds; it does once there are two again."""
    topic = await _topic(kafka_cluster)
    async with _producer(kafka_cluster) as producer:
        await producer.send_and_wait(topic, b"before")
        leader = await kafka_cluster.leader(topic, 0)
        kafka_cluster.kill(*{0, 1, 2} - {leader})

        sent = await producer.send(topic, b"meanwhile")
        assert not (await asyncio.wait([sent], timeout=3))[0]

        await asyncio.to_thread(kafka_cluster.start, (leader + 1) % 3)
        await asyncio.wait_for(sent, SOON)
    assert await _values(kafka_cluster, topic, 2) == [b"before", b"meanwhile"]


async def test_a_frozen_node_loses_what_it_led(kafka_cluster: Cluster) -> None:
    """The client waits for its answer, then asks another node who leads now."""
    topic = await _topic(kafka_cluster)
    async with _producer(kafka_cluster, request_timeout_ms=2000) as producer:
        await producer.send_and_wait(topic, b"before")
        leader = await kafka_cluster.leader(topic, 0)
        kafka_cluster.freeze(leader)
        await _until_other(leader, lambda: kafka_cluster.leader(topic, 0))
        await producer.send_and_wait(topic, b"after")
    await kafka_cluster.heal()
    assert await _values(kafka_cluster, topic, 2) == [b"before", b"after"]


async def test_coordinators_move(kafka_cluster: Cluster) -> None:
    """The one of a transaction dies while that is open, the one of a group stops in order."""
    topic, name = await _topic(kafka_cluster), f"name-{uuid4().hex[:8]}"
    async with _producer(kafka_cluster, transactional_id=name) as producer, producer.transaction():
        await producer.send(topic, b"before")
        was = await kafka_cluster.transaction_coordinator(name)
        kafka_cluster.kill(was)
        await _until_other(was, lambda: kafka_cluster.transaction_coordinator(name))
    await kafka_cluster.heal()
    assert await _values(kafka_cluster, topic, 1) == [b"before"]

    was = await kafka_cluster.coordinator(name)
    await asyncio.to_thread(kafka_cluster.stop, was)
    await _until_other(was, lambda: kafka_cluster.coordinator(name))


async def test_clients_come_in_through_the_proxies_and_nodes_do_not(kafka_cluster: Cluster) -> None:
    """With every proxy stalled nothing is written, and the nodes are well."""
    topic = await _topic(kafka_cluster)
    async with _producer(kafka_cluster) as producer:
        await producer.send_and_wait(topic, b"before")
        for proxy in kafka_cluster.proxies:
            proxy.stall()
        sent = await producer.send(topic, b"meanwhile")
        assert not (await asyncio.wait([sent], timeout=4))[0]  # longer than a node's session
        await kafka_cluster.until_whole()

        await kafka_cluster.heal()
        await asyncio.wait_for(sent, SOON)
    assert await _values(kafka_cluster, topic, 2) == [b"before", b"meanwhile"]


def _producer(cluster: Cluster, **more: object) -> AIOKafkaProducer:
    return AIOKafkaProducer(bootstrap_servers=cluster.bootstrap_servers, enable_idempotence=True, **more)


async def _topic(cluster: Cluster) -> str:
    """A new topic of one partition, on all three nodes."""
    name = f"t{uuid4().hex[:8]}"
    async with _admin(cluster) as admin:
        await admin.create_topics([NewTopic(name, num_partitions=1, replication_factor=3)])
    return name


@asynccontextmanager
async def _admin(cluster: Cluster) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=cluster.bootstrap_servers)
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()


async def _values(cluster: Cluster, topic: str, count: int) -> list[bytes | None]:
    """The first so many values that a reader of what is committed sees."""
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=cluster.bootstrap_servers,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    async with consumer, asyncio.timeout(SOON):
        return [(await consumer.getone()).value for _ in range(count)]


async def _until_other(than: int, ask: Callable[[], Awaitable[int]]) -> None:
    async with asyncio.timeout(SOON):
        while True:
            if await ask() != than:
                return
            await asyncio.sleep(LOOK_PAUSE)

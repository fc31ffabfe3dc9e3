"""Commits that brokers have answered, and of which they leave a part out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.faults.cluster import Cluster
from tests.stage.environment import PARTITIONS, dice, environment
from tests.stage.stage import Stage, opened
from tests.stage.upstream import events
from worker.kafka.admin import administration
from worker.slots import publisher_id


@pytest.fixture
async def stage(database_url: str, kafka_cluster: Cluster, tmp_path: Path) -> AsyncIterator[Stage]:
    """On three brokers; but of the output there is one copy, so that parts of it have no leader when one is away."""
    names = environment(database_url, kafka_cluster.bootstrap_servers)
    output = NewTopic(
        names["SALESPLAN_TOPICS__LEAD_ASSIGNED"], PARTITIONS, 1, topic_configs={"min.insync.replicas": "1"}
    )
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_cluster.internal_servers)
    await admin.start()
    await admin.create_topics([output])
    await admin.close()
    async with opened(names, tmp_path) as stage:
        yield stage


async def leader_that_coordinates_nothing(stage: Stage, cluster: Cluster) -> int:
    """Of the first slot's transactions; each of three nodes leads a part of the output."""
    publisher = publisher_id(stage.settings.kafka.group_id, 0)
    topic = stage.settings.topics.lead_assigned
    leaders = {await cluster.leader(topic, number) for number in range(PARTITIONS)}
    coordinators = {await cluster.coordinator(publisher), await cluster.transaction_coordinator(publisher)}
    return min(leaders - coordinators)


async def position(stage: Stage) -> int:
    """Up to which row the first slot is published, as Kafka has it."""
    settings = stage.settings
    async with administration(settings.kafka) as admin:
        return await admin.position(publisher_id(settings.kafka.group_id, 0), settings.topics.lead_assigned)


async def test_p06_a_commit_that_lacks_its_markers_is_not_lost(stage: Stage, kafka_cluster: Cluster) -> None:
    """A partition has no leader while a transaction over it commits; then workers die, the last one with another begun.

    Brokers say that all is committed and never write that partition's marker (KAFKA-20734). What is there ends with
    the next transaction over it, and as that one does.
    """

    async def committed() -> bool:
        return await position(stage) > before

    async def slot_is_free() -> bool:
        return await stage.number("select count(*) from salesplan.slot where lease_until > clock_timestamp()") == 0

    worker = stage.start(SALESPLAN_FAILPOINT="before_publish_commit:3:freeze")
    # At this rate each batch has leads for all parts of the output.
    async with stage.load(events(dice(65), 12000), per_second=1000):
        await stage.until_gone(worker)
        broker = await leader_that_coordinates_nothing(stage, kafka_cluster)
        await asyncio.to_thread(kafka_cluster.stop, broker)
        before = await position(stage)
        worker.thaw()
        await stage.until("its commit is answered", committed)
        await asyncio.sleep(1)  # for what it should not do: begin another transaction
        worker.kill()
        await kafka_cluster.heal()
        await stage.until("its slot is free", slot_is_free)
        heir = stage.start(SALESPLAN_FAILPOINT="before_publish_commit")
        await stage.until_gone(heir)
        await stage.start_ready(1)
        await stage.until_handled(200)
    await stage.finish()

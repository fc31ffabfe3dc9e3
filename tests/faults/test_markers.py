"""Transactions that brokers say are over, and of whose end they leave a part out."""

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
from worker.kafka.insides import connections
from worker.kafka.missing_markers import transaction_state
from worker.kafka.reader import bounds
from worker.outbox.slots import publisher_id

ONE_COPY = {"SALESPLAN_TOPICS__REPLICATION": "1"}  # is meant, the workers are told


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
    """A node that leads a part of the output, and coordinates neither the first slot's group nor its transactions."""
    publisher = publisher_id(stage.settings.kafka.group_id, 0)
    topic = stage.settings.topics.lead_assigned
    leaders = {await cluster.leader(topic, number) for number in range(PARTITIONS)}
    coordinators = {await cluster.coordinator(publisher), await cluster.transaction_coordinator(publisher)}
    return min(leaders - coordinators)


async def is_left_open(stage: Stage) -> bool:
    """True if a transaction holds a part of the output back."""
    kafka, output = stage.settings.kafka, [stage.settings.topics.lead_assigned]
    return await bounds(kafka, output) != await bounds(kafka, output, "read_committed")


async def slot_is_free(stage: Stage) -> bool:
    return await stage.number("select count(*) from salesplan.slot where lease_until > clock_timestamp()") == 0


async def test_p06_a_commit_that_lacks_its_markers_is_not_lost(stage: Stage, kafka_cluster: Cluster) -> None:
    """A partition has no leader while a transaction over it commits; then workers die.

    Brokers say that all is committed and never write that partition's marker (KAFKA-20734). What is there ends with
    the next transaction over it, and as that one does.
    """
    broker = await leader_that_coordinates_nothing(stage, kafka_cluster)
    worker = stage.start(SALESPLAN_FAILPOINT="before_publish_commit:3:freeze", **ONE_COPY)
    # At this rate each batch has leads for all parts of the output.
    async with stage.load(events(dice(65), 12000), per_second=1000):
        await stage.until_gone(worker)
        await asyncio.to_thread(kafka_cluster.stop, broker)
        worker.thaw()
        await stage.until_logged(worker, "session_over")
        worker.kill()
        await kafka_cluster.heal()
        assert await is_left_open(stage)
        await stage.until("its slot is free", lambda: slot_is_free(stage))
        heir = stage.start(SALESPLAN_FAILPOINT="before_send", **ONE_COPY)
        await stage.until_gone(heir)
        assert not await is_left_open(stage)
        await stage.start_ready(1, **ONE_COPY)
        await stage.until_handled(200)
    await stage.finish()


async def test_p06_an_abort_that_lacks_its_markers_is_not_repeated(stage: Stage, kafka_cluster: Cluster) -> None:
    """A worker dies before it has committed, and a partition has no leader when its transaction runs out of time."""
    broker = await leader_that_coordinates_nothing(stage, kafka_cluster)
    publisher = publisher_id(stage.settings.kafka.group_id, 0)

    async def aborted() -> bool:
        async with administration(stage.settings.kafka) as admin:
            return await transaction_state(connections(admin._client), publisher) == "CompleteAbort"

    worker = stage.start(SALESPLAN_FAILPOINT="before_publish_commit:3:freeze", **ONE_COPY)
    async with stage.load(events(dice(66), 12000), per_second=1000):
        await stage.until_gone(worker)
        await asyncio.to_thread(kafka_cluster.stop, broker)
        worker.kill()
        await stage.until("its transaction is aborted", aborted)
        await kafka_cluster.heal()
        assert await is_left_open(stage)
        await stage.start_ready(1, **ONE_COPY)
        await stage.until_handled(200)
    await stage.finish()

"""Brokers that are bounced one by one, and a cluster that can't be written to for long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import islice
from pathlib import Path

import pytest

from tests.faults.cluster import Cluster
from tests.stage.environment import dice, environment
from tests.stage.stage import Stage, opened
from tests.stage.upstream import events
from worker.kafka.client import REQUEST_TIMEOUT_MS

ROLES = ("leader", "coordinator", "transaction_coordinator")


@pytest.fixture
async def stage(database_url: str, kafka_cluster: Cluster, tmp_path: Path) -> AsyncIterator[Stage]:
    """On three brokers, with three copies of which two must be written."""
    async with opened(environment(database_url, kafka_cluster.bootstrap_servers), tmp_path) as stage:
        yield stage


async def broker_of(stage: Stage, cluster: Cluster, role: str) -> int:
    """Who leads a partition of the output, or coordinates the group, or the transactions of the first slot."""
    group = stage.settings.kafka.group_id
    match role:
        case "leader":
            return await cluster.leader(stage.settings.topics.lead_assigned, 0)
        case "coordinator":
            return await cluster.coordinator(group)
        case _:
            return await cluster.transaction_coordinator(f"{group}-slot-0")


@pytest.mark.parametrize("end", ["stop", "kill"])
async def test_p06_any_broker_may_be_bounced(stage: Stage, kafka_cluster: Cluster, end: str) -> None:
    """In order or hard, each in the role that hurts: nothing lost, nothing repeated, and no worker is restarted."""
    await stage.start_ready(2)
    async with stage.load(events(dice(63), 4000), per_second=200):
        for role in ROLES:
            await stage.until_handled(200)
            broker = await broker_of(stage, kafka_cluster, role)
            await asyncio.to_thread(getattr(kafka_cluster, end), broker)
            await stage.until_handled(200)
            await kafka_cluster.heal()
    await stage.finish()


async def test_p07_a_cluster_that_could_not_be_written_to_for_long_heals(stage: Stage, kafka_cluster: Cluster) -> None:
    """Two of three brokers are down for longer than any request waits; then all that was committed comes out once."""
    await stage.send(islice(events(dice(64), 4000), 3000))
    for _ in range(2):
        stage.start(SALESPLAN_INTAKE__MAX_BATCH="20")
    await stage.until_handled(100)
    broker = await broker_of(stage, kafka_cluster, "leader")
    kafka_cluster.kill(broker, (broker + 1) % 3)
    await asyncio.sleep(REQUEST_TIMEOUT_MS / 1000 + 10)  # the fault is its length
    await kafka_cluster.heal()
    await stage.finish()

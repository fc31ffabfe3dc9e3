"""A broker that goes for good, and with it the only address that the workers were given."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.cluster import Cluster
from tests.stage.environment import environment
from tests.stage.stage import DEADLINE, Stage, opened
from tests.stage.upstream import subscriptions

END_SESSIONS = (
    "select pg_terminate_backend(pid) from pg_stat_activity "
    "where datname = current_database() and pid <> pg_backend_pid()"
)


@pytest.fixture
async def stage(database_url: str, kafka_cluster: Cluster, tmp_path: Path) -> AsyncIterator[Stage]:
    """On three brokers, all of which the test itself knows."""
    async with opened(environment(database_url, kafka_cluster.bootstrap_servers), tmp_path) as stage:
        yield stage


@pytest.mark.parametrize("way", ["refuse", "stall"])
async def test_p38_new_sessions_begin_at_brokers_that_are_known(stage: Stage, kafka_cluster: Cluster, way: str) -> None:
    """The address is closed, or swallows what it is sent. The others serve, and what comes next is assigned."""
    only = kafka_cluster.bootstrap_servers.partition(",")[0]
    (worker,) = await stage.start_ready(1, KAFKA_BOOTSTRAP_SERVERS=only)
    await stage.send(subscriptions(95, 40))
    await stage.until_handled()
    kafka_cluster.kill(0)
    if way == "stall":
        kafka_cluster.proxies[0].stall()
    await stage.ask(END_SESSIONS)
    await stage.send(subscriptions(96, 40))
    await stage.until_handled(seconds=2 * DEADLINE)
    assert worker.logged("session_over")
    await stage.finish()


async def test_p38_one_address_of_several_brokers_is_a_warning(stage: Stage, kafka_cluster: Cluster) -> None:
    only = kafka_cluster.bootstrap_servers.partition(",")[0]
    warned = await stage.command("topics", "check", KAFKA_BOOTSTRAP_SERVERS=only)
    line = "brokers: KAFKA_BOOTSTRAP_SERVERS names one address of 3 brokers"
    assert warned.code == 0
    assert line in warned.out + warned.err
    assert line not in str(await stage.command("topics", "check"))

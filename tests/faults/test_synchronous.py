"""A synchronous standby that is gone: commits wait, and the worker says for what."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.stage.environment import dice, environment
from tests.stage.stage import Stage, opened
from tests.stage.upstream import event
from tests.support.servers import KafkaServer
from worker.embedded import Postgres

WHY = (
    "commits wait for a synchronous standby that does not answer (SyncRep): bring one back, or take it out of "
    "synchronous_standby_names and accept that a failover may lose decisions; nothing is lost meanwhile"
)
WAITING = "select count(*) from pg_stat_activity where wait_event = 'SyncRep'"


@pytest.fixture
async def stage(postgres: Postgres, kafka_server: KafkaServer, tmp_path: Path) -> AsyncIterator[Stage]:
    async with opened(environment(postgres.dsn(), kafka_server.bootstrap_servers), tmp_path) as stage:
        yield stage


async def test_p09_commits_that_wait_for_a_standby_are_told_as_such(stage: Stage) -> None:
    """Kafka is blamed for nothing. When a standby is back, or given up, all goes on by itself."""
    random = dice(91)
    workers = await stage.start_ready(2)
    await stage.ask("alter system set synchronous_standby_names = 'nowhere'")
    await stage.ask("select pg_reload_conf()")
    await stage.send([event(random, "subscription", f"lead-{number}") for number in range(100)])

    async def told() -> bool:
        lines = [worker.logged("postgres_refuses") for worker in workers]
        return all(WHY in {line["why"] for line in found} for found in lines)

    await stage.until("both workers say what commits wait for", told)  # a lock that such a commit holds may come first
    assert [worker.logged("kafka_unreachable") for worker in workers] == [[], []]
    assert await stage.number(WAITING) > 0
    await stage.ask("alter system reset synchronous_standby_names")
    await stage.ask("select pg_reload_conf()")
    await stage.finish()

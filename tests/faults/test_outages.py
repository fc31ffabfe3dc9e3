"""Servers that go away and come back: the workers wait, and go on by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pytest

from tests.stage.environment import dice, environment
from tests.stage.stage import Stage, opened
from tests.stage.upstream import events
from tests.support.servers import KafkaServer
from worker.embedded import Kafka, Postgres

AWAY_MS = 60_000  # a restart takes some seconds, and on a busy machine several times that


@pytest.fixture
async def stage(postgres: Postgres, kafka_server: KafkaServer, tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage on that server."""
    async with opened(environment(postgres.dsn(), kafka_server.bootstrap_servers), tmp_path) as stage:
        yield stage


async def test_p08_workers_go_on_after_postgres_was_away(stage: Stage, postgres: Postgres) -> None:
    """Restarted in order, then crashed, under load."""
    workers = await stage.start_ready(2)
    async with stage.load(events(dice(61), 6000), per_second=1000):
        for end in (Postgres.stop, Postgres.kill):
            await stage.until_handled(1000)
            await asyncio.to_thread(end, postgres)
            await asyncio.sleep(0.5)
            await asyncio.to_thread(postgres.restart)
        await stage.until_handled(1000)
    await stage.finish()

    assert all(len(worker.logged("session")) > 1 for worker in workers)


async def test_p06_workers_go_on_after_the_only_broker_was_away(
    database_url: str, own_kafka: Callable[[], Kafka], tmp_path: Path
) -> None:
    """Restarted under load, with whatever was under way."""
    kafka = await asyncio.to_thread(own_kafka)
    async with opened(environment(database_url, kafka.bootstrap_servers), tmp_path) as stage:
        await stage.start_ready(2)
        async with stage.load(events(dice(62), 6000), per_second=800, patience_ms=AWAY_MS):
            await stage.until_handled(1000)
            await asyncio.to_thread(kafka.restart)
            await stage.until_handled(1000)
        await stage.finish()


async def test_readiness_tells_which_server_is_away_and_life_does_not(
    postgres: Postgres, own_kafka: Callable[[], Kafka], tmp_path: Path
) -> None:
    """While one is away `/readyz` fails and names it, `/livez` does not fail; once it is back both are well."""
    kafka = await asyncio.to_thread(own_kafka)
    async with opened(environment(postgres.dsn(), kafka.bootstrap_servers), tmp_path) as stage:
        worker = (await stage.start_ready(1))[0]
        assert [await worker.probe(path) for path in ("/livez", "/version", "/readyz?verbose")] == [200] * 3
        for server, failing in ((postgres, "database"), (kafka, "group")):
            await asyncio.to_thread(server.stop)
            await stage.until(f"{failing} fails", partial(worker.blames, failing))
            await asyncio.to_thread(server.restart)
            await stage.until_ready(worker)
        await stage.finish()

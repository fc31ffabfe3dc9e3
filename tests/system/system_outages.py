"""An outage is seen where operations looks: in /readyz, in the metrics, and in the alerts of a real Prometheus."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.stage.environment import dice, environment
from tests.stage.stage import Stage, opened
from tests.stage.upstream import events
from tests.stage.workers import BLAMELESS, WorkerProcess
from tests.system.debian_prometheus import Prometheus, prometheus
from worker.embedded import Kafka, Postgres

WAITS = "3s"
LONGEST = 120.0  # seconds until Kafka's silence is noticed by all, and an alert has waited


class Watched(NamedTuple):
    """Workers, and a Prometheus that looks at them."""

    stage: Stage
    workers: list[WorkerProcess]
    prometheus: Prometheus


@pytest.fixture
def kafka(own_kafka: Callable[[], Kafka]) -> Kafka:
    return own_kafka()


@pytest.fixture
async def watched(tcp_postgres: Postgres, kafka: Kafka, tmp_path: Path) -> AsyncIterator[Watched]:
    async with opened(environment(tcp_postgres.dsn(), kafka.bootstrap_servers), tmp_path) as stage:
        workers = await stage.start_ready(2)
        with prometheus(tmp_path, [worker.port for worker in workers], waits=WAITS) as watcher:
            yield Watched(stage, workers, watcher)


async def test_an_outage_of_postgres_is_seen(watched: Watched, tcp_postgres: Postgres) -> None:
    await _assigns(watched, 1)
    await asyncio.to_thread(tcp_postgres.stop)
    await _until_told(watched, "database")
    await asyncio.to_thread(tcp_postgres.restart)
    await _assigns(watched, 2)
    await watched.stage.finish()


async def test_an_outage_of_kafka_is_seen(watched: Watched, kafka: Kafka) -> None:
    await _assigns(watched, 1)
    await asyncio.to_thread(kafka.stop)
    await _until_told(watched, "group")
    await asyncio.to_thread(kafka.restart)
    await _assigns(watched, 2)
    await watched.stage.finish()


async def test_workers_that_are_gone_are_seen(watched: Watched) -> None:
    """One, and then both."""
    first, second = watched.workers
    first.kill()
    await _until_fires(watched, ("SalesplanWorkerDown", ""))
    assert ("SalesplanDown", "") not in watched.prometheus.firing()
    second.kill()
    await _until_fires(watched, ("SalesplanDown", ""))


async def _assigns(watched: Watched, seed: int) -> None:
    """Some leads are assigned, and nothing is amiss."""
    sound = (event for event in events(dice(seed), 500) if not event.poison)
    await watched.stage.send(islice(sound, 500))
    await watched.stage.until_handled()
    await _until_well(watched)


async def _until_told(watched: Watched, check: str) -> None:
    """Until every worker tells that it lives and what it lacks, an alert names that, and none anything else."""

    async def told() -> bool:
        return all([await _tells(worker, check) for worker in watched.workers])

    await watched.stage.until(f"{check} fails in every worker", told, LONGEST)
    await _until_fires(watched, ("SalesplanNotReady", check))
    for alert, named in watched.prometheus.firing():
        assert alert == "SalesplanNotReady"
        assert named not in BLAMELESS[check]


async def _tells(worker: WorkerProcess, check: str) -> bool:
    passes = (await worker.metrics()).samples("salesplan_ready", "check")
    return await worker.blames(check) and not passes[check,]


async def _until_fires(watched: Watched, alert: tuple[str, str]) -> None:
    async def fires() -> bool:
        return alert in watched.prometheus.firing()

    await watched.stage.until(f"{alert} fires", fires, LONGEST)


async def _until_well(watched: Watched) -> None:
    """Until every worker is ready, and no alert fires any more."""

    async def silent() -> bool:
        return not watched.prometheus.firing()

    for worker in watched.workers:
        await watched.stage.until_ready(worker)
    await watched.stage.until("no alert fires", silent, LONGEST)

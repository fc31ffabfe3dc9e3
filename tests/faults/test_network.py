"""Networks that fall silent: every call has a deadline, locks are freed, and all goes on without a restart."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from itertools import islice
from pathlib import Path

import pytest

from tests.faults.cluster import Cluster
from tests.faults.proxy import Proxy, Target
from tests.stage.environment import dice, environment
from tests.stage.frozen import LOCK_SECONDS
from tests.stage.stage import Stage, opened
from tests.stage.upstream import events
from tests.stage.workers import WorkerProcess
from worker.embedded import Postgres
from worker.postgres import Connection, connected, transaction

CUTS = 8
ANSWER_SECONDS = 15.0  # the longest that either server is waited for
LETTING_GO = 6.0  # seconds in which a session that is over leaves slot, connections and clients
SMALL = {"SALESPLAN_INTAKE__MAX_BATCH": "50"}


@pytest.fixture
def way(postgres: Postgres, proxy: Callable[[Target], Proxy]) -> Proxy:
    """A network before the database, for workers that are told so."""
    return proxy(postgres.socket)


@pytest.fixture
async def stage(postgres: Postgres, kafka_cluster: Cluster, tmp_path: Path) -> AsyncIterator[Stage]:
    """Kafka is reached through proxies, Postgres as the test says."""
    async with opened(environment(postgres.dsn(), kafka_cluster.bootstrap_servers), tmp_path) as stage:
        yield stage


def through(way: Proxy, postgres: Postgres) -> dict[str, str]:
    return {"DATABASE_URL": postgres.tcp_dsn(port=way.port), **SMALL}


async def until_over(stage: Stage, worker: WorkerProcess) -> None:
    """Until the worker has given its session up."""
    over = len(worker.logged("session_over"))
    await stage.until("it has noticed", lambda: asyncio.sleep(0, len(worker.logged("session_over")) > over))


async def test_p10_a_silent_network_to_postgres_is_noticed_and_recovered_from(
    stage: Stage, postgres: Postgres, way: Proxy
) -> None:
    """No answer and no end of the connection: the worker gives up in time, and goes on when the network is back."""
    (worker,) = await stage.start_ready(1, **through(way, postgres))
    async with stage.load(events(dice(91), 3000), per_second=300):
        await stage.until_handled(500)
        way.stall()
        began = time.monotonic()
        await until_over(stage, worker)
        assert time.monotonic() - began < ANSWER_SECONDS + LETTING_GO
        assert await worker.probe("/livez") == 200
        assert await worker.probe("/readyz") == 503
        way.heal()
        await stage.until_handled(500)
    await stage.finish()


async def give_up(connection: Connection, way: Proxy) -> None:
    """Wait a second for a statement whose answer does not come."""
    async with asyncio.timeout(LETTING_GO), transaction(connection):
        way.stall()
        async with asyncio.timeout(1):
            await connection.execute("select pg_sleep(60)")


async def test_p10_what_was_given_up_on_is_not_waited_for(postgres: Postgres, way: Proxy) -> None:
    """Neither is the server asked to cancel the statement, nor the transaction to be undone: nothing answers."""
    async with connected(postgres.tcp_dsn(port=way.port), application_name="test") as connection:
        with pytest.raises(TimeoutError):
            await give_up(connection, way)
        assert connection.is_closed()


async def test_p10_connections_to_postgres_that_are_reset_end_the_session_and_no_more(
    stage: Stage, postgres: Postgres, way: Proxy
) -> None:
    """All at once and again and again: whatever they were used for just then, a new session goes on."""
    random = dice(95)
    await stage.start_ready(1, **through(way, postgres))
    async with stage.load(events(random, 3000), per_second=300):
        for _ in range(CUTS):
            await stage.until_handled(50)
            await asyncio.sleep(random.random() / 20)  # at any moment of a batch
            way.cut()
        await stage.until_handled(50)
    await stage.finish()


async def test_p04_a_worker_that_is_cut_off_does_not_keep_its_locks(
    stage: Stage, postgres: Postgres, way: Proxy
) -> None:
    """Its network falls silent in the middle of a transaction: the plans it had locked go on within ten seconds."""
    flood = events(dice(92), 3000)
    (lost,) = await stage.start_ready(1, **through(way, postgres))
    batches = await stage.batches()
    await stage.start_ready(1, **SMALL)
    async with stage.load(flood, per_second=300):
        async with stage.database() as somebody, somebody.transaction():
            await somebody.execute("select from salesplan.plan_counter for update")
            await stage.until_blocked(batches)
            way.stall()
        began = time.monotonic()
        await stage.until_handled(300)
        assert time.monotonic() - began < LOCK_SECONDS
        way.heal()
        await stage.until_ready(lost)
    await stage.finish()


async def test_p10_a_silent_network_to_kafka_is_noticed_and_recovered_from(
    stage: Stage, kafka_cluster: Cluster
) -> None:
    """Batches are committed and can't be published, and nothing more can be read; then all comes out once."""
    (worker,) = await stage.start_ready(1, **SMALL)
    async with stage.load(events(dice(93), 3000), per_second=300):
        await stage.until_handled(500)
        for proxy in kafka_cluster.proxies:
            proxy.stall()
        began = time.monotonic()
        await until_over(stage, worker)
        assert time.monotonic() - began < ANSWER_SECONDS + LETTING_GO
        for proxy in kafka_cluster.proxies:
            proxy.heal()
    await stage.finish()


@pytest.mark.parametrize("away", ["postgres", "kafka", "both"])
async def test_p25_a_worker_ends_in_time_whatever_is_away(
    stage: Stage, postgres: Postgres, way: Proxy, kafka_cluster: Cluster, away: str
) -> None:
    """SIGTERM under load while nothing answers; what it had committed the next one publishes."""
    (worker,) = await stage.start_ready(1, **through(way, postgres))
    networks = {"postgres": [way], "kafka": kafka_cluster.proxies, "both": [way, *kafka_cluster.proxies]}
    await stage.send(islice(events(dice(94), 3000), 6000))  # more than it can have written
    await stage.until_writing(worker)
    for network in networks[away]:
        network.stall()
    await worker.stop()
    for network in networks[away]:
        network.heal()
    await stage.start_ready(1, **SMALL)
    await stage.finish()

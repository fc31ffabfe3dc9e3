"""A worker may use so much and no more, however long a server is away and however often it begins anew."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from itertools import islice
from pathlib import Path

import pytest
from psutil import Process

from tests.faults.proxy import Proxy, Target
from tests.stage.environment import dice, environment
from tests.stage.stage import Stage, opened
from tests.stage.upstream import events
from tests.stage.workers import WorkerProcess
from tests.support.servers import KafkaServer
from worker.embedded import Postgres

# The long form: TEST_OUTAGE_SECONDS=600 TEST_BACKLOG=1000000
OUTAGE_SECONDS = float(os.environ.get("TEST_OUTAGE_SECONDS", "15"))
BACKLOG = int(os.environ.get("TEST_BACKLOG", "30000"))
DRAIN_SECONDS = 60 + BACKLOG / 1000
MOST_BYTES = 200 * 1024 * 1024
SESSIONS = 10
# A client may open one more to a broker, or to another address of its database, as it goes.
MORE_FILES = 4


@pytest.fixture
async def stage(postgres: Postgres, kafka_server: KafkaServer, tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage on that server."""
    async with opened(environment(postgres.dsn(), kafka_server.bootstrap_servers), tmp_path) as stage:
        yield stage


async def test_p21_a_backlog_while_postgres_is_away_fills_no_memory(stage: Stage, postgres: Postgres) -> None:
    """Full input for as long as it is away; then the same workers work it off."""
    workers = await stage.start_ready(2)
    await stage.send(islice(events(dice(101), BACKLOG), 1000))
    await stage.until_handled()
    await asyncio.to_thread(postgres.stop)
    most = asyncio.create_task(largest(workers))
    await stage.send(islice(events(dice(102), BACKLOG), BACKLOG))
    await asyncio.sleep(OUTAGE_SECONDS)
    await asyncio.to_thread(postgres.restart)
    await stage.until_handled(seconds=DRAIN_SECONDS)
    most.cancel()
    await stage.finish()

    assert await most < MOST_BYTES


async def largest(workers: list[WorkerProcess]) -> int:
    """The most memory that one of them has used until this is cancelled, in bytes."""
    most = 0
    try:
        while True:
            most = max(most, *(Process(worker.pid).memory_info().rss for worker in workers))
            await asyncio.sleep(0.2)
    except asyncio.CancelledError:
        return most


async def test_p24_sessions_that_end_leave_nothing_open(
    stage: Stage, postgres: Postgres, proxy: Callable[[Target], Proxy]
) -> None:
    """One session after the other is ended by a reset: files and threads stay as many."""
    way = proxy(postgres.socket)
    (worker,) = await stage.start_ready(1, DATABASE_URL=postgres.tcp_dsn(port=way.port))
    async with stage.load(events(dice(103), 3000), per_second=300):
        await another_session(stage, worker, way)
        files, threads = used(worker)
        for _ in range(SESSIONS):
            await another_session(stage, worker, way)

        async def as_before() -> bool:
            files_now, threads_now = used(worker)
            return files_now <= files + MORE_FILES and threads_now <= threads

        await stage.until(f"no more than {files} files and {threads} threads", as_before)
    await stage.finish()


async def another_session(stage: Stage, worker: WorkerProcess, way: Proxy) -> None:
    sessions = len(worker.logged("session"))
    way.cut()
    await stage.until("it begins anew", lambda: asyncio.sleep(0, len(worker.logged("session")) > sessions))
    await stage.until_handled(50)


def used(worker: WorkerProcess) -> tuple[int, int]:
    """Its open files, and its threads."""
    process = Process(worker.pid)
    return process.num_fds(), process.num_threads()

"""A second signal ends the worker at once, whatever it waits for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from itertools import islice
from pathlib import Path

import pytest

from tests.faults.proxy import Proxy, Target
from tests.stage.environment import dice, environment
from tests.stage.stage import Stage, opened
from tests.stage.upstream import events
from tests.support.servers import KafkaServer
from worker.embedded import Postgres

AT_ONCE = 3.0  # seconds, on a busy machine


@pytest.fixture
async def stage(postgres: Postgres, kafka_server: KafkaServer, tmp_path: Path) -> AsyncIterator[Stage]:
    """Postgres is a server of the test's own."""
    async with opened(environment(postgres.dsn(), kafka_server.bootstrap_servers), tmp_path) as stage:
        yield stage


async def test_a_second_signal_does_not_wait_for_a_silent_server(
    stage: Stage, postgres: Postgres, proxy: Callable[[Target], Proxy]
) -> None:
    """It says so, ends with 1, and another worker publishes what is committed."""
    way = proxy(postgres.socket)
    (worker,) = await stage.start_ready(
        1, DATABASE_URL=postgres.tcp_dsn(port=way.port), SALESPLAN_INTAKE__MAX_BATCH="50"
    )
    await stage.send(islice(events(dice(1705), 3000), 6000))
    await stage.until_writing(worker)
    way.stall()
    worker.ask_to_end()
    await asyncio.sleep(0.5)
    assert worker.alive  # it waits for Postgres
    began = time.monotonic()
    worker.ask_to_end()
    assert await worker.ends() == 1
    assert time.monotonic() - began < AT_ONCE
    assert "Ended midway" in worker.tail()
    way.heal()
    await stage.start_ready(1)
    await stage.finish()

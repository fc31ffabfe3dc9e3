"""A primary that dies for good, and a synchronous standby that takes its place."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from tests.faults.proxy import proxies
from tests.faults.standby import Standby, wait_for_standby
from tests.stage.environment import dice, environment
from tests.stage.stage import opened
from tests.stage.upstream import events
from tests.support.servers import KafkaServer
from worker.embedded import Postgres


async def test_p09_a_failover_to_a_synchronous_standby_loses_nothing(
    postgres: Postgres, standby: Callable[[Postgres], Standby], kafka_server: KafkaServer, tmp_path: Path
) -> None:
    """The primary is killed under load, the standby promoted; clients that name both hosts find it by themselves."""
    second = await asyncio.to_thread(standby, postgres)
    await asyncio.to_thread(wait_for_standby, postgres)
    with proxies(postgres.socket, second.socket) as ways:
        hosts = ",".join(f"127.0.0.1:{way.port}" for way in ways)
        dsn = f"postgresql://postgres@{hosts}/postgres"
        async with opened(environment(dsn, kafka_server.bootstrap_servers), tmp_path) as stage:
            await stage.start_ready(2)
            async with stage.load(events(dice(66), 4000), per_second=400):
                await stage.until_handled(1000)
                await asyncio.to_thread(postgres.kill)
                await asyncio.to_thread(second.promote)
                await stage.until_handled(1000)
            await stage.finish()

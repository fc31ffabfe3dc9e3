"""Brokers that come back at other addresses, behind the same name or load balancer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.cluster import JAVA_OPTIONS
from tests.faults.proxy import Proxy, Target
from tests.stage.environment import environment
from tests.stage.stage import opened
from tests.stage.upstream import subscriptions
from worker.embedded import Kafka, scratch_folder
from worker.embedded.kafka import new_id
from worker.embedded.ports import HOST, free_port
from worker.run.kafka_watch import LOST_SECONDS


class Moving:
    """A broker whose data come back at another address with each start."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._controller_port = free_port()
        self.kafka = self._at(free_port())
        self.kafka.format(new_id())
        self.kafka.restart()

    def _at(self, port: int) -> Kafka:
        return Kafka(self._folder, port, self._controller_port, JAVA_OPTIONS)

    def move(self) -> None:
        self.kafka.stop()
        self.kafka = self._at(free_port())
        self.kafka.restart()

    @property
    def address(self) -> Target:
        return HOST, self.kafka.port


@pytest.fixture
def moving() -> Iterator[Moving]:
    with scratch_folder() as folder:
        broker = Moving(folder)
        yield broker
        broker.kafka.kill()


async def test_p35_brokers_that_all_come_back_elsewhere_are_found_again(
    database_url: str, moving: Moving, proxy: Callable[[Target], Proxy], tmp_path: Path
) -> None:
    """The address in the settings stays, and leads to them. Nobody restarts a worker; each says what it did."""
    name = proxy(moving.address)
    async with opened(environment(database_url, f"{HOST}:{name.port}"), tmp_path) as stage:
        workers = await stage.start_ready(2)
        await stage.send(subscriptions(91, 50))
        await stage.until_handled()
        await asyncio.to_thread(moving.move)
        name.lead_to(moving.address)
        await stage.send(subscriptions(92, 50))
        await stage.until_handled(seconds=LOST_SECONDS + 60)
        for worker in workers:
            await stage.until_logged(worker, "consumer_renewed")
            await stage.until_ready(worker)
        await stage.finish()


async def test_p35_brokers_that_are_away_for_long_cost_no_consumer(
    database_url: str, moving: Moving, tmp_path: Path
) -> None:
    """After a while the worker says why it gets no answer. It keeps its consumer, which finds the brokers again."""
    async with opened(environment(database_url, moving.kafka.bootstrap_servers), tmp_path) as stage:
        (worker,) = await stage.start_ready(1)
        await asyncio.to_thread(moving.kafka.stop)
        await stage.until_logged(worker, "kafka_unreachable")
        assert "refuses the connection" in worker.logged("kafka_unreachable")[0]["why"]
        await asyncio.to_thread(moving.kafka.restart)
        await stage.send(subscriptions(92, 50))
        await stage.until_handled()
        assert not worker.logged("consumer_renewed")
        await stage.finish()

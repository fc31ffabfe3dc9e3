"""Servers that can be taken down, and networks that go bad."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from uuid import uuid4

import pytest

from tests.faults.cluster import Cluster, cluster
from tests.faults.proxy import Proxy, Target, proxies
from tests.faults.standby import Standby
from worker.embedded import Postgres, scratch_folder
from worker.postgres.migrate import migrate


@pytest.fixture(scope="module")
def three_nodes() -> Iterator[Cluster]:
    """One cluster for all tests of a module, which take it as ``kafka_cluster``."""
    with scratch_folder() as folder, cluster(folder, proxied=True) as nodes:
        yield nodes


@pytest.fixture
async def kafka_cluster(three_nodes: Cluster) -> Cluster:
    """Three brokers with a proxy before each. However the test before left them, this one gets them whole."""
    await three_nodes.heal()
    return three_nodes


@pytest.fixture
async def postgres(own_postgres: Callable[[], Postgres]) -> Postgres:
    """A migrated server of the test's own."""
    postgres = await asyncio.to_thread(own_postgres)
    await asyncio.to_thread(migrate, postgres.dsn())
    return postgres


@pytest.fixture
def proxy() -> Iterator[Callable[[Target], Proxy]]:
    """Puts a proxy before whatever a test names."""
    with ExitStack() as started:
        yield lambda target: started.enter_context(proxies(target))[0]


@pytest.fixture
def standby() -> Iterator[Callable[[Postgres], Standby]]:
    """Makes standbys of a server."""
    with scratch_folder() as folder, ExitStack() as started:

        def follow(primary: Postgres) -> Standby:
            made = Standby.follow(primary, folder / uuid4().hex[:8])
            started.callback(made.stop)
            return made

        yield follow

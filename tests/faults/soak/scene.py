"""The target of the attack: three brokers and a Postgres behind proxies, workers, and an upstream beside them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from aiokafka.errors import KafkaError

from tests.faults.cluster import Cluster, cluster
from tests.faults.proxy import Proxy, proxies
from tests.faults.soak.crew import Crew
from tests.faults.soak.sender import Sender
from tests.faults.soak.timeline import Timeline
from tests.stage.environment import environment
from tests.stage.stage import Stage, opened
from tests.stage.upstream import events
from tests.support.clock import install_clock
from worker import postgres
from worker.embedded import Postgres, scratch_folder
from worker.embedded.ports import HOST
from worker.postgres.migrate import migrate

LOOK_PAUSE = 0.25
EDIT_SECONDS = 60.0
FEWEST_LEADS = 6000
LARGE_SHARE = 0.002  # of events: large poison, whose letters a lowered limit is too small for


@dataclass(frozen=True)
class Options:
    seconds: float
    seed: int
    rate: int = 300
    workers: int = 3


@dataclass(frozen=True)
class Servers:
    folder: Path
    cluster: Cluster
    postgres: Postgres
    database_way: Proxy


@dataclass
class Scene:
    """Everything that a fault may lay hands on."""

    options: Options
    names: Mapping[str, str]  # the environment of who goes past the proxies
    stage: Stage
    cluster: Cluster
    postgres: Postgres
    database_way: Proxy
    crew: Crew
    sender: Sender
    timeline: Timeline
    over: asyncio.Event = field(default_factory=asyncio.Event)
    locks: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    async def rest(self, seconds: float) -> None:
        """Let time pass, unless the attack is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.over.wait()

    async def edit(self, change: Callable[[], Awaitable[object]]) -> None:
        """Change something in the database, as soon as it is there; ``change`` can be done twice."""
        async with asyncio.timeout(EDIT_SECONDS):
            while True:
                with suppress(*postgres.TROUBLE):
                    await change()
                    return
                await asyncio.sleep(LOOK_PAUSE)

    async def met(self, condition: Callable[[], Awaitable[bool]], seconds: float) -> bool:
        """True if it comes to be true within that time. The servers that it asks may be away."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    with suppress(*postgres.TROUBLE, KafkaError):
                        if await condition():
                            return True
                    await asyncio.sleep(LOOK_PAUSE)
        return False


@contextmanager
def servers() -> Iterator[Servers]:
    """Three brokers behind proxies, a migrated Postgres behind another, and a folder; gone afterwards."""
    with scratch_folder() as folder, cluster(folder / "kafka", proxied=True) as brokers:
        database = Postgres.start(folder / "postgres", listen=True)
        try:
            migrate(database.dsn())
            with proxies((HOST, database.port)) as (way,):
                yield Servers(folder, brokers, database, way)
        finally:
            database.stop()


@asynccontextmanager
async def set_up(options: Options, found: Servers) -> AsyncIterator[Scene]:
    """Topics, plans and an upstream; no worker yet."""
    names = environment(found.postgres.dsn(), found.cluster.internal_servers)
    workers = {
        "DATABASE_URL": found.postgres.tcp_dsn(port=found.database_way.port),
        "KAFKA_BOOTSTRAP_SERVERS": found.cluster.bootstrap_servers,
    }
    await install_clock(found.postgres.dsn())
    leads = max(FEWEST_LEADS, int(options.rate * options.seconds / 2))
    async with opened(names, found.folder) as stage:
        timeline = Timeline()
        yield Scene(
            options,
            names,
            stage,
            found.cluster,
            found.postgres,
            found.database_way,
            Crew(stage, options.workers, timeline, workers),
            Sender(stage, events(Random(options.seed), leads, large_share=LARGE_SHARE), options.rate, timeline),
            timeline,
        )

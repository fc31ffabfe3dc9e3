"""By way of a pooler: sessions have all that the guarantees need, or the program says in a line that they can't."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path

import asyncpg
import pytest

from tests.postgres.hostile import other
from tests.stage.environment import dice, environment
from tests.stage.frozen import start_freezing, until_its_locks_are_free
from tests.stage.stage import Stage, opened
from tests.stage.upstream import events
from tests.support.command import salesplan_on
from tests.support.servers import KafkaServer
from tests.system.debian_pgbouncer import pgbouncer
from worker import postgres
from worker.embedded import Postgres, scratch_folder
from worker.postgres.sessions import BATCH_SETTINGS, COMMON, POOLED

SMALL = {"SALESPLAN_INTAKE__MAX_BATCH": "50"}
# As a runbook has it that knows what a worker used to begin its connections with.
IGNORED = ", ".join(["timezone", "extra_float_digits", *BATCH_SETTINGS])
COMMANDS = [
    ("run",),
    ("migrate",),
    ("plans", "list"),
    ("verify",),
    ("explain", "l", "--account", "a"),
    ("leads", "erase", "l", "--account", "a"),
    ("offsets", "show"),
    ("prune",),
]
SECONDS = 60  # within which a command has to end
BUSY = 6  # other clients of the pooler


@pytest.fixture
def folder() -> Iterator[Path]:
    """Open to the user that the pooler runs as."""
    with scratch_folder() as folder:
        folder.chmod(0o755)
        yield folder


@pytest.fixture(params=["", IGNORED], ids=["knows no parameters", "drops parameters"])
def by_sessions(request: pytest.FixtureRequest, tcp_postgres: Postgres, folder: Path) -> Iterator[str]:
    with pgbouncer(folder, tcp_postgres, "session", ignored=request.param) as dsn:
        yield dsn


@pytest.fixture
async def stage(by_sessions: str, kafka_server: KafkaServer, tmp_path: Path) -> AsyncIterator[Stage]:
    async with opened(environment(by_sessions, kafka_server.bootstrap_servers), tmp_path) as stage:
        yield stage


async def test_p31_a_session_by_way_of_a_pooler_has_all_that_it_needs(by_sessions: str) -> None:
    """A connection of its own and one of a pool, also after it was given back."""
    wanted = {**COMMON, **BATCH_SETTINGS, "application_name": "x"}
    async with postgres.connected(by_sessions, application_name="x", settings=BATCH_SETTINGS) as connection:
        assert await other(connection, wanted) == {}
    async with postgres.pool(by_sessions, application_name="x", size=2) as pool:
        for _ in range(3):
            async with postgres.borrowed(pool) as connection:
                assert await other(connection, wanted) == {}


@pytest.mark.parametrize("place", ["after_lock", "in_copy"])
async def test_p04_a_frozen_worker_does_not_keep_its_locks_behind_a_pooler(stage: Stage, place: str) -> None:
    """Its plans go on within ten seconds, as without a pooler."""
    sleeper = await start_freezing(stage, place, **SMALL)
    async with stage.load(events(dice(181), 4000), per_second=400):
        await stage.until_gone(sleeper)
        await until_its_locks_are_free(stage)
        sleeper.thaw()
    await stage.finish()


@pytest.mark.parametrize("mode", ["transaction", "statement"])
async def test_p31_a_pooler_of_transactions_is_refused(tcp_postgres: Postgres, folder: Path, mode: str) -> None:
    """By each command, in a line; and the sessions of its other clients are left as they were."""
    with pgbouncer(folder, tcp_postgres, mode, size=1) as dsn:
        for words in COMMANDS:
            async with asyncio.timeout(SECONDS):
                code, _, err = await salesplan_on(f"{dsn}?sslmode=disable&pgbouncer=true", *words)
            told = [line for line in err.splitlines() if "setting_left_out" not in line]
            assert (code, told) == (78, [f"Postgres: {POOLED}"]), (words, err)
        another = await asyncpg.connect(dsn, statement_cache_size=0)
        assert await another.fetchval("select current_setting('enable_seqscan')") == "on"
        await another.close()


async def test_p31_so_is_one_that_is_busy(tcp_postgres: Postgres, folder: Path) -> None:
    """Others keep taking and giving back its server processes, so that sessions wander."""
    with pgbouncer(folder, tcp_postgres, "transaction") as dsn:
        async with busy(dsn):
            for words in COMMANDS[:3]:
                async with asyncio.timeout(SECONDS):
                    code, _, err = await salesplan_on(dsn, *words)
                assert (code, err) == (78, f"Postgres: {POOLED}\n"), (words, err)


@asynccontextmanager
async def busy(dsn: str) -> AsyncIterator[None]:
    """Clients that ask all the time, each for a process for some milliseconds."""

    async def ask() -> None:
        connection = await asyncpg.connect(dsn, statement_cache_size=0)
        while True:
            await connection.execute("begin; select pg_sleep(0.005); commit")

    async with asyncio.TaskGroup() as tasks:
        asking = [tasks.create_task(ask()) for _ in range(BUSY)]
        yield
        for task in asking:
            task.cancel()


async def test_a_worker_works_by_way_of_a_pooler(stage: Stage) -> None:
    worker = stage.start()
    await stage.until_ready(worker)
    await stage.send(islice(events(dice(182), 500), 1000))
    await stage.finish()

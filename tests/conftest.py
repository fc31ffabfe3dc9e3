"""Fixtures on real servers; `tests/support/servers.py` says where those come from."""

from __future__ import annotations

import asyncio
import atexit
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from zipfile import ZipFile

import pytest
import xdist
from hypothesis import settings

from tests.stage.environment import clear_environment, environment
from tests.stage.stage import Stage, opened
from tests.support.office import Office
from tests.support.servers import KafkaServer, PostgresServer, Servers
from worker.embedded import Kafka, Postgres, scratch_folder

if TYPE_CHECKING:
    from tests.support.in_process import InProcess

settings.register_profile("busy machine", deadline=None)  # an example that was held up is no failure
settings.load_profile("busy machine")

BASELINE = Path(__file__).parent / "upgrade" / "baseline.zip"
SERVERS = pytest.StashKey[Servers]()
NOTES = pytest.StashKey[list[str]]()  # on where servers came from, of all processes that run tests
NOTES_SENT = "servers"


def pytest_sessionstart(session: pytest.Session) -> None:
    config = session.config
    if xdist.is_xdist_controller(session):  # others run its tests, each with servers of its own
        config.stash[NOTES] = []
        return
    servers = config.stash[SERVERS] = Servers()
    config.stash[NOTES] = servers.notes
    atexit.register(servers.stop)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Starts what the chosen tests need."""
    servers = session.config.stash.get(SERVERS, None)
    if servers is None or session.config.option.collectonly:
        return
    needed = {name for item in session.items for name in getattr(item, "fixturenames", ())}
    if kafka_server.__name__ in needed:
        servers.start_kafka()
    if postgres_server.__name__ in needed:
        servers.start_postgres()


def pytest_sessionfinish(session: pytest.Session) -> None:
    if xdist.is_xdist_worker(session):
        session.config.workeroutput[NOTES_SENT] = session.config.stash[NOTES]  # type: ignore[attr-defined]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """One of the processes has ended."""
    node.config.stash[NOTES] += getattr(node, "workeroutput", {}).get(NOTES_SENT, ())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    notes = terminalreporter.config.stash[NOTES]
    for note in dict.fromkeys(notes):
        terminalreporter.write_line(note)


def pytest_unconfigure(config: pytest.Config) -> None:
    if servers := config.stash.get(SERVERS, None):
        servers.stop()


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> PostgresServer:
    return pytestconfig.stash[SERVERS].start_postgres().result()


@pytest.fixture(scope="session")
def kafka_server(pytestconfig: pytest.Config) -> KafkaServer:
    return pytestconfig.stash[SERVERS].start_kafka().result()


@pytest.fixture(scope="session")
def template_database(postgres_server: PostgresServer) -> Iterator[str]:
    """A database that the migrations have been applied to, to be cloned."""
    from worker.postgres.migrate import migrate  # noqa: PLC0415 - only where a database is wanted

    name = f"salesplan_template_{uuid4().hex[:12]}"
    _execute(postgres_server, f'CREATE DATABASE "{name}"')
    with ThreadPoolExecutor(1) as apart:
        apart.submit(migrate, postgres_server.dsn(name)).result()
    yield name
    _execute(postgres_server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def database_url(postgres_server: PostgresServer, template_database: str) -> Iterator[str]:
    """A migrated, empty database of the test's own."""
    name = f"salesplan_test_{uuid4().hex[:12]}"
    _execute(postgres_server, f'CREATE DATABASE "{name}" TEMPLATE "{template_database}"')
    yield postgres_server.dsn(name)
    _execute(postgres_server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def empty_database(postgres_server: PostgresServer) -> Iterator[str]:
    """A database of the test's own that no migration has been applied to."""
    name = f"salesplan_empty_{uuid4().hex[:12]}"
    _execute(postgres_server, f'CREATE DATABASE "{name}"')
    yield postgres_server.dsn(name)
    _execute(postgres_server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def before(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment in which ``python -m worker`` is the release before, as `make baseline` keeps it."""
    folder = tmp_path_factory.mktemp("baseline")
    with ZipFile(BASELINE) as archive:
        archive.extractall(folder)
    # Safe: else the current folder, where today's worker is, would come first.
    return {"PYTHONPATH": str(folder), "PYTHONSAFEPATH": "1"}


@pytest.fixture
async def stage(database_url: str, kafka_server: KafkaServer, tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage on the servers of the session."""
    async with opened(environment(database_url, kafka_server.bootstrap_servers), tmp_path) as stage:
        yield stage


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    """A worker's hands without Kafka, on a database of the test's own."""
    async with Office.open(database_url) as opened:
        yield opened


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> InProcess:
    """Runs commands in this process; no server is configured."""
    from tests.support.in_process import InProcess  # noqa: PLC0415 - loads every command

    clear_environment(monkeypatch)
    return InProcess(monkeypatch, capsys.readouterr)


@pytest.fixture
def own_kafka() -> Iterator[Callable[[], Kafka]]:
    """Starts brokers of the test's own, to be frozen, bounced and killed."""
    with scratch_folder() as folder, ExitStack() as started:

        def start() -> Kafka:
            kafka = Kafka.start(folder / uuid4().hex[:8])
            started.callback(kafka.kill)
            return kafka

        yield start


@pytest.fixture
def own_postgres() -> Iterator[Callable[[], Postgres]]:
    """Starts PostgreSQL servers of the test's own, empty, to be crashed and restarted."""
    with scratch_folder() as folder, ExitStack() as started:

        def start() -> Postgres:
            postgres = Postgres.start(folder / uuid4().hex[:8])
            started.callback(postgres.stop)
            return postgres

        yield start


def _execute(server: PostgresServer, statement: str) -> None:
    """In a thread and a loop of its own: pytest-asyncio owns those of the test."""
    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, server.execute(statement)).result()

"""Where the tests' Kafka and PostgreSQL come from. For each of the two, the first of these that there is:

1. an address in the environment: TEST_KAFKA_BOOTSTRAP_SERVERS, TEST_DATABASE_URL (may create databases);
2. a container, where a Docker engine answers and the image can be had;
3. embedded servers (`worker.embedded`).

SALESPLAN_TEST_SERVERS=env|docker|embedded takes only that one, and its failure is an error.
"""

import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, urlsplit
from uuid import uuid4

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from tests.support.containers import NoContainerError, run_kafka, run_postgres
from worker.embedded import Kafka, Postgres, scratch_folder

DATABASE_VARIABLE = "TEST_DATABASE_URL"
KAFKA_VARIABLE = "TEST_KAFKA_BOOTSTRAP_SERVERS"
FORCE_VARIABLE = "SALESPLAN_TEST_SERVERS"
SOURCES = ("env", "docker", "embedded")
ANSWER_SECONDS = 60.0


@dataclass(frozen=True)
class PostgresServer:
    address: str
    embedded: Postgres | None = None

    def dsn(self, database: str = "postgres") -> str:
        parts = urlsplit(self.address)
        query = f"?{parts.query}" if parts.query else ""
        return f"{parts.scheme}://{parts.netloc}/{quote(database, safe='')}{query}"

    async def execute(self, statements: str, database: str = "postgres") -> None:
        """In a connection of their own."""
        connection = await asyncpg.connect(self.dsn(database))
        try:
            await connection.execute(statements)
        finally:
            await connection.close()

    @asynccontextmanager
    async def empty_database(self, options: str = "") -> AsyncIterator[str]:
        """The address of a database that no migration has been applied to, for the length of the block."""
        name = f"salesplan_empty_{uuid4().hex[:12]}"
        await self.execute(f'CREATE DATABASE "{name}" {options}')
        try:
            yield self.dsn(name)
        finally:
            await self.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@dataclass(frozen=True)
class KafkaServer:
    bootstrap_servers: str
    embedded: Kafka | None = None


Server = TypeVar("Server", PostgresServer, KafkaServer)


class NoServerError(Exception):
    """The source that was asked for has no such server."""


class Servers:
    """Both servers of a test session: started in the background, waited for by whoever needs them."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self._lock = threading.Lock()
        self._owned = ExitStack()
        self._folder: Path | None = None
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="servers")
        self._postgres: Future[PostgresServer] | None = None
        self._kafka: Future[KafkaServer] | None = None

    def start_postgres(self) -> Future[PostgresServer]:
        if self._postgres is None:
            self._postgres = self._pool.submit(self._run_postgres)
        return self._postgres

    def start_kafka(self) -> Future[KafkaServer]:
        if self._kafka is None:
            self._kafka = self._pool.submit(self._run_kafka)
        return self._kafka

    def stop(self) -> None:
        self._pool.shutdown(cancel_futures=True)
        self._owned.close()

    def _run_postgres(self) -> PostgresServer:
        return self._first_of(
            "PostgreSQL",
            {
                "env": lambda: _answering(PostgresServer(os.environ[DATABASE_VARIABLE]), _ask_postgres),
                "docker": lambda: _answering(PostgresServer(run_postgres(self._own)), _ask_postgres),
                "embedded": self._embedded_postgres,
            },
        )

    def _run_kafka(self) -> KafkaServer:
        return self._first_of(
            "Kafka",
            {
                "env": lambda: _answering(KafkaServer(os.environ[KAFKA_VARIABLE]), _ask_kafka),
                "docker": lambda: _answering(KafkaServer(run_kafka(self._own)), _ask_kafka),
                "embedded": self._embedded_kafka,
            },
        )

    def _embedded_postgres(self) -> PostgresServer:
        postgres = Postgres.start(self._scratch() / "postgres")
        self._own(postgres.stop)
        return PostgresServer(postgres.dsn(), postgres)

    def _embedded_kafka(self) -> KafkaServer:
        kafka = Kafka.start(self._scratch() / "kafka")
        self._own(kafka.kill)  # its data goes too: nothing to be gained from an orderly stop
        return KafkaServer(kafka.bootstrap_servers, kafka)

    def _first_of(self, name: str, sources: Mapping[str, Callable[[], Server]]) -> Server:
        forced = os.environ.get(FORCE_VARIABLE)
        if forced and forced not in sources:
            raise NoServerError(f"{FORCE_VARIABLE} is one of {', '.join(sources)}")
        for source in [forced] if forced else SOURCES:
            began = time.monotonic()
            try:
                server = sources[source]()
            except (KeyError, NoContainerError) as reason:
                if forced:
                    raise NoServerError(f"no {name} from {source}: {reason}") from reason
                if source == "docker":
                    self.notes.append(f"{name}: not from Docker: {reason}")
            else:
                self.notes.append(f"{name}: {source}, within {time.monotonic() - began:.1f} s")
                return server
        raise AssertionError

    def _own(self, stop: Callable[[], None]) -> None:
        with self._lock:
            self._owned.callback(stop)

    def _scratch(self) -> Path:
        with self._lock:
            if self._folder is None:
                self._folder = self._owned.enter_context(scratch_folder())
            return self._folder


def _answering(server: Server, ask: Callable[[Server], Awaitable[None]]) -> Server:
    async def until_answered() -> None:
        async with asyncio.timeout(ANSWER_SECONDS):
            while True:
                try:
                    return await ask(server)
                except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, KafkaError):
                    await asyncio.sleep(0.2)

    asyncio.run(until_answered())
    return server


async def _ask_postgres(server: PostgresServer) -> None:
    connection = await asyncpg.connect(server.address, timeout=5)
    await connection.close()


async def _ask_kafka(server: KafkaServer) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=server.bootstrap_servers, request_timeout_ms=5000)
    try:
        await admin.start()
        await admin.list_topics()
    finally:
        await admin.close()

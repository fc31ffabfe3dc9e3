"""A stage: a database, topics and a group of a test's own, an upstream, and workers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from tests.stage.environment import replaced_environment
from tests.stage.observed import Observed, observe
from tests.stage.upstream import ACME, GLOBEX, Event
from tests.stage.violations import violations
from tests.stage.workers import WorkerProcess
from tests.support.command import Result, salesplan
from worker import postgres
from worker.cluster.topics import create
from worker.kafka.admin import administration
from worker.kafka.client import REQUEST_TIMEOUT_MS
from worker.kafka.reader import bounds
from worker.kafka.writer import writer
from worker.plans import store as planstore
from worker.plans.file import parse
from worker.settings import Settings, load_settings
from worker.verify import verify

DEADLINE = 60.0
MOST_FAULTS = 20  # that are told
LOOK_PAUSE = 0.1
TICK = 0.05  # of paced load
IN_FLIGHT = 1000
LARGEST = 6 * 1024 * 1024
BATCHES = "application_name = 'salesplan-batches' and datname = current_database()"
BLOCKED = "wait_event_type = 'Lock' and coalesce(pid = $1, true)"

Positions = dict[tuple[str, int], int]


class Stage:
    """The stage of a test. ``finish`` ends every test: it waits until all is done, and checks the invariants."""

    def __init__(self, names: Mapping[str, str], folder: Path) -> None:
        self._names = names
        self._folder = folder
        with replaced_environment(names):
            self.settings: Settings = load_settings()
        self.topics = {kind: topic for topic, kind in self.settings.topics.inputs.items()}
        self.sent: list[Event] = []
        self.workers: list[WorkerProcess] = []
        self._positions: Positions = {}

    # Setting up

    async def prepare(self) -> None:
        """Topics, and the sample plans."""
        async with administration(self.settings.kafka) as admin:
            await create(admin, self.settings)
        for plans in (ACME, GLOBEX):
            await self.apply(plans)

    async def apply(self, plans: str) -> None:
        """Put a plan file in force."""
        async with self.database() as connection:
            await planstore.apply(connection, parse(plans), changed_by="test", execute=True)

    async def set_paused(self, plan: str, manager: str, *, paused: bool) -> None:
        """Pause a manager of one of acme's plans, or let him have leads again."""
        async with self.database() as connection:
            await planstore.set_paused(
                connection, "acme", plan, manager, paused=paused, changed_by="test", execute=True
            )

    def start(self, *, redirection: str = "", **more: str) -> WorkerProcess:
        """One more worker; ``redirection`` puts its streams elsewhere, in the words of the shell."""
        worker = WorkerProcess(len(self.workers), self._folder, {**self._names, **more}, redirection)
        self.workers.append(worker)
        return worker

    async def command(self, *words: str, **more: str) -> Result:
        """Run ``salesplan`` with these words."""
        return await salesplan({**self._names, **more}, *words)

    async def start_ready(self, count: int, **more: str) -> list[WorkerProcess]:
        """So many workers, all of which have joined."""
        started = [self.start(**more) for _ in range(count)]
        for worker in started:
            await self.until_ready(worker)
        return started

    def clear(self) -> None:
        """End every worker, whatever state it is in."""
        for worker in self.workers:
            worker.kill()

    # Upstream

    async def send(self, events: Iterable[Event]) -> None:
        """Send events as fast as Kafka takes them; returns when all are acknowledged."""
        async with writer(self.settings.kafka, LARGEST) as producer:
            while chunk := list(islice(events := iter(events), IN_FLIGHT)):
                await self._send(producer, chunk)

    @asynccontextmanager
    async def load(
        self, events: Iterator[Event], per_second: int, patience_ms: int = REQUEST_TIMEOUT_MS
    ) -> AsyncIterator[None]:
        """Send events for the length of the block, evenly; to brokers that are away for less than ``patience_ms``."""
        over = asyncio.Event()

        async def pour() -> None:
            async with writer(self.settings.kafka, request_timeout_ms=patience_ms) as producer:
                began, done = time.monotonic(), 0
                while not over.is_set():
                    due = int((time.monotonic() - began) * per_second) - done
                    await self._send(producer, list(islice(events, due)))
                    done += due
                    await asyncio.sleep(TICK)

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(pour())
            yield
            over.set()

    async def _send(self, producer: Any, events: list[Event]) -> None:
        await self.send_by(producer, events)
        self.sent += events

    async def send_by(self, producer: Any, events: list[Event]) -> None:
        """Send by a producer of the test's own; whether they count as sent is for the test to say."""
        waiting = [
            await producer.send(
                self.topics[event.kind],
                event.value,
                event.key,
                partition=event.partition,
                headers=list(event.headers),
            )
            for event in events
        ]
        await asyncio.gather(*waiting)

    # Looking and waiting

    @asynccontextmanager
    async def database(self) -> AsyncIterator[postgres.Connection]:
        async with postgres.connected(self.settings.dsn, application_name="test") as connection:
            yield connection

    async def ask(self, statement: str, *arguments: object) -> list[postgres.Row]:
        async with self.database() as connection:
            return await connection.fetch(statement, *arguments)

    async def number(self, statement: str, *arguments: object) -> int:
        """The one number that a query answers with."""
        return int((await self.ask(statement, *arguments))[0][0] or 0)

    async def handled(self) -> int:
        """The number of records that have an outcome."""
        rows = await self.ask(
            "select topic, partition, next_offset, assigned + waiting + already_assigned + no_match"
            " + contact_recorded + dead_lettered from salesplan.position"
        )
        for topic, partition, position, _ in rows:
            assert position >= self._positions.get((topic, partition), 0), "a position has gone back"
            self._positions[topic, partition] = position
        return sum(row[3] for row in rows)

    async def assigned(self) -> int:
        return await self.number("select count(*) from salesplan.assignment")

    async def ends(self) -> Positions:
        """Where the inputs end."""
        found = await bounds(self.settings.kafka, list(self.topics.values()))
        return {partition: end for partition, (_, end) in found.items()}

    async def until(self, what: str, met: Callable[[], Awaitable[bool]], seconds: float = DEADLINE) -> None:
        """Wait for a condition; where it is never met, tell all there is to know."""
        deadline = time.monotonic() + seconds

        async def is_met() -> bool:
            with suppress(*postgres.TROUBLE):  # the database may be what is away
                return await met()
            return False

        while not await is_met():
            if time.monotonic() > deadline or any(worker.crashed for worker in self.workers):
                pytest.fail(f"not within {seconds} s: {what}\n{await self._state()}", pytrace=True)
            await asyncio.sleep(LOOK_PAUSE)

    async def until_ready(self, worker: WorkerProcess) -> None:
        async def ready() -> bool:
            return await worker.probe("/readyz") == 200

        await self.until(f"worker {worker.number} is ready", ready)

    async def until_gone(self, worker: WorkerProcess) -> None:
        """Until the worker has ended, or stands still, by itself."""

        async def gone() -> bool:
            return not worker.alive or worker.frozen

        await self.until(f"worker {worker.number} is gone", gone)

    async def until_writing(self, worker: WorkerProcess) -> None:
        """Until the worker has written a batch."""

        async def writing() -> bool:
            return bool(worker.logged("written"))

        await self.until(f"worker {worker.number} writes", writing)

    async def until_logged(self, worker: WorkerProcess, event: str) -> None:
        """Until the worker has written a log line of this name."""

        async def logged() -> bool:
            return bool(worker.logged(event))

        await self.until(f"worker {worker.number} logs {event}", logged)

    async def until_handled(self, more: int | None = None, seconds: float = DEADLINE) -> None:
        """Until so many more records, or all that were sent, have an outcome."""
        wanted = len(self.sent) if more is None else await self.handled() + more

        async def enough() -> bool:
            return await self.handled() >= wanted

        await self.until(f"{wanted} records have an outcome", enough, seconds)

    async def until_published(self, seconds: float = DEADLINE) -> None:
        """Until no slot has anything left that is not known to be out."""

        async def out() -> bool:
            rows = await self.ask("select from salesplan.slot where confirmed < sequence")
            return not rows and not await self.number("select count(*) from salesplan.outbox")

        await self.until("everything is published", out, seconds)

    async def batches(self) -> int:
        """The process id of the connection over which the only worker writes batches."""
        return await self.number(f"select pid from pg_stat_activity where {BATCHES}")  # noqa: S608 -- ours

    async def until_blocked(self, pid: int | None = None) -> None:
        """Until a worker, or the one with this connection, waits for a lock in the middle of its transaction."""
        statement = f"select from pg_stat_activity where {BATCHES} and {BLOCKED}"

        async def blocked() -> bool:
            return bool(await self.ask(statement, pid))

        await self.until("a worker waits for a lock", blocked)

    async def observe(self) -> Observed:
        """The present content of the database and the topics."""
        async with self.database() as connection:
            return await observe(self.settings, connection, self.sent)

    async def settle(self) -> Observed:
        """Wait until all is handled and published, stop the workers, and look."""
        await self.until_handled()
        await self.until_published()
        running = [worker for worker in self.workers if worker.alive]
        await asyncio.gather(*(worker.stop() for worker in running))
        return await self.observe()

    async def finish(self) -> Observed:
        """Do the same as ``settle``, and check every invariant."""
        found = await self.settle()
        if faults := violations(found):
            pytest.fail("\n".join([*faults[:MOST_FAULTS], await self._state()]))
        report = await verify(self.settings)
        assert not report.violations, report
        return found

    async def _state(self) -> str:
        parts = [f"sent: {len(self.sent)}"]
        for table in ("position", "slot", "plan_counter"):
            rows = await self.ask(f"select * from salesplan.{table}")  # noqa: S608 -- names of our own
            parts += [f"{table}: {dict(row)}" for row in rows]
        parts += [f"--- worker {worker.number}, alive: {worker.alive}\n{worker.tail()}" for worker in self.workers]
        return "\n".join(parts)


@asynccontextmanager
async def opened(names: Mapping[str, str], folder: Path) -> AsyncIterator[Stage]:
    """A stage with its topics and plans; its workers are gone afterwards, whatever happened."""
    stage = Stage(names, folder)
    try:
        await stage.prepare()
        yield stage
    finally:
        stage.clear()

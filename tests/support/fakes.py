"""Fakes that several tests share: a clock, and the stages before, between and behind a pipeline."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from tests.support.make import ARecord
from worker.intake.brake import Brake
from worker.ledger.answer import Written
from worker.records.message import Message
from worker.rules.batch import Batch, Fetched, Work
from worker.run.health import Health
from worker.run.measurements import Measurements
from worker.run.pipeline import Pipeline
from worker.settings import Settings

MAX_BATCH = 3
TOPIC = "subscription"


class Clock:
    """Stands still unless a test moves it."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Intake:
    """Hands out what it is given, a list of sizes of batches a poll; then nothing more. No record is a good one."""

    generation = 0
    has_joined = is_readable = True

    def __init__(self, polls: Sequence[Sequence[int]], each_poll: Callable[[], None]) -> None:
        self._polls = list(polls)
        self._each_poll = each_poll
        self.polled = 0  # with records
        self._offset = 0

    async def poll(self, _pool: object) -> list[Fetched]:
        await asyncio.sleep(0)
        self._each_poll()
        if not self._polls:
            return []
        self.polled += 1
        return [self._fetched(size) for size in self._polls.pop(0)]

    def _fetched(self, size: int) -> Fetched:
        records = [ARecord(TOPIC, 0, self._offset + number) for number in range(size)]
        expected = {(TOPIC, 0): self._offset}
        self._offset += size
        return Fetched(records, expected)

    def move(self, _positions: object) -> None:
        pass


class Slot:
    sequence = 0


class Book:
    book = None


class Ledger:
    """A row of the outbox for each batch, with a message for each record; waits while it is not ``open``."""

    def __init__(self, slot: Slot) -> None:
        self._slot = slot
        self.open, self.begun = asyncio.Event(), asyncio.Event()
        self.open.set()
        self.written = 0

    async def write(self, work: Work, _book: object) -> Written:
        self.begun.set()
        await self.open.wait()
        self.written += 1
        message = Message.of("lead-assigned", None, b"lead", b"{}", ())
        messages = [message] * len(work) if isinstance(work, Batch) else []
        return Written(Counter(), self._slot.sequence + 1, messages, [], [], [], 0.0)


class Publisher:
    """Keeps what it is given, one after the other; waits until it is ``open``."""

    def __init__(self) -> None:
        self.open, self.begun = asyncio.Event(), asyncio.Event()
        self.began = 0
        self.published: list[tuple[int, int]] = []  # up to which row, and how many messages

    async def publish(self, sequence: int, messages: Sequence[Message]) -> None:
        self.began += 1
        self.begun.set()
        await self.open.wait()
        self.published.append((sequence, len(messages)))


class Stages:
    """A pipeline between fakes."""

    def __init__(
        self,
        polls: Sequence[Sequence[int]],
        health: Health | None = None,
        brake: Brake | None = None,
        each_poll: Callable[[], None] = lambda: None,
    ) -> None:
        settings = Settings.model_validate({"intake": {"max_batch": MAX_BATCH}})
        slot = Slot()
        self.health, self.brake = health or Health(), brake or Brake(1000, 1.0, 1000)
        self.intake, self.ledger, self.publisher = Intake(polls, each_poll), Ledger(slot), Publisher()
        self.pipeline = Pipeline(
            settings=settings,
            intake=cast(Any, self.intake),
            pool=cast(Any, None),
            book=cast(Any, Book()),
            ledger=cast(Any, self.ledger),
            slot=cast(Any, slot),
            publisher=cast(Any, self.publisher),
            brake=self.brake,
            health=self.health,
            measurements=Measurements(settings),
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """At the end everything is let through and published."""
        stop = asyncio.Event()
        async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
            tasks.create_task(self.pipeline.run(stop))
            yield
            self.ledger.open.set()
            self.publisher.open.set()
            stop.set()

"""How batches pass through the stages when records come one by one, and when there is a backlog."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from tests.make import ARecord
from worker.intake.brake import Brake
from worker.ledger.answer import Written
from worker.records.message import Message
from worker.rules.batch import Batch, Fetched, Work
from worker.rules.ids import PlanNo
from worker.run import pipeline
from worker.run.health import Health
from worker.run.pipeline import Pipeline
from worker.run.tally import Tally
from worker.settings import Settings

MAX_BATCH = 3
TOPIC = "subscription"


class Intake:
    """Hands out what it is given, a list of sizes of batches a poll; then nothing more."""

    generation = 0
    joined = readable = True

    def __init__(self, polls: Sequence[Sequence[int]]) -> None:
        self._polls = list(polls)
        self.polled = 0
        self._offset = 0

    async def poll(self, _pool: object) -> list[Fetched]:
        await asyncio.sleep(0)
        if not self._polls:
            return []
        self.polled += 1
        return [self._fetched(size) for size in self._polls.pop(0)]

    def _fetched(self, size: int) -> Fetched:
        records = [ARecord(TOPIC, 0, self._offset + number) for number in range(size)]
        expected = {(TOPIC, 0): self._offset}
        self._offset += size
        return Fetched(records, expected)

    def written(self, _positions: object) -> None:
        pass


class Slot:
    sequence = 0


class Book:
    book = None


class Ledger:
    """A row of the outbox for each batch, with a message for each record; waits where it is told to."""

    def __init__(self, slot: Slot) -> None:
        self._slot = slot
        self.open = asyncio.Event()
        self.open.set()
        self.written = 0

    async def write(self, work: Work, _book: object) -> Written:
        await self.open.wait()
        self.written += 1
        message = Message.of("lead-assigned", None, b"lead", b"{}", ())
        messages = [message] * len(work) if isinstance(work, Batch) else []
        return Written(Counter(), self._slot.sequence + 1, messages, [], [], [], 0.0)


class Publisher:
    """Keeps what it is given, one after the other; waits where it is told to."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.began = 0
        self.published: list[tuple[int, int]] = []  # up to which row, and how many messages

    async def publish(self, sequence: int, messages: Sequence[Message]) -> None:
        self.began += 1
        await self.open.wait()
        self.published.append((sequence, len(messages)))


class Stages:
    """A pipeline between fakes."""

    def __init__(self, polls: Sequence[Sequence[int]]) -> None:
        settings = Settings.model_validate({"intake": {"max_batch": MAX_BATCH}})
        slot = Slot()
        self.brake, self.health = Brake(1000, 1.0, 1000), Health()
        self.intake, self.ledger, self.publisher = Intake(polls), Ledger(slot), Publisher()
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
            tally=Tally(settings),
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


async def settled() -> None:
    """Everybody has had many turns: what can go on has gone on."""
    for _ in range(200):
        await asyncio.sleep(0)


async def test_what_waits_to_be_published_goes_out_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """In one transaction, while it is no more than a batch's worth."""
    monkeypatch.setattr(pipeline, "SMALL_BATCH_SECONDS", 0)
    stages = Stages([[1], [1], [2], [1]])
    async with stages.running():
        await settled()
        assert (stages.ledger.written, stages.publisher.began) == (4, 1)
    assert stages.publisher.published == [(1, 1), (3, 3), (4, 1)]


async def test_large_rows_go_out_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few messages may be many bytes, and a transaction has a deadline."""
    monkeypatch.setattr(pipeline, "SMALL_BATCH_SECONDS", 0)
    monkeypatch.setattr(pipeline, "MERGED_BYTES", 2 * len(Message.of(TOPIC, None, b"lead", b"{}", ()).encoded))
    stages = Stages([[1], [1], [1], [1]])
    async with stages.running():
        await settled()
    assert stages.publisher.published == [(1, 1), (3, 2), (4, 1)]


async def test_full_batches_go_out_one_by_one() -> None:
    """Of a backlog, a transaction a batch; one is being published, one waits, and a third is held up."""
    stages = Stages([[MAX_BATCH]] * 5)
    async with stages.running():
        await settled()
        assert (stages.ledger.written, stages.publisher.began) == (3, 1)
    assert stages.publisher.published == [(row, MAX_BATCH) for row in (1, 2, 3, 4, 5)]


@pytest.mark.parametrize(("polls", "polled"), [([[1], [1], [1], [1]], 1), ([[MAX_BATCH, 1], [MAX_BATCH], [1]], 2)])
async def test_nothing_is_fetched_ahead_unless_there_is_a_backlog(polls: list[list[int]], polled: int) -> None:
    """While a small batch is written, what comes becomes one more; full ones are decoded ahead."""
    stages = Stages(polls)
    stages.ledger.open.clear()
    async with stages.running():
        await settled()
        assert stages.intake.polled == polled


@pytest.mark.parametrize(("polls", "polled"), [([[1], [1]], 1), ([[MAX_BATCH], [1], [1]], 2)])
async def test_after_a_small_batch_there_is_a_pause(
    polls: list[list[int]], polled: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each takes as many round trips as a full one; behind a backlog nobody pauses."""
    monkeypatch.setattr(pipeline, "SMALL_BATCH_SECONDS", 0.5)
    stages = Stages(polls)
    async with stages.running():
        await settled()
        assert (stages.intake.polled, stages.ledger.written) == (polled, polled)


async def test_behind_the_brake_nothing_is_read_and_nobody_is_woken() -> None:
    """Who looks for waiting leads would find the same ones at once, again and again."""
    stages = Stages([[1]])
    stages.brake.is_on = True
    async with stages.running():
        waking = asyncio.create_task(stages.pipeline.wake([PlanNo(1)]))
        await settled()
        assert (stages.intake.polled, stages.ledger.written, waking.done()) == (0, 0, False)
        waking.cancel()

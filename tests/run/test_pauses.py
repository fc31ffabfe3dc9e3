"""The time that a worker waits between two sessions, and the cases without another session."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from aiokafka.errors import IllegalStateError, KafkaError

from worker.run import loop as running
from worker.run.session import Worker
from worker.settings import Settings
from worker.tracing.off import OFF


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Worker:
    """One whose sessions open, and meet trouble before anything is done."""
    worker = Worker.of(Settings(), asyncio.Event(), OFF)

    async def fails(*_: object) -> None:
        worker.opened = True
        raise ExceptionGroup("of a session", [KafkaError()])

    monkeypatch.setattr(running, "session", fails)
    return worker


async def pauses(worker: Worker, count: int) -> list[float]:
    """The pauses after so many sessions, one after the other."""
    found = [running.FIRST_PAUSE]
    for _ in range(count):
        await running._session_to_its_end(worker, cast(Any, None))
        found.append(running._pause_after(worker, found[-1]))
    return found[1:]


async def test_sessions_that_get_nothing_done_come_ever_more_rarely(worker: Worker) -> None:
    assert await pauses(worker, 8) == [0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 15.0, 15.0]


async def test_a_session_that_does_not_open_is_soon_tried_again(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It costs the servers little, also where a session before it had opened."""
    assert (await pauses(worker, 8))[-1] == 15.0

    async def fails(*_: object) -> None:
        raise ExceptionGroup("of a session", [KafkaError()])

    monkeypatch.setattr(running, "session", fails)
    assert await pauses(worker, 5) == [0.4, 0.8, 1.6, 3.0, 3.0]


async def test_a_session_that_lasted_was_fine(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that has nothing to do for days begins anew at once, however often that happens."""
    monkeypatch.setattr(running, "STEADY_SECONDS", -1.0)
    assert await pauses(worker, 3) == [0.2, 0.2, 0.2]


async def test_after_a_bug_there_is_no_other_session(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though it is of a class that is otherwise trouble, and comes with trouble."""

    async def fails(*_: object) -> None:
        raise ExceptionGroup("of a session", [IllegalStateError(), KafkaError()])

    monkeypatch.setattr(running, "session", fails)
    with pytest.raises(ExceptionGroup) as raised:
        await running._session_to_its_end(worker, cast(Any, None))
    assert raised.group_contains(IllegalStateError)

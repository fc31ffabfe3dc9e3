"""Batches pass through the stages: when records come one by one, and when there is a backlog."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.fakes import MAX_BATCH, TOPIC, Stages
from worker.records.message import Message
from worker.rules.ids import PlanNo
from worker.run import pipeline


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
    """Each full batch is a transaction: one is being published, one waits, and a third is held up."""
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
    """The search for waiting leads would find the same ones at once, again and again."""
    stages = Stages([[1]])
    stages.brake.is_on = True
    async with stages.running():
        waking = asyncio.create_task(stages.pipeline.wake([PlanNo(1)]))
        await settled()
        assert (stages.intake.polled, stages.ledger.written, waking.done()) == (0, 0, False)
        waking.cancel()

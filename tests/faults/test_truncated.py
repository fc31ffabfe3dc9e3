"""P20: a log that lost its end and was written on is told from the one that was read, though the offsets fit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.faults.positions import PLANS, REFUSES, orders, reset
from tests.stage.environment import dice, environment
from tests.stage.stage import Stage, opened
from worker.embedded import Kafka

BEFORE, LOST, SINCE = 100, 50, 80
CHECKPOINTS = ("recovery-point-offset-checkpoint", "replication-offset-checkpoint", ".kafka_cleanshutdown")


@asynccontextmanager
async def one_partition(kafka: Kafka, dsn: str, folder: Path) -> AsyncIterator[Stage]:
    names = environment(dsn, kafka.bootstrap_servers, SALESPLAN_TOPICS__PARTITIONS="1")
    async with opened(names, folder) as stage:
        yield stage


def log_of(kafka: Kafka, stage: Stage) -> Path:
    return kafka.folder / "data" / f"{stage.topics['order']}-0" / "00000000000000000000.log"


def cut(kafka: Kafka, log: Path, size: int) -> None:
    """Cut the log, as a broker does that lost power before it had written everything, and starts with the rest."""
    kafka.kill()
    with log.open("r+b") as opened_log:
        opened_log.truncate(size)
    for file in (log.with_suffix(".index"), log.with_suffix(".timeindex")):
        file.unlink(missing_ok=True)
    for name in CHECKPOINTS:
        (kafka.folder / "data" / name).unlink(missing_ok=True)
    kafka.restart()


@pytest.mark.parametrize("how", ["stopped", "frozen"])
async def test_p20_a_log_that_was_cut_and_written_over_is_refused(
    own_kafka: Callable[[], Kafka], database_url: str, tmp_path: Path, how: str
) -> None:
    """150 were read, the log loses 50 and gains 80: none of these is skipped unseen."""
    kafka = own_kafka()
    async with one_partition(kafka, database_url, tmp_path) as stage:
        (worker,) = await stage.start_ready(1)
        await stage.send(orders(dice(120), 0, BEFORE))
        await stage.until_handled()
        size = log_of(kafka, stage).stat().st_size
        await stage.send(orders(dice(121), BEFORE, LOST))
        await stage.until_handled()
        await stage.until_published()
        if how == "stopped":
            await worker.stop()
        else:
            worker.freeze()
        await asyncio.to_thread(cut, kafka, log_of(kafka, stage), size)
        assert (await stage.ends())[stage.topics["order"], 0] == BEFORE
        await stage.send(orders(dice(122), BEFORE + LOST, SINCE))
        shown = await stage.command("offsets", "show")
        assert "log cut and written over" in shown.out, shown
        if how == "stopped":
            worker = stage.start()
        else:
            worker.thaw()
        assert await worker.ends() == 1
        said = worker.log.read_text()
        assert REFUSES in said
        assert f"{stage.topics['order']}[0]: the log was cut at 100 and written on; the position is 150" in said
        assert f"`salesplan offsets reset --topic {stage.topics['order']} --to earliest --execute`" in said
        assert await stage.assigned() == PLANS * (BEFORE + LOST)
        await reset(stage, "--topic", stage.topics["order"], "--to", "earliest")
        await stage.start_ready(1)

        async def all_are_assigned() -> bool:
            return await stage.assigned() == PLANS * (BEFORE + LOST + SINCE)

        await stage.until("every lead has its manager", all_are_assigned)


async def test_p20_a_leader_that_has_all_is_read_on(
    own_kafka: Callable[[], Kafka], database_url: str, tmp_path: Path
) -> None:
    """Leaders come and go while a worker reads, and while none does: the epoch that is kept goes with them."""
    kafka = own_kafka()
    async with one_partition(kafka, database_url, tmp_path) as stage:
        (worker,) = await stage.start_ready(1)
        epochs = []
        for turn in range(3):
            await stage.send(orders(dice(123 + turn), 40 * turn, 40))
            await stage.until_handled()
            epochs.append(await stage.number("select max(leader_epoch) from salesplan.position"))
            assert not await stage.ask("select from salesplan.position where epoch_offset <> next_offset")
            if turn == 1:
                await worker.stop()
            kafka.kill()
            await asyncio.to_thread(kafka.restart)
            if turn == 1:
                (worker,) = await stage.start_ready(1)
        assert epochs == sorted(set(epochs))
        await worker.stop()
        await stage.start_ready(1)
        await stage.send(orders(dice(126), 120, 40))
        await stage.until_handled()
        assert await stage.assigned() == PLANS * 160

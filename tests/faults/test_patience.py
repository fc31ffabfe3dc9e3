"""What refuses for ever is asked ever more rarely, and told in one line that comes ever more rarely too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from tests.stage.environment import dice, environment
from tests.stage.stage import Stage, opened
from tests.stage.upstream import event
from worker.embedded import Kafka, scratch_folder

# Stands for a volume without space: the server lets everybody in, and writes nothing.
FULL = """
create function public.full_disk() returns trigger language plpgsql as $$
begin
    raise exception using errcode = '53100', message = 'could not extend file: No space left on device';
end $$;
create trigger full_disk before insert on salesplan.assignment execute function public.full_disk();
"""


def times(lines: list[dict[str, str]]) -> list[float]:
    return [datetime.fromisoformat(line["timestamp"]).timestamp() for line in lines]


async def test_p28_a_full_disk_is_not_asked_three_times_a_second(stage: Stage) -> None:
    """Each session costs both servers something: the pauses between them grow. One line says what to mend."""
    random = dice(291)
    async with stage.database() as connection:
        await connection.execute(FULL)
    await stage.send([event(random, "subscription", f"lead-{number}") for number in range(20)])
    worker = stage.start()

    async def asked_six_times() -> bool:
        return len(worker.logged("session")) >= 6

    await stage.until("six sessions have begun", asked_six_times)
    pauses = [after - before for before, after in pairwise(times(worker.logged("session")))]
    assert pauses[4] > pauses[0] + 4  # seconds; a busy machine adds as much to each of them
    (said, *again) = worker.logged("postgres_refuses")
    assert said["why"] == "the server's disk is full (53100): free some space or give it a larger volume"
    assert len(again) <= 1
    assert len(worker.logged("session_over")) <= 2
    async with stage.database() as connection:
        await connection.execute("drop trigger full_disk on salesplan.assignment")
    await stage.finish()


@pytest.fixture
async def strict_stage(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """A stage on brokers that end transactions after so many milliseconds at most."""
    with scratch_folder() as folder, ExitStack() as started:
        more = f"transaction.max.timeout.ms={request.param}"
        kafka = await asyncio.to_thread(lambda: Kafka.start(folder / "kafka", more=more))
        started.callback(kafka.kill)
        async with opened(environment(database_url, kafka.bootstrap_servers), tmp_path) as stage:
            yield stage


@pytest.mark.parametrize("strict_stage", [9000], indirect=True)
async def test_p28_transactions_are_as_short_as_the_brokers_want(strict_stage: Stage) -> None:
    """They allow 9 s where the worker asks for 15: it takes less, and says so once."""
    stage = strict_stage
    worker = stage.start()
    await stage.send([event(dice(292), "subscription", f"lead-{number}") for number in range(20)])
    await stage.finish()
    (said,) = worker.logged("transactions_shortened")
    assert (said["seconds"], said["wanted"]) == (5, 15)


@pytest.mark.parametrize("strict_stage", [3000], indirect=True)
async def test_p28_brokers_that_allow_no_transaction_are_named_with_their_setting(strict_stage: Stage) -> None:
    stage = strict_stage
    worker = stage.start()
    await stage.until_logged(worker, "kafka_refuses")
    assert worker.logged("kafka_refuses")[0]["why"] == (
        "the brokers refuse transactions of 5 s: their setting transaction.max.timeout.ms is below 5000; "
        "set it to 15000 or more in every broker's configuration"
    )
    assert await worker.probe("/readyz") == 503
    assert await worker.probe("/livez") == 200

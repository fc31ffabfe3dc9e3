"""P28: brokers that throttle what the worker writes: everything gets out, each once, and the quota is named."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.faults.test_too_large import leads
from tests.stage.environment import dice, environment
from tests.stage.stage import Stage, opened
from tests.stage.upstream import Event
from worker.embedded import Kafka, scratch_folder
from worker.kafka.client import CLIENT_ID

PATIENCE = 240.0
AT_ONCE = 10.0  # with some room for a busy machine; as it was, the row was tried again and again after 12 s

Throttled = tuple[Stage, Callable[[int], None]]


def set_quota(kafka: Kafka, rate: int) -> None:
    """Bytes a second that clients of our name may write; what ``kafka-configs.sh`` runs does it."""
    words = ["--bootstrap-server", kafka.bootstrap_servers, "--alter", "--add-config", f"producer_byte_rate={rate}"]
    command = [*kafka._java("-XX:TieredStopAtLevel=1"), "kafka.admin.ConfigCommand", *words]
    subprocess.run([*command, "--entity-type", "clients", "--entity-name", CLIENT_ID], check=True, capture_output=True)


@pytest.fixture
async def throttled(database_url: str, tmp_path: Path) -> AsyncIterator[Throttled]:
    """A stage on a broker of its own, and what sets the quota there."""
    with scratch_folder() as folder, ExitStack() as started:
        kafka = await asyncio.to_thread(lambda: Kafka.start(folder / "kafka"))
        started.callback(kafka.kill)
        async with opened(environment(database_url, kafka.bootstrap_servers), tmp_path) as stage:
            yield stage, lambda rate: set_quota(kafka, rate)


async def test_p28_what_is_sent_in_one_request_waits_for_no_quota(throttled: Throttled) -> None:
    """Brokers take it and leave the connection unread for half a minute: the transaction ends over another one."""
    stage, limit = throttled
    random = dice(293)
    await asyncio.to_thread(limit, 20)
    (worker,) = await stage.start_ready(1)
    for number in range(2):  # the second waits for its turn, outside a transaction
        await stage.send(leads(random, "order" if number else "subscription", 1))
        await stage.until_handled()
        await stage.until_published(PATIENCE if number else AT_ONCE)
    assert not worker.logged("session_over")
    assert worker.logged("throttled_by_brokers")
    await stage.finish()


async def test_p28_rows_that_a_quota_lets_out_slowly_get_out(throttled: Throttled) -> None:
    """8,000 announcements in a row of 800 KB, which the quota lets out in 40 s: each is there once."""
    stage, limit = throttled
    await stage.send(leads(dice(294), "order", 4000))
    await asyncio.to_thread(limit, 20_000)
    worker = stage.start()
    await stage.until_handled()
    await stage.until_published(PATIENCE)
    (said, *again) = worker.logged("throttled_by_brokers")
    assert "producer_byte_rate" in said["why"]
    assert "--entity-name salesplan --add-config producer_byte_rate=BYTES" in said["todo"]
    assert len(again) <= 5  # at growing intervals
    await stage.finish()


async def test_p28_a_row_of_many_requests_gets_out(throttled: Throttled) -> None:
    """Large dead letters of one partition go one by one: transactions become as long as that takes."""
    stage, limit = throttled
    random = dice(295)
    await stage.send(
        [Event("order", b"{" + random.randbytes(200_000), b"", poison=True, partition=0) for _ in range(8)]
    )
    await asyncio.to_thread(limit, 40_000)
    worker = stage.start()
    await stage.until_handled()
    await stage.until_published(PATIENCE)
    assert worker.logged("throttled_by_brokers")
    await stage.finish()

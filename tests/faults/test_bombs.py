"""P11: a small batch that unpacks to far too much stops its own partition, in words, and fills no memory."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from aiokafka import AIOKafkaProducer

from tests.faults.test_too_large import leads
from tests.stage.environment import dice
from tests.stage.stage import Stage
from tests.stage.workers import WorkerProcess

MIB = 1 << 20
UNPACKED = 400 * MIB
ROOM = 100  # MiB that a worker may take for a while: the bound, and what it works with


async def send_bomb(stage: Stage, topic: str) -> int:
    """400 MiB of blanks in 13 KB, on partition 0; returns its offset."""
    producer = AIOKafkaProducer(
        bootstrap_servers=stage.settings.kafka.bootstrap_servers,
        compression_type="zstd",
        max_request_size=2 * UNPACKED,
        max_batch_size=2 * UNPACKED,
        request_timeout_ms=60_000,
    )
    await producer.start()
    try:
        return int((await producer.send_and_wait(topic, b" " * UNPACKED, b"bomb", partition=0)).offset)
    finally:
        await producer.stop()


def peak(worker: WorkerProcess) -> int:
    """MiB of memory that it has ever held at once."""
    (line,) = [text for text in Path(f"/proc/{worker.pid}/status").read_text().splitlines() if text.startswith("VmHWM")]
    return int(line.split()[1]) // 1024


async def test_p11_a_batch_that_unpacks_to_too_much_stops_its_partition_alone(stage: Stage) -> None:
    """The line names its place, the bound and the remedy; ``verify`` and ``dlq list`` are bounded, and say so."""
    random = dice(111)
    order = stage.topics["order"]
    (worker,) = await stage.start_ready(1)
    await stage.send(leads(random, "order", 20))
    await stage.until_handled()
    before = peak(worker)
    offset = await send_bomb(stage, order)
    await stage.until_logged(worker, "partition_stopped")
    (line,) = worker.logged("partition_stopped")
    assert (line["topic"], line["partition"], line["offset"]) == (order, 0, offset)
    assert line["why"] == "a batch unpacks to more than 64 MiB"
    assert f"`salesplan offsets reset --topic {order} --to TIME --execute`" in line["todo"]
    await stage.send(leads(random, "subscription", 20))
    await stage.until_handled()
    assert peak(worker) < before + ROOM

    await worker.stop()
    later = datetime.now(UTC).isoformat()
    moved = await stage.command("offsets", "reset", "--topic", order, "--to", later, "--execute")
    assert moved.code == 0
    await stage.send(leads(random, "order", 20))
    (worker,) = await stage.start_ready(1)
    await stage.until_writing(worker)
    assert not worker.logged("partition_stopped")

    letter = await send_bomb(stage, f"dlq.{order}")
    listed = await stage.command("dlq", "list")
    assert f"note: dlq.{order}[0]@{letter} " in listed.err
    assert "64 MiB" in listed.err

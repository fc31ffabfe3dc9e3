"""A sender that leaves a transaction open holds up all that comes after it: that is said, and how to end it."""

from aiokafka import AIOKafkaProducer

from tests.faults.positions import PLANS, orders
from tests.stage.environment import dice
from tests.stage.stage import Stage
from worker.kafka.client import client_options

LONG_MS = 600_000  # as some senders have it; ours would be ended after 15 s


async def test_a_transaction_that_is_left_open_is_told(stage: Stage) -> None:
    """In the log once it has lasted, and in `offsets show` at once; when it ends all is read."""
    (worker,) = await stage.start_ready(1)
    await stage.send(orders(dice(140), 0, 50))
    await stage.until_handled()
    topic = stage.topics["order"]
    ends = await stage.ends()
    sender = AIOKafkaProducer(
        **client_options(stage.settings.kafka), transactional_id=f"{topic}-sender", transaction_timeout_ms=LONG_MS
    )
    await sender.start()
    try:
        await sender.begin_transaction()
        await sender.send_and_wait(topic, b"never committed", partition=0)
        await stage.send(orders(dice(141), 50, 50))
        shown = await stage.command("offsets", "show")
        assert f"held by an open transaction of a sender since offset {ends[topic, 0]}" in shown.out
        assert shown.out.count("held by") == 1
        assert "refuse" not in shown.err
        await stage.until_logged(worker, "held_by_transaction")
        (told,) = worker.logged("held_by_transaction")
        assert (told["topic"], told["partition"], told["offset"]) == (topic, 0, ends[topic, 0])
        assert f"`kafka-transactions.sh find-hanging --topic {topic} --partition 0`" in told["todo"]
        await sender.abort_transaction()
    finally:
        await sender.stop()
    await stage.until_handled()
    assert await stage.assigned() == PLANS * 100

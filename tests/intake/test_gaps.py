"""The gate before the pipeline: no gap goes unseen, and none of the log itself holds anybody up."""

import structlog

from tests.intake.gate import ORDERS, PAID, Gate, read


async def test_a_gap_is_read_once_more_and_what_was_lost_comes(gate: Gate) -> None:
    """The client skipped a record: what lies before is handed on, and seeking back brings it."""
    gate.consumer.assign()
    gate.consumer.polls = [read(ORDERS, 5, 7), read(ORDERS, 6, 7)]
    with structlog.testing.capture_logs() as lines:
        assert await gate.poll() == [[5]]
        assert gate.consumer.sought[1:] == [{ORDERS: 6}]
        assert await gate.poll() == [[6, 7]]
    assert [line for line in lines if line["log_level"] == "warning"] == [
        {
            "event": "client_had_lost_records",
            "log_level": "warning",
            "topic": "order",
            "partition": 0,
            "expected": 6,
            "came": 7,
        }
    ]


async def test_a_gap_of_the_log_itself_is_passed_the_second_time(gate: Gate) -> None:
    """A transaction's marker never comes, however often one asks; the batch says how far it reaches."""
    gate.consumer.assign()
    gate.consumer.polls = [read(ORDERS, 6, 8), read(ORDERS, 6, 8), read(ORDERS, 9)]
    with structlog.testing.capture_logs() as lines:
        assert await gate.poll() == []
        (batch,) = await gate.fetched()
        assert [record.offset for record in batch.records] == [6, 8]
        assert batch.expected == {ORDERS: 5}
        assert await gate.poll() == [[9]]
    assert [line for line in lines if line["log_level"] == "warning"] == []


async def test_another_gap_is_looked_at_again(gate: Gate) -> None:
    """That one gap was the log's own says nothing of the next."""
    gate.consumer.assign()
    gate.consumer.polls = [read(ORDERS, 6), read(ORDERS, 6), read(ORDERS, 9), read(ORDERS, 7, 8, 9)]
    assert [await gate.poll() for _ in range(4)] == [[], [[6]], [], [[7, 8, 9]]]


async def test_a_gap_holds_up_no_other_partition(gate: Gate) -> None:
    """Only the partition with the gap is sought; what is fetched and waits stays good."""
    gate.consumer.assigned = {ORDERS, PAID}
    gate.consumer.assign()
    gate.consumer.polls = [read(ORDERS, 5, 7) | read(PAID, 5, 6), read(ORDERS, 7) | read(PAID, 7)]
    (first,) = await gate.fetched()
    assert [(record.topic, record.offset) for record in first.records] == [("order", 5), ("paid", 5), ("paid", 6)]
    assert gate.consumer.sought[1:] == [{ORDERS: 6}]
    (second,) = await gate.fetched()
    assert (second.expected, second.generation) == ({ORDERS: 6, PAID: 7}, first.generation)


async def test_an_upstream_of_small_transactions_is_read_on(gate: Gate) -> None:
    """Each poll brings gaps again, and is still handed on up to the first that the one before did not bring."""
    gate.consumer.assign()
    gate.consumer.polls = [read(ORDERS, 5, 7, 9), read(ORDERS, 7, 9, 11), read(ORDERS, 11, 13), read(ORDERS, 13)]
    assert [await gate.poll() for _ in range(4)] == [[[5]], [[7, 9]], [[11]], [[13]]]


async def test_what_is_read_again_may_come_in_parts(gate: Gate) -> None:
    """A gap further on is still known when the records before it come first."""
    gate.consumer.assign()
    gate.consumer.polls = [read(ORDERS, 5, 7, 9), read(ORDERS, 7), read(ORDERS, 9)]
    assert [await gate.poll() for _ in range(3)] == [[[5]], [[7]], [[9]]]

"""The gate before the pipeline: what is handed on, and no poll that a rebalance has overtaken."""

import asyncio
import time

import pytest

from tests.intake.gate import ORDERS, PAID, Gate, position, read, written
from tests.support.make import ARecord
from worker.intake.poll import ENOUGH_BYTES, MORE_MS, POLL_MS
from worker.kafka.consumer import NotSoughtError, PositionGoneError, UnreadableError
from worker.records.record import Partition


async def test_nothing_is_read_before_the_group_has_assigned(gate: Gate) -> None:
    """PartitionLag a closed gate the client is polled, since only so does it rejoin; what comes is dropped."""
    gate.consumer.polls = [read(ORDERS, 5), NotSoughtError()]
    assert await gate.poll() == []
    assert await gate.poll() == []
    assert gate.consumer.polls == []
    assert not gate.intake.has_joined


async def test_what_the_client_tells_behind_a_closed_gate_is_heard(gate: Gate) -> None:
    """A group that can't be joined: the consumer is thrown away, and another one tries."""
    gate.consumer.polls = [ConnectionError()]
    with pytest.raises(ConnectionError):
        await gate.poll()
    assert gate.intake.broken


async def test_a_new_partition_begins_at_its_earliest_record(gate: Gate) -> None:
    """It gets a row in Postgres, and the consumer is sought there."""
    gate.consumer.assign()
    gate.consumer.polls = [read(ORDERS, 5, 6)]
    assert await gate.poll() == [[5, 6]]
    assert gate.consumer.sought == [{ORDERS: 5}]
    assert await position(gate) == {ORDERS: 5}


async def test_batches_are_cut_and_know_where_they_begin(gate: Gate) -> None:
    """A poll that brings more than a batch becomes several, each with its partitions' positions."""
    gate.consumer.assigned = {ORDERS, PAID}
    gate.consumer.assign()
    gate.consumer.polls = [read(ORDERS, 5, 6, 7, 8) | read(PAID, 5)]
    first, second = await gate.fetched()
    assert [record.offset for record in first.records] == [5, 6, 7]
    assert first.expected == {ORDERS: 5}
    assert second.expected == {ORDERS: 8, PAID: 5}


async def test_what_has_come_since_the_client_last_fetched_makes_one_batch_with_what_lies_at_hand(gate: Gate) -> None:
    """The client fetches nothing more until what it has is taken: else the rest would wait for a turn of its own."""
    gate.consumer.assigned = {ORDERS, PAID}
    gate.consumer.assign()
    gate.consumer.at_hand = read(ORDERS, 5)
    gate.consumer.polls = [read(PAID, 5) | read(ORDERS, 6)]
    (batch,) = await gate.fetched()
    assert [(record.topic, record.offset) for record in batch.records] == [("order", 5), ("order", 6), ("paid", 5)]
    assert batch.expected == {ORDERS: 5, PAID: 5}
    assert gate.consumer.waits == [0, MORE_MS]


async def test_where_nothing_lies_at_hand_the_next_record_is_waited_for(gate: Gate) -> None:
    """And is handed on as soon as it is there."""
    gate.consumer.assign()
    gate.consumer.polls = [read(ORDERS, 5)]
    assert await gate.poll() == [[5]]
    assert gate.consumer.waits == [0, POLL_MS]


async def test_where_a_batch_lies_at_hand_nothing_more_is_asked_for(gate: Gate) -> None:
    """It would be for the next batch."""
    gate.consumer.assign()
    gate.consumer.at_hand = read(ORDERS, 5, 6, 7)
    assert await gate.poll() == [[5, 6, 7]]


async def test_where_large_records_lie_at_hand_nothing_more_is_asked_for(gate: Gate) -> None:
    """So that memory stays bounded by what one poll may bring."""
    gate.consumer.assign()
    gate.consumer.at_hand = {ORDERS: [ARecord(*ORDERS, 5, value=bytes(ENOUGH_BYTES))]}
    assert await gate.poll() == [[5]]


async def test_what_lies_at_hand_counts_as_behind_while_more_is_asked_for(gate: Gate) -> None:
    """The client has read it, and it is not written."""
    gate.consumer.assign()
    gate.consumer.at_hand = {ORDERS: [ARecord(*ORDERS, 5, timestamp=1000)]}
    seen = []

    async def look() -> dict[Partition, tuple[int, int]]:
        return {ORDERS: (6, 6)}

    gate.consumer.progress = look  # type: ignore[method-assign]
    gate.consumer.polls = [lambda: seen.append(asyncio.create_task(gate.intake.lag())), {}]
    await gate.fetched()
    ((records, age),) = (await seen[0]).values()
    assert records == 1
    assert age == pytest.approx(time.time() - 1, abs=60)


@pytest.mark.parametrize("trouble", [NotSoughtError(), UnreadableError(), PositionGoneError(ORDERS, 6)])
async def test_what_lay_at_hand_is_read_again_where_the_rest_fails(gate: Gate, trouble: Exception) -> None:
    """The client has moved past it, and it was not handed on."""
    gate.consumer.assign()
    gate.consumer.at_hand = read(ORDERS, 5)
    gate.consumer.polls = [trouble, read(ORDERS, 5, 6)]
    assert await gate.poll() == []
    assert await gate.poll() == [[5, 6]]


@pytest.mark.parametrize("overtaken", ["revoke", "assign"])
async def test_a_poll_that_a_rebalance_has_overtaken_is_dropped(gate: Gate, overtaken: str) -> None:
    """The records may belong to a former assignment. All partitions are sought anew, from Postgres."""
    gate.consumer.assign()
    gate.consumer.at_hand = read(ORDERS, 5)
    gate.consumer.polls = [getattr(gate.consumer, overtaken), read(ORDERS, 6)]
    assert await gate.poll() == []
    gate.consumer.assign()
    gate.consumer.polls = [read(ORDERS, 5, 6)]
    assert await gate.poll() == [[5, 6]]
    assert gate.consumer.sought == [{ORDERS: 5}, {ORDERS: 5}]


async def test_to_begin_again_reads_the_positions_again(gate: Gate) -> None:
    """After a dropped batch the truth is in Postgres, not in memory."""
    gate.consumer.assign()
    gate.consumer.polls = [read(ORDERS, 5), read(ORDERS, 9)]
    await gate.poll()
    await written(gate, 9)
    gate.intake.begin_again()
    assert await gate.poll() == [[9]]
    assert gate.consumer.sought[-1] == {ORDERS: 9}

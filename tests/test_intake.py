"""The gate before the pipeline: positions from Postgres, no poll that a rebalance has overtaken, no gap unseen."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from uuid import UUID

import asyncpg
import pytest
import structlog

from worker import positions, postgres
from worker.batch import Partition, Record
from worker.intake import ENOUGH_BYTES, MORE_MS, POLL_MS, Fetched, Intake
from worker.kafka.consumer import Consumer, NotSoughtError, PositionGoneError, UnreadableError
from worker.kafka.logs import Logs
from worker.lag import Behind
from worker.positions import PositionsUnfitError

ORDERS = ("order", 0)
PAID = ("paid", 0)


@dataclass(frozen=True)
class Read:
    """A record of which only the place matters."""

    topic: str
    partition: int
    offset: int
    timestamp: int = 0
    key: bytes | None = None
    value: bytes | None = None


def read(partition: Partition, *offsets: int) -> dict[Partition, list[Read]]:
    return {partition: [Read(*partition, offset) for offset in offsets]}


class FakeConsumer(Consumer):
    """Hands out what the test has put in; rebalances when the test says so."""

    def __init__(self) -> None:
        self.assigned: set[Partition] = {ORDERS}
        self.at_hand: dict[Partition, list[Read]] = {}
        self.waits: list[int] = []
        self.polls: list[Mapping[Partition, Sequence[Read]] | Exception | Callable[[], None]] = []
        self.sought: list[Mapping[Partition, int]] = []
        self.reported: list[Mapping[Partition, int]] = []
        self.bad: set[Partition] = set()
        self.topics = {"order": UUID(int=1), "paid": UUID(int=2)}
        self.cluster = "here"
        self.is_away = False

    async def start(self, revoked: Callable[[], None], assigned: Callable[[], None]) -> None:
        self.revoke, self.assign = revoked, assigned

    def assignment(self) -> set[Partition]:
        return self.assigned

    def seek(self, positions: Mapping[Partition, int]) -> None:
        self.sought.append(dict(positions))

    async def poll(self, wait_ms: int) -> dict[Partition, Sequence[Record]]:
        self.waits.append(wait_ms)
        if not wait_ms:
            at_hand, self.at_hand = self.at_hand, {}
            return cast(dict[Partition, Sequence[Record]], at_hand)
        answer = self.polls.pop(0)
        if callable(answer):
            answer()
            await asyncio.sleep(0)  # for what it has started
            answer = self.polls.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return cast(dict[Partition, Sequence[Record]], answer)  # of a record only the place is looked at

    async def report(self, positions: Mapping[Partition, int]) -> None:
        self.reported.append(dict(positions))

    async def pause_unreadable(self) -> set[Partition]:
        return self.bad

    async def earliest(self, partitions: Collection[Partition]) -> dict[Partition, int]:
        return dict.fromkeys(partitions, 5)

    async def bounds(self, partition: Partition) -> tuple[int, int]:
        return 40, 60

    async def answers(self) -> bool:
        return not self.is_away

    async def logs(self) -> Logs:
        return Logs(self.cluster, self.topics)


@dataclass
class Gate:
    """An intake over a fake consumer and a real table of positions."""

    consumer: FakeConsumer
    intake: Intake
    pool: postgres.Pool

    async def poll(self) -> list[list[int]]:
        return [[record.offset for record in fetched.records] for fetched in await self.fetched()]

    async def rebalanced(self) -> None:
        self.consumer.revoke()
        self.consumer.assign()

    async def fetched(self) -> list[Fetched]:
        return await self.intake.poll(self.pool)


@pytest.fixture
async def gate(database_url: str) -> AsyncIterator[Gate]:
    consumer = FakeConsumer()
    intake = Intake(consumer, "a-group", max_batch=3)
    await intake.start()
    async with postgres.pool(database_url, application_name="test", size=2) as pool:
        yield Gate(consumer, intake, pool)


async def position(gate: Gate) -> dict[Partition, int]:
    async with gate.pool.acquire() as connection:
        found = await positions.read(connection, "a-group")
    return {partition: position.next_offset for partition, position in found.items()}


async def written(gate: Gate, next_offset: int) -> None:
    """As if the pipeline had written what lies before."""
    async with gate.pool.acquire() as connection:
        await connection.execute("update salesplan.position set next_offset = $1", next_offset)


async def test_nothing_is_read_before_the_group_has_assigned(gate: Gate) -> None:
    """Behind a closed gate the client is polled, since only so does it rejoin; what comes is dropped."""
    gate.consumer.polls = [read(ORDERS, 5), NotSoughtError()]
    assert await gate.poll() == []
    assert await gate.poll() == []
    assert gate.consumer.polls == []
    assert not gate.intake.joined


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
    gate.consumer.at_hand = {ORDERS: [Read(*ORDERS, 5, value=bytes(ENOUGH_BYTES))]}
    assert await gate.poll() == [[5]]


async def test_what_lies_at_hand_counts_as_behind_while_more_is_asked_for(gate: Gate) -> None:
    """The client has read it, and it is not written."""
    gate.consumer.assign()
    gate.consumer.at_hand = {ORDERS: [Read(*ORDERS, 5, timestamp=1000)]}
    seen = []

    async def look() -> dict[Partition, tuple[int, int]]:
        return {ORDERS: (6, 6)}

    gate.consumer.reached = look  # type: ignore[method-assign]
    gate.consumer.polls = [lambda: seen.append(asyncio.create_task(gate.intake.behind(2.0))), {}]
    await gate.fetched()
    assert await seen[0] == {ORDERS: Behind(1, 1.0)}


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
    """What it brought may be of a former assignment; all partitions are sought anew, from Postgres."""
    gate.consumer.assign()
    gate.consumer.at_hand = read(ORDERS, 5)
    gate.consumer.polls = [getattr(gate.consumer, overtaken), read(ORDERS, 6)]
    assert await gate.poll() == []
    gate.consumer.assign()
    gate.consumer.polls = [read(ORDERS, 5, 6)]
    assert await gate.poll() == [[5, 6]]
    assert gate.consumer.sought == [{ORDERS: 5}, {ORDERS: 5}]


async def test_distrust_reads_the_positions_again(gate: Gate) -> None:
    """After a dropped batch the truth is in Postgres, not in memory."""
    gate.consumer.assign()
    gate.consumer.polls = [read(ORDERS, 5), read(ORDERS, 9)]
    await gate.poll()
    await written(gate, 9)
    gate.intake.distrust()
    assert await gate.poll() == [[9]]
    assert gate.consumer.sought[-1] == {ORDERS: 9}


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


async def test_positions_are_reported_from_where_they_were_sought(gate: Gate) -> None:
    """Also those of partitions of which nothing came: whoever had them before may have written further than he told."""
    gate.consumer.assigned = {ORDERS, PAID}
    await gate.intake.report({})
    gate.consumer.assign()
    await gate.intake.report({})
    gate.consumer.polls = [read(ORDERS, 5, 6)]
    await gate.poll()
    await gate.intake.report({ORDERS: 7, ("paid", 1): 3})
    gate.consumer.revoke()
    await gate.intake.report({ORDERS: 7})
    assert gate.consumer.reported == [{ORDERS: 7, PAID: 5}]


async def test_a_partition_that_was_never_sought_is_sought(gate: Gate) -> None:
    """The client polled before it was told where to start."""
    gate.consumer.assign()
    gate.consumer.polls = [NotSoughtError(), read(ORDERS, 5)]
    assert await gate.poll() == []
    assert await gate.poll() == [[5]]
    assert len(gate.consumer.sought) == 2


async def test_an_unreadable_partition_stops_alone(gate: Gate) -> None:
    """The others are sought anew and go on; that one had to be stopped is told."""
    gate.consumer.assigned = {ORDERS, PAID}
    gate.consumer.bad = {PAID}
    gate.consumer.assign()
    gate.consumer.polls = [UnreadableError("UnicodeDecodeError"), read(ORDERS, 5)]
    assert await gate.poll() == []
    assert not gate.intake.readable
    assert await gate.poll() == [[5]]
    assert gate.consumer.sought[-1] == {ORDERS: 5, PAID: 5}


async def test_a_position_that_the_log_does_not_hold_is_refused(gate: Gate) -> None:
    """Whoever reads the message knows what is there, and what to do."""
    gate.consumer.assign()
    gate.consumer.polls = [PositionGoneError(ORDERS, 5)]
    with pytest.raises(PositionsUnfitError) as refused:
        await gate.poll()
    assert refused.value.faults == [
        "order[0]: the position is 5, the log holds 40 to 60: 35 offsets were deleted unread. `salesplan offsets reset "
        "--topic order --to earliest --execute` goes on without them, `--to latest` also skips what is there"
    ]


async def test_a_position_ahead_of_the_log_is_refused(gate: Gate) -> None:
    """The log was cut: what was read of it is not what will be there."""
    async with gate.pool.acquire() as connection:
        await positions.start(connection, "a-group", {ORDERS: 70})
    gate.consumer.assign()
    gate.consumer.polls = [PositionGoneError(ORDERS, 70)]
    with pytest.raises(PositionsUnfitError) as refused:
        await gate.poll()
    assert refused.value.faults == [
        "order[0]: the position is 70, the log holds 40 to 60: what was read after 60 is no longer in it. `salesplan "
        "offsets reset --topic order --to latest --execute` goes on with what comes, `--to earliest` reads all again "
        "(a lead that has its manager stays with him)"
    ]


async def test_where_the_client_stood_before_it_was_sought_is_not_refused(gate: Gate) -> None:
    """It begins where the group last told Kafka, and keeps the error beyond the seek: all are sought anew."""
    gate.consumer.assign()
    gate.consumer.polls = [PositionGoneError(ORDERS, 777), read(ORDERS, 5)]
    assert await gate.poll() == []
    assert await gate.poll() == [[5]]


async def test_positions_of_a_release_that_kept_no_ids_get_them(gate: Gate) -> None:
    """Also those of partitions that other workers hold; from then on they are compared."""
    async with gate.pool.acquire() as connection:
        await positions.start(connection, "a-group", {ORDERS: 5, PAID: 5})
    gate.consumer.assign()
    gate.consumer.polls = [{}]
    await gate.poll()
    async with gate.pool.acquire() as connection:
        kept = await positions.read(connection, "a-group")
    assert {partition: (p.cluster_id, p.topic_id) for partition, p in kept.items()} == {
        ORDERS: ("here", UUID(int=1)),
        PAID: ("here", UUID(int=2)),
    }


@pytest.mark.parametrize(("cluster", "order", "word"), [("there", 1, "another cluster"), ("here", 3, "made anew")])
async def test_another_log_is_refused_before_it_is_sought(gate: Gate, cluster: str, order: int, word: str) -> None:
    """Offsets of one log say nothing of another's."""
    gate.consumer.assign()
    gate.consumer.polls = [{}, {}]
    await gate.poll()
    gate.consumer.cluster, gate.consumer.topics = cluster, {"order": UUID(int=order), "paid": UUID(int=2)}
    assert await gate.poll() == []
    gate.intake.distrust()
    with pytest.raises(PositionsUnfitError, match=word):
        await gate.poll()
    assert len(gate.consumer.sought) == 1


async def test_a_topic_made_anew_is_noticed_while_it_is_read(gate: Gate) -> None:
    """Nothing need be sought for that."""
    gate.consumer.assign()
    gate.consumer.polls = [{}]
    await gate.poll()
    await gate.intake.check_logs()
    gate.consumer.topics = {"order": UUID(int=3), "paid": UUID(int=2)}
    with pytest.raises(PositionsUnfitError, match="order: the topic was made anew"):
        await gate.intake.check_logs()


async def test_kafka_that_does_not_answer_is_noticed_while_nothing_comes(gate: Gate) -> None:
    """A client with nothing to send waits for brokers that are away, and says nothing."""
    gate.consumer.assign()
    gate.consumer.polls = [{}]
    await gate.poll()
    for again in (gate.intake.ask, gate.rebalanced):
        gate.consumer.is_away = True
        await gate.intake.ask()
        assert not gate.intake.joined
        gate.consumer.is_away = False
        await again()
        assert gate.intake.joined


async def test_trouble_of_the_client_breaks_the_intake(gate: Gate) -> None:
    """It is reported, and whoever runs the intake makes a new consumer."""
    gate.consumer.assign()
    gate.consumer.polls = [ConnectionError()]
    with pytest.raises(ConnectionError):
        await gate.poll()
    assert gate.intake.broken


async def test_trouble_of_postgres_does_not(gate: Gate) -> None:
    """The consumer stays in its group while the database is away."""
    gate.consumer.assign()
    await gate.pool.close()
    with pytest.raises(asyncpg.InterfaceError):
        await gate.poll()
    assert not gate.intake.broken

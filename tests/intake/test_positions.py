"""The gate before the pipeline: positions from Postgres, those that do not fit, and servers in trouble."""

from uuid import UUID

import pytest

from tests.intake.gate import ORDERS, PAID, Gate, read, written
from worker import postgres
from worker.intake import positions, truncation
from worker.intake.positions import PositionsUnfitError
from worker.kafka import RefusalError
from worker.kafka.consumer import NotSoughtError, PositionGoneError, UnreadableError
from worker.kafka.leader_epochs import Leader


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
    assert not gate.intake.is_readable
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
    gate.intake.begin_again()
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
    for again in (gate.intake.ask_kafka, gate.rebalanced):
        gate.consumer.is_away = True
        await gate.intake.ask_kafka()
        assert not gate.intake.has_joined
        gate.consumer.is_away = False
        await again()
        assert gate.intake.has_joined


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
    with pytest.raises(postgres.ConnectionEndedError):
        await gate.poll()
    assert not gate.intake.broken


async def test_records_of_a_later_leader_are_dropped_until_it_has_been_asked(gate: Gate) -> None:
    """They may lie behind others that nobody has read."""
    gate.consumer.leaders = {ORDERS: Leader(1, 4)}
    gate.consumer.epochs = {ORDERS: 4}
    gate.consumer.assign()
    gate.consumer.polls = [read(ORDERS, 5, 6), read(ORDERS, 9)]
    assert await gate.poll() == [[5, 6]]
    await written(gate, 7)
    await keep_up(gate)
    gate.consumer.leaders = {ORDERS: Leader(2, 6)}
    gate.consumer.epochs = {ORDERS: 6}
    gate.consumer.epoch_ends = {ORDERS: 6}
    assert await gate.poll() == []
    with pytest.raises(PositionsUnfitError) as refused:
        await gate.poll()
    assert gate.consumer.asked[-1] == {ORDERS: 4}
    assert refused.value.faults == [
        "order[0]: the log was cut at 6 and written on; the position is 7, and between them lie other records now, "
        "which nobody has read. `salesplan offsets reset --topic order --to earliest --execute` reads all again (a "
        "lead that has its manager stays with him), `--to TIME` what came since then"
    ]


async def test_a_leader_that_has_all_that_was_read_is_read_on(gate: Gate) -> None:
    """And is the one that the position counts with from then on."""
    gate.consumer.leaders = {ORDERS: Leader(1, 4)}
    gate.consumer.assign()
    gate.consumer.polls = [{}, read(ORDERS, 5), read(ORDERS, 5)]
    await gate.poll()
    gate.consumer.leaders, gate.consumer.epochs = {ORDERS: Leader(2, 6)}, {ORDERS: 6}
    gate.consumer.epoch_ends = {ORDERS: 5}
    assert await gate.poll() == []
    assert await gate.poll() == [[5]]
    assert await epoch(gate) == 6


async def test_a_position_that_the_release_before_has_moved_is_compared_with_nothing(gate: Gate) -> None:
    """It keeps no epoch: what is kept is of records further back."""
    gate.consumer.leaders = {ORDERS: Leader(1, 4)}
    gate.consumer.assign()
    gate.consumer.polls = [{}, {}]
    await gate.poll()
    await written(gate, 50)
    gate.consumer.leaders, gate.consumer.epoch_ends = {ORDERS: Leader(2, 6)}, {ORDERS: 40}
    await gate.rebalanced()
    await gate.poll()
    assert gate.consumer.asked[-1] == {}
    assert await epoch(gate) == 6


async def test_a_leader_that_does_not_answer_holds_up_nobody_and_is_asked_later(gate: Gate) -> None:
    """Its partition is read in the epoch that is known, and no further."""
    gate.consumer.leaders = {ORDERS: Leader(1, 4)}
    gate.consumer.assign()
    gate.consumer.polls = [{}, read(ORDERS, 5), read(ORDERS, 6)]
    await gate.poll()
    gate.consumer.leaders, gate.consumer.epochs = {ORDERS: Leader(2, 6)}, {ORDERS: 4}
    await gate.rebalanced()
    assert await gate.poll() == [[5]]
    gate.consumer.epochs = {ORDERS: 6}
    assert await gate.poll() == []
    assert await epoch(gate) == 4


async def test_epochs_that_went_back_let_nobody_read_on(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    """Brokers that were restored from an older copy, unless it is one that is only behind."""
    monkeypatch.setattr(truncation, "PAUSE", 0.001)
    gate.consumer.leaders = {ORDERS: Leader(1, 4)}
    gate.consumer.assign()
    gate.consumer.polls = [{}]
    await gate.poll()
    gate.consumer.leaders = {ORDERS: Leader(1, 3)}
    await gate.rebalanced()
    with pytest.raises(RefusalError, match=r"leader epochs went back, order\[0\] from 4 to 3: .* --topic order --to"):
        await gate.poll()


async def keep_up(gate: Gate) -> None:
    """Set the epochs as if this release had moved the positions."""
    async with gate.pool.acquire() as connection:
        await connection.execute("update salesplan.position set epoch_offset = next_offset")


async def epoch(gate: Gate) -> int | None:
    async with gate.pool.acquire() as connection:
        return (await positions.read(connection, "a-group"))[ORDERS].epoch

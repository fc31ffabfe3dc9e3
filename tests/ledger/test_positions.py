"""The position of each input, and the outcomes of its records."""

import dataclasses

from db import query
from tests.support.make import ARecord, contact, lead, plan, poison
from tests.support.office import GROUP, Office
from worker.ledger.answer import PositionsMoved
from worker.rules.batch import Batch, Fetched, Wake
from worker.rules.event import Event

COLUMNS = (
    "first_offset, next_offset, skipped, assigned, waiting, already_assigned, no_match, contact_recorded, dead_lettered"
)
Row = tuple[int, ...]


async def positions(office: Office) -> dict[tuple[str, int], Row]:
    rows = await office.rows(f"select topic, partition, {COLUMNS} from salesplan.position")  # noqa: S608
    return {(topic, partition): tuple(counts) for topic, partition, *counts in rows}


def batch(expected: dict[tuple[str, int], int], *arrived: tuple[str, int, int, Event]) -> Batch:
    """Records at these topics, partitions and offsets."""
    records = [ARecord(topic, partition, offset) for topic, partition, offset, _ in arrived]
    return Batch(Fetched(records, expected), [event for *_, event in arrived])


async def test_outcomes_are_counted_per_topic_and_partition(office: Office) -> None:
    """Under the topic's own name, which need not be the trigger's."""
    await office.edit(plan("alpha", "anna"), plan("empty"))
    expected = {("sub", 0): 10, ("sub", 1): 0, ("talk", 1): 7}
    arrived = batch(
        expected,
        ("sub", 0, 10, lead("lead-1", "alpha")),
        ("sub", 1, 0, lead("lead-1", "alpha")),
        ("sub", 0, 11, lead("lead-2", "alpha")),
        ("talk", 1, 7, contact("lead-1", "anna")),
        ("sub", 0, 12, lead("lead-2", "empty")),
        ("talk", 1, 8, poison()),
        ("sub", 1, 1, lead("lead-2", "nowhere")),
    )
    await office.put(await office.start(arrived))
    assert await positions(office) == {
        ("sub", 0): (10, 13, 0, 2, 1, 0, 0, 0, 0),
        ("sub", 1): (0, 2, 0, 0, 0, 1, 1, 0, 0),
        ("talk", 1): (7, 9, 0, 0, 0, 0, 0, 1, 1),
    }


async def test_offsets_that_hold_no_record_are_recorded(office: Office) -> None:
    """Two before the first record of the batch and one between, then none."""
    await office.edit(plan("alpha", "anna"))
    gaps = batch({("sub", 0): 0}, ("sub", 0, 2, lead("lead-1", "alpha")), ("sub", 0, 4, lead("lead-2", "alpha")))
    await office.put(await office.start(gaps))
    await office.put(batch({("sub", 0): 5}, ("sub", 0, 5, lead("lead-3", "alpha"))))
    assert await positions(office) == {("sub", 0): (0, 6, 3, 3, 0, 0, 0, 0, 0)}


async def test_halves_are_counted_like_the_whole(office: Office) -> None:
    """Down to single records, with the gaps where they are."""
    await office.edit(plan("alpha", "anna"))
    arrived = [("sub", 0, offset, lead(f"lead-{offset // 3}", "alpha")) for offset in (1, 2, 4, 5, 8)]
    await office.write_halved(await office.start(batch({("sub", 0): 0}, *arrived)), 3)
    assert await positions(office) == {("sub", 0): (0, 9, 4, 3, 0, 2, 0, 0, 0)}


async def test_a_wake_up_moves_nothing(office: Office) -> None:
    """It brings no record."""
    await office.edit(plan("alpha", "anna"))
    await office.refresh()
    written = await office.put(Wake([office.plan("alpha").plan_no]))
    assert (written.outcomes, written.moves, written.sequence) == ({}, (), None)
    assert await positions(office) == {}


async def test_a_batch_from_before_a_reset_is_not_written_at_the_same_offset(office: Office) -> None:
    """It may be of a topic that was made anew since: its records are others."""
    await office.edit(plan("alpha", "anna"))
    await office.refresh()
    in_hand = await office.start(batch({("sub", 0): 0}, ("sub", 0, 0, lead("lead-1", "alpha"))))
    place = (["sub"], [0])
    await office.connection.execute(query("positions/end_readings"), GROUP, *place, "boris", "earliest")
    await office.connection.execute(query("positions/begin_readings"), GROUP, *place, [0], "a-cluster", [None])
    assert await office.attempt(in_hand) == PositionsMoved()
    await office.put(Batch(dataclasses.replace(in_hand.fetched, reading=2), in_hand.events))
    assert await positions(office) == {("sub", 0): (0, 1, 0, 1, 0, 0, 0, 0, 0)}
    assert await office.rows("select reading, next_offset, reset_to, ended_by from salesplan.position_past") == [
        (1, 0, "earliest", "boris")
    ]
    # A partition that goes and comes back begins a reading of its own, too.
    await office.connection.execute(query("positions/end_readings"), GROUP, *place, "boris", "latest")
    await office.start(in_hand)
    assert await office.rows("select reading from salesplan.position") == [(3,)]

"""Partitions in which nobody reads on: from when, by whose fault, and what is none."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from worker.cluster.attendance import STILL_SECONDS, Attendance, Span, Spans
from worker.kafka.group.members import KIND, SETTLED, ConsumerGroup, Member
from worker.log.reminders import FIRST, Schedule
from worker.records.record import Partition

INPUTS = ("order", "paid")
ORDERS, PAID = ("order", 0), ("paid", 0)
LOOK = 10.0


class Room:
    """Looks every ten seconds of a clock that takes no time; some partitions hold markers of transactions alone."""

    def __init__(self) -> None:
        self.now = 0.0
        self.markers: set[Partition] = set()
        self.probed: list[Partition] = []
        self.attendance = Attendance(INPUTS, lambda: self.now)

    async def look(self, unread: Spans, group: ConsumerGroup) -> Mapping[Partition, float]:
        self.now += LOOK
        found = await self.attendance.look(unread, group, self._probe)
        return {each.partition: each.seconds for each in found}

    async def _probe(self, spans: Spans) -> set[Partition]:
        self.probed += spans
        return set(spans) - self.markers


def member(name: str, *partitions: Partition, topics: tuple[str, ...] = INPUTS, marked: bool = True) -> Member:
    return Member(name, name, "10.0.0.7", frozenset(topics), frozenset(partitions), marked)


def group(*members: Member, state: str = SETTLED) -> ConsumerGroup:
    return ConsumerGroup(state, KIND, "range", members)


OURS = group(member("a", ORDERS, PAID))
THEIRS = group(member("a", PAID), member("b", ORDERS, topics=("order",), marked=False))
REBALANCE = group(state="PreparingRebalance")


async def test_what_is_worked_off_is_attended() -> None:
    """However much lies behind the position, as long as it moves."""
    room = Room()
    for position in range(20):
        assert await room.look({ORDERS: Span(position, 1000)}, OURS) == {}
    assert room.attendance.lag({ORDERS: Span(19, 1000)}) == {"order": 981, "paid": 0}
    assert room.probed == []


async def test_a_position_that_stands_still_is_told_after_half_a_minute() -> None:
    """Whoever holds the partition; one that reads on again is forgotten."""
    room, unread = Room(), {ORDERS: Span(5, 9)}
    seen = [await room.look(unread, OURS) for _ in range(5)]
    assert seen == [{}, {}, {}, {ORDERS: STILL_SECONDS}, {ORDERS: STILL_SECONDS + LOOK}]
    assert await room.look({ORDERS: Span(6, 9)}, OURS) == {}


async def test_a_stranger_is_told_at_once_and_stays_one_while_the_group_is_rebalanced() -> None:
    """Records need not wait: those that come would be lost from sight."""
    room = Room()
    assert await room.look({}, THEIRS) == {ORDERS: 0}
    assert await room.look({}, REBALANCE) == {ORDERS: LOOK}
    assert await room.look({ORDERS: Span(0, 3)}, THEIRS) == {ORDERS: 2 * LOOK}
    assert await room.look({}, OURS) == {}


async def test_markers_of_transactions_are_nothing_to_read() -> None:
    """The end of a log that a transaction wrote lies behind its last record; who looks asks once."""
    room, unread = Room(), {PAID: Span(7, 8)}
    room.markers.add(PAID)
    for _ in range(6):
        assert await room.look(unread, OURS) == {}
    assert room.probed == [PAID]
    assert room.attendance.lag(unread) == {"order": 0, "paid": 0}
    assert room.attendance.lag({PAID: Span(7, 12)}) == {"order": 0, "paid": 5}


@pytest.mark.parametrize(
    ("topics", "marked", "is_stranger"),
    [
        (INPUTS, True, False),
        (INPUTS, False, False),  # of the release before
        (("order",), False, True),
        ((*INPUTS, "more"), False, True),
        ((), False, True),  # of a group of another kind
    ],
)
def test_who_is_certainly_no_worker(topics: tuple[str, ...], marked: bool, is_stranger: bool) -> None:
    assert member("x", topics=topics, marked=marked).is_stranger(INPUTS) is is_stranger


def test_what_lasts_is_told_again_after_growing_intervals() -> None:
    """And what is over begins anew."""
    now = 0.0
    reminders = Schedule[str](lambda: now)
    told = []
    for second in range(int(8 * FIRST)):
        now = float(second)
        if reminders.due(["a"]):
            told.append(second)
    assert told == [0, FIRST, 3 * FIRST, 7 * FIRST]
    assert reminders.over([]) == ["a"]
    assert reminders.over([]) == []
    assert reminders.due(["a"]) == ["a"]

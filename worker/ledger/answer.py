"""The answers of the ledger's transaction, as values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from worker.records.message import Message
from worker.rules.decide import Assignment, Outcome
from worker.rules.plan import Plan


class PositionMove(NamedTuple):
    """A row of move_positions.sql: a partition's old and new position, and its records by outcome."""

    topic: str
    partition: int
    expected: int
    next_offset: int
    skipped: int
    assigned: int
    waiting: int
    already_assigned: int
    no_match: int
    contact_recorded: int
    dead_lettered: int

    @property
    def counts(self) -> tuple[int, ...]:
        """The records by outcome, in the order of COUNTED."""
        return (
            self.assigned,
            self.waiting,
            self.already_assigned,
            self.no_match,
            self.contact_recorded,
            self.dead_lettered,
        )


@dataclass(frozen=True, slots=True)
class Written:
    """The batch is committed. ``sequence`` is that of its outbox row, None where there is nothing to publish.

    ``leads_by_plan`` is the number of leads that each plan assigned. ``lock_wait`` is in seconds.
    """

    outcomes: Counter[Outcome]
    sequence: int | None
    messages: Sequence[Message]
    assignments: Sequence[Assignment]
    leads_by_plan: Sequence[tuple[Plan, int]]
    moves: Sequence[PositionMove]
    lock_wait: float


@dataclass(frozen=True, slots=True)
class BookChanged:
    """The batch is rolled back: the plans in the database are newer than those that the batch was matched against."""


@dataclass(frozen=True, slots=True)
class PositionsMoved:
    """The batch is rolled back: another worker has written records of it, or will.

    This worker must read the positions again.
    """


@dataclass(frozen=True, slots=True)
class SlotLost:
    """The batch is rolled back: the slot has a new owner, and the slot's rows belong to that owner.

    This worker must lease another slot.
    """


Answer = Written | BookChanged | PositionsMoved | SlotLost


class Rollback(Exception):  # noqa: N818 -- no error: it leaves the transaction's block without a commit
    def __init__(self, answer: BookChanged | PositionsMoved | SlotLost) -> None:
        self.answer = answer

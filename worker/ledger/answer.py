"""What the transaction answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from worker.records.message import Message
from worker.rules.decide import Assignment, Outcome
from worker.rules.plan import Plan


class Moved(NamedTuple):
    """A row of move_positions.sql: a partition's step, and how many records became what, as COUNTED names them."""

    topic: str
    partition: int
    expected: int
    following: int
    skipped: int
    assigned: int
    waiting: int
    already_assigned: int
    no_match: int
    contact_recorded: int
    dead_lettered: int

    @property
    def counts(self) -> tuple[int, ...]:
        """In the order of COUNTED."""
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
    """The batch is committed; ``sequence`` is its outbox row, None where there is nothing to publish.

    ``given`` says how many leads each plan gave away, ``lock_wait`` is in seconds.
    """

    outcomes: Counter[Outcome]
    sequence: int | None
    messages: Sequence[Message]
    assignments: Sequence[Assignment]
    given: Sequence[tuple[Plan, int]]
    moved: Sequence[Moved]
    lock_wait: float


@dataclass(frozen=True, slots=True)
class BookChanged:
    """Undone: the plans in force are newer than those the batch was matched against."""


@dataclass(frozen=True, slots=True)
class PositionsMoved:
    """Undone: somebody else has written records of this batch, or is about to. Read the positions again."""


@dataclass(frozen=True, slots=True)
class SlotLost:
    """Undone: the slot has a new owner. Everything this worker holds is his now; lease anew."""


Answer = Written | BookChanged | PositionsMoved | SlotLost


class Undone(Exception):  # noqa: N818 -- not an error: how a transaction is left without being committed
    def __init__(self, answer: BookChanged | PositionsMoved | SlotLost) -> None:
        self.answer = answer

"""The checker's report: figures, notes and violations."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken invariant: its fault in words, the number of records, and some of them. It never has a payload."""

    invariant: str
    message: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The checker's report. Its figures come from the snapshot, and are the columns of `verify/numbers.sql`.

    ``events`` is the sum of the outcomes. ``skipped`` counts offsets without a record, ``lag`` the offsets that the
    group has still to read. ``duplicates`` counts messages that a read_committed reader sees again. ``max_spread`` is
    the largest difference in leads between managers of an even plan whose managers never changed. ``notes`` are about
    records that could not be checked.
    """

    events: int
    assigned: int
    waiting: int
    already_assigned: int
    no_match: int
    contact_recorded: int
    dead_lettered: int
    skipped: int
    assignments: int
    published: int
    pending: int
    lag: int
    duplicates: int
    max_spread: int
    notes: tuple[str, ...]
    violations: tuple[Violation, ...]

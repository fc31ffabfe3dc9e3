"""What the checker found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken invariant: what is wrong, how often, and some of the records concerned. Never a payload."""

    invariant: str
    message: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The checker's report; its figures are the columns of `verify/numbers.sql`, by the snapshot.

    ``events`` is the sum of the outcomes, ``skipped`` are offsets that held no record, ``lag`` is what the group has
    still to read. ``duplicates`` are messages that a read_committed reader sees again, ``max_spread`` the largest
    difference between managers of an even plan whose managers never changed. ``notes`` say what could not be checked.
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

"""Counter rows as this worker last wrote them, so that what nobody has changed since need not be read again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from worker.decide import Shares

# The transaction that wrote a counter row, by which Postgres tells whether anybody has since; and what the row holds.
Remembered = tuple[int, Shares]


class Memory:
    """Of the plans of one book; a change of plans is rare, and everything is forgotten at it.

    What is taken is gone, and comes back when the transaction that may have changed it is committed.
    """

    def __init__(self) -> None:
        self._revision = 0
        self._rows: dict[int, Remembered] = {}

    def take(self, plan_nos: Iterable[int], revision: int) -> dict[int, Remembered]:
        """The rows of these plans that are known, for a batch that is decided by the book of this revision."""
        if revision != self._revision:
            self._revision, self._rows = revision, {}
        return {plan_no: row for plan_no in plan_nos if (row := self._rows.pop(plan_no, None))}

    def keep(self, rows: Mapping[int, Remembered]) -> None:
        """Rows as a committed transaction left them."""
        self._rows |= rows

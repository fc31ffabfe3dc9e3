"""The counter rows of plans: locked, written back, and remembered as long as nobody else writes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import NamedTuple

from db import query
from worker import postgres
from worker.ledger.rows import Row, int_array
from worker.rules.decide import Desk, Shares
from worker.rules.plan import Plan

LOCK_COUNTERS = query("batch/lock_counters")
MOVE_COUNTERS = query("batch/move_counters")


class Locked(NamedTuple):
    """A counter row as it was locked: its place in the table (ctid), who wrote it (xmin), how many leads wait."""

    place: tuple[int, int]
    writer: int
    waiting: int


class Remembered(NamedTuple):
    """What a counter row held when ``writer`` had written it."""

    writer: int
    shares: Shares


class CounterRows:
    """Over one connection.

    What is locked is forgotten, since the batch changes what was known of it, until ``keep`` says that it is committed.
    """

    def __init__(self, connection: postgres.Connection) -> None:
        self._db = connection
        self._remembered: dict[int, Remembered] = {}

    async def lock(self, plans: Mapping[int, Plan]) -> tuple[dict[int, Desk], dict[int, Locked]]:
        """The plans' desks, and the rows that they were made of."""
        if not plans:
            return {}, {}
        remembered = {plan_no: self._take(plan) for plan_no, plan in sorted(plans.items())}
        writers = [row.writer if row else None for row in remembered.values()]
        desks, locked = {}, {}
        for row in await self._db.fetch(LOCK_COUNTERS, [*remembered], writers):
            plan_no, last_seq, waiting, assigned, last_seqs, place, writer = row
            known = remembered[plan_no] if assigned is None else None
            shares = known.shares if known else Shares(plans[plan_no], last_seq, assigned, last_seqs)
            desks[plan_no] = Desk(plans[plan_no], shares)
            locked[plan_no] = Locked(place, writer, waiting)
        return desks, locked

    def _take(self, plan: Plan) -> Remembered | None:
        row = self._remembered.pop(plan.plan_no, None)
        return row if row and row.shares.plan is plan else None  # another version of it has others who take leads

    async def move(
        self,
        desks: Mapping[int, Desk],
        locked: Mapping[int, Locked],
        queued: Counter[int],
        changed: Collection[int],
        writer: int,
    ) -> dict[int, Remembered]:
        """Write the rows of ``changed`` plans, of which so many more leads are queued; returns all that were locked."""
        if changed:
            rows = [_row(desks[plan_no], locked[plan_no], queued[plan_no]) for plan_no in sorted(changed)]
            moved = await self._db.execute(MOVE_COUNTERS, *zip(*rows, strict=True))
            if moved != f"UPDATE {len(rows)}":
                raise RuntimeError(f"{len(rows)} counter rows were locked, and {moved!r} of them found again")
        return {
            plan_no: Remembered(writer if plan_no in changed else locked[plan_no].writer, desk.shares)
            for plan_no, desk in desks.items()
        }

    def keep(self, rows: Mapping[int, Remembered]) -> None:
        """Remember what ``move`` has returned: its transaction is committed."""
        self._remembered |= rows


def _row(desk: Desk, locked: Locked, queued: int) -> Row:
    """As move_counters.sql takes it."""
    shares, waiting = desk.shares, locked.waiting + queued - desk.drained
    return (locked.place, shares.last_seq, waiting, int_array(shares.assigned), int_array(shares.last_seqs))

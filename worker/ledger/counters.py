"""The counter rows of plans: locked, and written back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import NamedTuple

from db import query
from worker import postgres
from worker.ledger.arrays import int_array
from worker.rules.decide import Desk, Shares
from worker.rules.plan import Plan

LOCK_COUNTERS = query("lock_counters")
MOVE_COUNTERS = query("move_counters")


class Locked(NamedTuple):
    """A counter row as it was locked: its place in the table (ctid), and how many leads wait."""

    place: tuple[int, int]
    waiting: int


async def lock(connection: postgres.Connection, plans: Mapping[int, Plan]) -> tuple[dict[int, Desk], dict[int, Locked]]:
    """The plans' desks, and the rows that they were made of."""
    desks: dict[int, Desk] = {}
    locked: dict[int, Locked] = {}
    if plans:
        for row in await connection.fetch(LOCK_COUNTERS, sorted(plans)):
            plan_no, place, last_seq, waiting, assigned, last_seqs = row
            desks[plan_no] = Desk(plans[plan_no], Shares(plans[plan_no], last_seq, assigned, last_seqs))
            locked[plan_no] = Locked(place, waiting)
    return desks, locked


async def move(
    connection: postgres.Connection,
    desks: Mapping[int, Desk],
    locked: Mapping[int, Locked],
    queued: Counter[int],
    changed: Collection[int],
) -> None:
    """Write the rows of ``changed`` plans, of which so many more leads are queued."""
    if changed:
        rows = [_row(desks[plan_no], locked[plan_no], queued[plan_no]) for plan_no in sorted(changed)]
        moved = await connection.execute(MOVE_COUNTERS, *zip(*rows, strict=True))
        if moved != f"UPDATE {len(rows)}":
            raise RuntimeError(f"{len(rows)} counter rows were locked, and {moved!r} of them found again")


def _row(desk: Desk, locked: Locked, queued: int) -> tuple[object, ...]:
    """As move_counters.sql takes it."""
    shares, waiting = desk.shares, locked.waiting + queued - desk.drained
    return (locked.place, shares.last_seq, waiting, int_array(shares.assigned), int_array(shares.last_seqs))

"""Locks the counter rows of plans, and writes them back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from db import query
from worker import postgres
from worker.ledger.arrays import int_array
from worker.rules.facts import Counters
from worker.rules.ids import PlanNo

LOCK_COUNTERS = query("batch/lock_counters")
MOVE_COUNTERS = query("batch/move_counters")

Ctid = tuple[int, int]  # a row's position in its table; it can't change while the row is locked


class LockedCounters(NamedTuple):
    """Locked counter rows, by plan number."""

    counters: Mapping[PlanNo, Counters]
    ctids: Mapping[PlanNo, Ctid]


async def lock(connection: postgres.Connection, plans: Collection[PlanNo]) -> LockedCounters:
    """Lock the rows of these plans. All transactions lock in ascending order, so none can deadlock."""
    rows = await connection.fetch(LOCK_COUNTERS, sorted(plans)) if plans else []
    counters: dict[PlanNo, Counters] = {}
    ctids: dict[PlanNo, Ctid] = {}
    for plan_no, ctid, last_seq, waiting, assigned, last_seqs in rows:
        counters[plan_no] = Counters(last_seq, waiting, assigned, last_seqs)
        ctids[plan_no] = ctid
    return LockedCounters(counters, ctids)


async def write(connection: postgres.Connection, counters: Mapping[PlanNo, Counters], locked: LockedCounters) -> None:
    """Overwrite the locked rows with new counters. Raises RuntimeError where a row is not there any more."""
    if counters:
        rows = [
            (locked.ctids[plan_no], row.last_seq, row.waiting, int_array(row.assigned), int_array(row.last_seqs))
            for plan_no, row in sorted(counters.items())
        ]
        done = await connection.execute(MOVE_COUNTERS, *zip(*rows, strict=True))
        if done != f"UPDATE {len(rows)}":
            raise RuntimeError(f"{len(rows)} counter rows were locked, but the database answered {done!r}")

"""Deletes rows that are older than the settings keep them. Each step is a short transaction over some keys.

The ledger is never pruned: an assignment is what keeps its lead from being assigned again (db/README.md).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final, NamedTuple

from db import query
from worker import postgres
from worker.settings import Retention

BEFORE = query("prune/before")

STEP: Final = 500  # keys that one transaction looks at
PAUSE: Final = 0.05  # seconds between two steps, for other programs
COUNT_TIMEOUT: Final = 600.0  # seconds


class Table(NamedTuple):
    """A table that can be pruned. ``first`` sorts before every key of the table."""

    name: str
    step: str
    count_old: str
    first: tuple[int | str, ...]


UNMATCHED = Table("unmatched", query("prune/unmatched"), query("prune/count_unmatched"), (-1, "", "", ""))
CONTACT = Table("contact", query("prune/contact"), query("prune/count_contact"), ("", "", ""))


def retention_days(retention: Retention) -> dict[Table, int]:
    """The tables to prune, each with the number of days for which its rows are kept."""
    days = {UNMATCHED: retention.unmatched_days, CONTACT: retention.contact_days}
    return {table: number for table, number in days.items() if number}


async def cutoff(connection: postgres.Connection, days: int) -> datetime:
    """The time ``days`` ago, by the clock of Postgres. Pruning deletes older rows."""
    before: datetime = await connection.fetchval(BEFORE, days)
    return before


async def count(connection: postgres.Connection, table: Table, before: datetime) -> int:
    """The number of rows that pruning would delete."""
    rows: int = await connection.fetchval(table.count_old, before, timeout=COUNT_TIMEOUT)
    return rows


async def prune(connection: postgres.Connection, table: Table, before: datetime) -> AsyncIterator[int]:
    """Walks the table once by its key. Yields the number of rows that each step deleted.

    It never waits for a batch: rows that a batch has locked stay until the next run. Raises one of
    ``postgres.TROUBLE``; the steps before the error stay committed.
    """
    key = table.first
    while row := await connection.fetchrow(table.step, before, *key, STEP):
        *key_found, deleted = row
        key = tuple(key_found)
        yield deleted
        await asyncio.sleep(PAUSE)

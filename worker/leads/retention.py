"""What is forgotten in time: some keys at a time, each step a short transaction of its own.

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

STEP: Final = 500  # keys looked at in one transaction
PAUSE: Final = 0.05  # seconds in between: others have their turn
COUNT_TIMEOUT: Final = 600.0


class Table(NamedTuple):
    """What can be pruned; ``first`` is a key before all others."""

    name: str
    step: str
    count_old: str
    first: tuple[int | str, ...]


UNMATCHED = Table("unmatched", query("prune/unmatched"), query("prune/count_unmatched"), (-1, "", "", ""))
CONTACT = Table("contact", query("prune/contact"), query("prune/count_contact"), ("", "", ""))


def kept_days(retention: Retention) -> dict[Table, int]:
    """For how many days the tables are kept that are to be pruned."""
    days = {UNMATCHED: retention.unmatched_days, CONTACT: retention.contact_days}
    return {table: kept for table, kept in days.items() if kept}


async def horizon(connection: postgres.Connection, days: int) -> datetime:
    """What is older goes."""
    before: datetime = await connection.fetchval(BEFORE, days)
    return before


async def count(connection: postgres.Connection, table: Table, before: datetime) -> int:
    """How many rows would go."""
    rows: int = await connection.fetchval(table.count_old, before, timeout=COUNT_TIMEOUT)
    return rows


async def prune(connection: postgres.Connection, table: Table, before: datetime) -> AsyncIterator[int]:
    """Walk the table once by its key; yields how many rows have gone with each step.

    Never waits for a batch: rows that one holds stay until the next time. Raises one of ``postgres.TROUBLE``; what is
    gone by then is noted.
    """
    key = table.first
    while row := await connection.fetchrow(table.step, before, *key, STEP):
        *key_found, gone = row
        key = tuple(key_found)
        yield gone
        await asyncio.sleep(PAUSE)

"""Erases a lead: deletes its personal data and keeps the counts right.

Its assignments stay under a random name that leads back to nobody, so numbers, counters and decisions stay as they
were. Its contacts and its waiting rows are deleted. A lead that comes back under the old id is a new lead.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from db import query
from worker import postgres

LOCK_ACCOUNT = query("plans/lock_account")
LOCK_PLANS = query("leads/find_plans")
LOCK_COUNTERS = query("plans/lock_counters")
FIND = query("leads/find")
ERASE_WAITING = query("leads/erase_waiting")
ERASE_CONTACTS = query("leads/erase_contacts")
ERASE_ASSIGNMENTS = query("leads/erase_assignments")
RECORD_ERASURE = query("leads/keep_erasure")


@dataclass(frozen=True, slots=True)
class LeadCounts:
    """The number of rows about a lead. ``pending`` is True while an announcement of it is in the outbox."""

    assignments: int
    waiting: int
    contacts: int
    pending: bool

    @property
    def has_data(self) -> bool:
        """True if there is a row to erase."""
        return bool(self.assignments or self.waiting or self.contacts)


class EraseRefusedError(Exception):
    """The lead can't be erased now; the text tells the reason."""


async def count(connection: postgres.Connection, account_id: str, lead_id: str) -> LeadCounts:
    """Counts the rows about the lead in this account. Raises one of ``postgres.TROUBLE``."""
    row = await connection.fetchrow(FIND, account_id, lead_id)
    assert row is not None  # noqa: S101 -- the statement returns one row always
    return LeadCounts(**row)


async def erase(connection: postgres.Connection, account_id: str, lead_id: str, erased_by: str) -> LeadCounts:
    """Erases the lead in one transaction; returns how many rows were erased, which may be 0.

    Raises EraseRefusedError while an announcement of the lead waits in the outbox, since it would name the erased
    lead. Also raises one of ``postgres.TROUBLE`` or ``postgres.RETRY``.
    """
    async with postgres.transaction(connection):
        await _lock(connection, account_id)
        counts = await count(connection, account_id, lead_id)
        if counts.pending:
            raise EraseRefusedError("an announcement of the lead is still to be published: try again in some seconds")
        if counts.has_data:
            name = f"erased-{uuid4()}"
            await connection.execute(ERASE_WAITING, account_id, lead_id)
            await connection.execute(ERASE_CONTACTS, account_id, lead_id)
            await connection.execute(ERASE_ASSIGNMENTS, account_id, lead_id, name)
            await connection.execute(
                RECORD_ERASURE, name, account_id, erased_by, counts.assignments, counts.waiting, counts.contacts
            )
    return counts


async def _lock(connection: postgres.Connection, account_id: str) -> None:
    """Takes the locks in the order that all programs keep.

    Until the transaction ends, no edit adds a plan to the account, and no batch decides in its plans.
    """
    await connection.execute(LOCK_ACCOUNT, account_id)
    plans = await connection.fetch(LOCK_PLANS, account_id)
    await connection.execute(LOCK_COUNTERS, [plan_no for (plan_no,) in plans])

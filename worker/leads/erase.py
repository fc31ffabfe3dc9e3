"""Forgets a lead: what names it goes, what was counted stays true.

Its assignments stay under a random name that leads back to nobody, so that numbers, counters and decisions are what
they were; it waits nowhere any more, and nobody has contacted it. Who comes back under the old id is a new lead.
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
KEEP = query("leads/keep_erasure")


@dataclass(frozen=True, slots=True)
class Known:
    """How much there is, or was, of a lead; ``pending``: an announcement of it is in the outbox."""

    assignments: int
    waiting: int
    contacts: int
    pending: bool

    @property
    def anything(self) -> bool:
        """Whether there is anything to erase."""
        return bool(self.assignments or self.waiting or self.contacts)


class EraseRefusedError(Exception):
    """The lead can't be erased now; says why."""


async def look(connection: postgres.Connection, account_id: str, lead_id: str) -> Known:
    """How much there is of the lead in this account. Raises one of ``postgres.TROUBLE``."""
    row = await connection.fetchrow(FIND, account_id, lead_id)
    assert row is not None  # noqa: S101 -- counts are one row
    return Known(**row)


async def erase(connection: postgres.Connection, account_id: str, lead_id: str, erased_by: str) -> Known:
    """Forget the lead, all or nothing; returns what was erased, which may be nothing.

    Raises EraseRefusedError while an announcement of the lead is still to be published: it would come after. And one
    of ``postgres.TROUBLE`` or ``postgres.RETRY``.
    """
    async with postgres.transaction(connection):
        await _lock(connection, account_id)
        known = await look(connection, account_id, lead_id)
        if known.pending:
            raise EraseRefusedError("an announcement of the lead is still to be published: try again in some seconds")
        if known.anything:
            name = f"erased-{uuid4()}"
            await connection.execute(ERASE_WAITING, account_id, lead_id)
            await connection.execute(ERASE_CONTACTS, account_id, lead_id)
            await connection.execute(ERASE_ASSIGNMENTS, account_id, lead_id, name)
            await connection.execute(
                KEEP, name, account_id, erased_by, known.assignments, known.waiting, known.contacts
            )
    return known


async def _lock(connection: postgres.Connection, account_id: str) -> None:
    """In the order of everybody: until the end no plan of the account is added, and no batch decides in one."""
    await connection.execute(LOCK_ACCOUNT, account_id)
    plans = await connection.fetch(LOCK_PLANS, account_id)
    await connection.execute(LOCK_COUNTERS, [plan_no for (plan_no,) in plans])

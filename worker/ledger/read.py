"""Reads the facts that a batch's decisions need, while its plans are locked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from db import query
from worker import postgres
from worker.ledger.arrays import int_array
from worker.rules.event import Entry, Trigger
from worker.rules.facts import Backlog, Counters, Facts
from worker.rules.ids import LeadKey, PlanLead, PlanNo
from worker.rules.match import Matches
from worker.rules.plan import Mode, Plan

FIND_ASSIGNED = query("batch/find_assigned")
FIND_WAITING = query("batch/find_waiting")
TAKE_WAITING = query("batch/take_waiting")
FIND_CONTACTS = query("batch/find_contacts")
FIND_OWNERS = query("batch/find_owners")

# At most so many waiting leads of a plan go into one transaction. This limits how long the plan stays locked.
BACKLOG_CHUNK = 2000


async def read_facts(
    connection: postgres.Connection, matches: Matches, counters: Mapping[PlanNo, Counters], first_arrival_no: int
) -> Facts:
    """Read the facts for a batch. The caller has locked the plans and passes their counters."""
    backlogs = await _read_backlogs(connection, matches.plans, counters)
    assigned = await _find_assigned(connection, matches.plan_leads)
    waiting = await _find_waiting(connection, [key for key in matches.plan_leads if counters[key[0]].waiting])
    linked = matches.linked_leads | _leads_of_linked_plans(backlogs, matches.plans)
    return Facts(
        first_arrival_no=first_arrival_no,
        counters=counters,
        backlogs=backlogs,
        assigned=assigned,
        waiting=waiting,
        linked_leads=linked,
        contacts=await _find_contacts(connection, linked),
        owners=await _find_owners(connection, linked),
    )


async def _read_backlogs(
    connection: postgres.Connection, plans: Mapping[PlanNo, Plan], counters: Mapping[PlanNo, Counters]
) -> dict[PlanNo, Backlog]:
    """The oldest waiting leads of each plan that can assign them."""
    backlogs = {}
    for plan_no, row in counters.items():
        if row.waiting and plans[plan_no].active:
            waiting = await connection.fetch(TAKE_WAITING, plan_no, BACKLOG_CHUNK)
            backlogs[plan_no] = Backlog([_entry(lead) for lead in waiting], waiting[-1]["arrival"])
    return backlogs


def _entry(row: postgres.Row) -> Entry:
    _, lead_id, kind, ref, event_id, *source = row
    # orjson does not accept asyncpg's own UUID class.
    return Entry(lead_id, Trigger(kind), ref, UUID(int=event_id.int), *source)


def _leads_of_linked_plans(backlogs: Mapping[PlanNo, Backlog], plans: Mapping[PlanNo, Plan]) -> set[LeadKey]:
    """The leads of backlogs that enter linked plans."""
    return {
        (plans[plan_no].account_id, lead.lead_id)
        for plan_no, backlog in backlogs.items()
        if plans[plan_no].mode is Mode.LINKED
        for lead in backlog.leads
    }


# An asyncpg row unpacks like the tuple that the casts below name. Real tuples would only cost time.


async def _find_assigned(connection: postgres.Connection, keys: Sequence[PlanLead]) -> Sequence[PlanLead]:
    if not keys:
        return ()
    plan_nos, lead_ids = zip(*keys, strict=True)
    rows = await connection.fetch(FIND_ASSIGNED, int_array(plan_nos), "\n".join(lead_ids))
    return cast(Sequence[PlanLead], rows)


async def _find_waiting(connection: postgres.Connection, keys: Sequence[PlanLead]) -> Sequence[PlanLead]:
    if not keys:
        return ()
    return cast(Sequence[PlanLead], await connection.fetch(FIND_WAITING, *zip(*keys, strict=True)))


async def _find_contacts(
    connection: postgres.Connection, leads: Collection[LeadKey]
) -> Sequence[tuple[str, str, str, datetime, int]]:
    if not leads:
        return ()
    rows = await connection.fetch(FIND_CONTACTS, *zip(*leads, strict=True))
    return cast(Sequence[tuple[str, str, str, datetime, int]], rows)


async def _find_owners(
    connection: postgres.Connection, leads: Collection[LeadKey]
) -> Sequence[tuple[str, str, str, str]]:
    if not leads:
        return ()
    rows = await connection.fetch(FIND_OWNERS, *zip(*leads, strict=True))
    return cast(Sequence[tuple[str, str, str, str]], rows)

"""Why a lead is whose it is: decided again from the ledger, the kept plan version and the links seen then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from db import query
from worker import postgres
from worker.explain.reasons import Recomputed, recomputed
from worker.explain.verdicts import (
    DecidedOtherwise,
    Disagreement,
    InArchived,
    InQueue,
    NobodyActive,
    NobodyWasActive,
    VersionMissing,
    WaitsFor,
)
from worker.plans.history import Kept, links_of, read_kept
from worker.rules.choose import NO_LINKS, Links, Shares
from worker.rules.plan import Plan

ASSIGNED = query("explain/assigned")
WAITING = query("explain/waiting")
SHARES = query("explain/shares")
CONTACTS = query("explain/contacts")
STATEMENT_TIMEOUT = 120.0  # one plan's rows up to the decision: seconds where they are millions


class Trigger(NamedTuple):
    """What brought the lead in: the event, its LGT or offer, and the record it came in."""

    kind: str
    ref: str
    event_id: str
    topic: str
    partition: int
    offset: int


class Contact(NamedTuple):
    """A manager's latest contact with the lead."""

    manager_id: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """An assignment as the ledger has it, and what deciding it again gives.

    ``links`` is what was seen of the lead's managers then, None where the plan did not ask. ``fault`` says how
    ledger and recomputation disagree, None where they agree.
    """

    plan_id: str
    plan_version: int
    plan_seq: int
    manager_id: str
    reason: str
    revision: int
    assigned_at: datetime
    event_id: str
    trigger: Trigger
    links: Links | None
    recomputed: Recomputed | None
    fault: Disagreement | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """The lead waits in a plan: since when, the how many-th, and what for."""

    plan_id: str
    since: datetime
    place: int
    why: WaitsFor
    trigger: Trigger


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that is known of one lead of one account, and nothing of another account."""

    account_id: str
    lead_id: str
    decisions: tuple[Decision, ...]
    waiting: tuple[Waiting, ...]
    contacts: tuple[Contact, ...]

    @property
    def found(self) -> bool:
        """Whether any plan has the lead, or holds it waiting."""
        return bool(self.decisions or self.waiting)

    @property
    def agrees(self) -> bool:
        """Whether every recomputed decision is the one in the ledger."""
        return all(decision.fault is None for decision in self.decisions)


async def explain(connection: postgres.Connection, account_id: str, lead_id: str) -> Explanation:
    """Explain one lead, all in one snapshot."""
    async with postgres.transaction(connection, isolation="repeatable_read", readonly=True):
        assigned = await connection.fetch(ASSIGNED, account_id, lead_id)
        waiting = await connection.fetch(WAITING, account_id, lead_id)
        contacts = await connection.fetch(CONTACTS, account_id, lead_id)
        return Explanation(
            account_id,
            lead_id,
            tuple([await _decision(connection, row) for row in assigned]),
            tuple([await _waiting(connection, row) for row in waiting]),
            tuple(Contact(*row) for row in contacts),
        )


async def _decision(connection: postgres.Connection, row: postgres.Row) -> Decision:
    kept = (await read_kept(connection, row["plan_no"], row["plan_version"])).get((row["plan_no"], row["plan_version"]))
    links = links_of(row["links"])
    again = None
    if kept:
        shares = await _shares_before(connection, kept.plan, row["plan_seq"])
        again = recomputed(kept.plan, kept.managers, shares, links or NO_LINKS)
    return Decision(
        plan_id=row["plan_id"],
        plan_version=row["plan_version"],
        plan_seq=row["plan_seq"],
        manager_id=row["manager_id"],
        reason=row["reason"],
        revision=row["revision"],
        assigned_at=row["assigned_at"],
        event_id=str(row["event_id"]),
        trigger=_trigger(row),
        links=links,
        recomputed=again,
        fault=_fault(row, again),
    )


async def _shares_before(connection: postgres.Connection, plan: Plan, plan_seq: int) -> Shares:
    rows = await connection.fetch(SHARES, plan.plan_no, plan_seq, timeout=STATEMENT_TIMEOUT)
    found = {row["manager_id"]: row for row in rows}
    leads = [found[manager]["leads"] if manager in found else 0 for manager in plan.roster]
    last_seqs = [found[manager]["last_seq"] if manager in found else 0 for manager in plan.roster]
    return Shares(plan, plan_seq - 1, leads, last_seqs)


def _fault(row: postgres.Row, again: Recomputed | None) -> Disagreement | None:
    in_ledger: tuple[str, str] = (row["manager_id"], row["reason"])
    if again is None:
        return VersionMissing(row["plan_version"])
    if again.manager_id is None or again.reason is None:
        return NobodyWasActive(*in_ledger)
    if (again.manager_id, again.reason) == in_ledger:
        return None
    return DecidedOtherwise(again.manager_id, again.reason, *in_ledger)


async def _waiting(connection: postgres.Connection, row: postgres.Row) -> Waiting:
    kept = (await read_kept(connection, row["plan_no"], row["version"])).get((row["plan_no"], row["version"]))
    why = _what_for(kept, row["place"], archived=row["archived"])
    return Waiting(row["plan_id"], row["since"], row["place"], why, _trigger(row))


def _what_for(kept: Kept | None, place: int, *, archived: bool) -> WaitsFor:
    if archived:
        return InArchived()
    if kept is None or not kept.plan.active:
        return NobodyActive()
    return InQueue(place - 1)


def _trigger(row: postgres.Row) -> Trigger:
    return Trigger(
        row["trigger_kind"],
        row["trigger_ref"],
        str(row["trigger_event_id"]),
        row["source_topic"],
        row["source_partition"],
        row["source_offset"],
    )

"""Explains the owner of a lead: makes each decision again from ledger, plan version and stored links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from db import query
from worker import postgres
from worker.explain.reasons import Recomputation, recompute
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
from worker.plans.history import PlanVersion, links_of, read_versions
from worker.rules.choose import NO_LINKS, Links, Shares
from worker.rules.plan import Plan

ASSIGNED = query("explain/assigned")
WAITING = query("explain/waiting")
SHARES = query("explain/shares")
CONTACTS = query("explain/contacts")
STATEMENT_TIMEOUT = 120.0  # seconds; reading millions of assignments of one plan takes some seconds


class Trigger(NamedTuple):
    """The event that brought the lead in: its id, its LGT or offer, and its record."""

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
    """An assignment of the ledger, and its recomputation.

    ``links`` are the managers that the lead knew at the decision, None where the plan does not use links. ``fault`` is
    the difference between ledger and recomputation, None where they agree.
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
    recomputation: Recomputation | None
    fault: Disagreement | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """The lead waits in a plan. ``queue_position`` 1 is the next one; ``why`` is the reason of the wait."""

    plan_id: str
    since: datetime
    queue_position: int
    why: WaitsFor
    trigger: Trigger


@dataclass(frozen=True, slots=True)
class Explanation:
    """All knowledge about one lead of one account. It has nothing of another account."""

    account_id: str
    lead_id: str
    decisions: tuple[Decision, ...]
    waiting: tuple[Waiting, ...]
    contacts: tuple[Contact, ...]

    @property
    def found(self) -> bool:
        """True where the lead has a manager in a plan, or waits in one."""
        return bool(self.decisions or self.waiting)

    @property
    def agrees(self) -> bool:
        """True where all recomputations agree with the ledger."""
        return all(decision.fault is None for decision in self.decisions)


async def explain(connection: postgres.Connection, account_id: str, lead_id: str) -> Explanation:
    """Explain one lead from one snapshot of the database."""
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
    version = (await read_versions(connection, row["plan_no"], row["plan_version"])).get(
        (row["plan_no"], row["plan_version"])
    )
    links = links_of(row["links"])
    recomputation = None
    if version:
        shares = await _shares_before(connection, version.plan, row["plan_seq"])
        recomputation = recompute(version.plan, version.managers, shares, links or NO_LINKS)
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
        recomputation=recomputation,
        fault=_fault(row, recomputation),
    )


async def _shares_before(connection: postgres.Connection, plan: Plan, plan_seq: int) -> Shares:
    rows = await connection.fetch(SHARES, plan.plan_no, plan_seq, timeout=STATEMENT_TIMEOUT)
    found = {row["manager_id"]: row for row in rows}
    leads = [found[manager]["leads"] if manager in found else 0 for manager in plan.roster]
    last_seqs = [found[manager]["last_seq"] if manager in found else 0 for manager in plan.roster]
    return Shares(plan, plan_seq - 1, leads, last_seqs)


def _fault(row: postgres.Row, recomputation: Recomputation | None) -> Disagreement | None:
    in_ledger: tuple[str, str] = (row["manager_id"], row["reason"])
    if recomputation is None:
        return VersionMissing(row["plan_version"])
    if recomputation.manager_id is None or recomputation.reason is None:
        return NobodyWasActive(*in_ledger)
    if (recomputation.manager_id, recomputation.reason) == in_ledger:
        return None
    return DecidedOtherwise(recomputation.manager_id, recomputation.reason, *in_ledger)


async def _waiting(connection: postgres.Connection, row: postgres.Row) -> Waiting:
    key = row["plan_no"], row["version"]
    version = (await read_versions(connection, *key)).get(key)
    why = _waits_for(version, row["place"], archived=row["archived"])
    return Waiting(row["plan_id"], row["since"], row["place"], why, _trigger(row))


def _waits_for(version: PlanVersion | None, queue_position: int, *, archived: bool) -> WaitsFor:
    if archived:
        return InArchived()
    if version is None or not version.plan.active:
        return NobodyActive()
    return InQueue(queue_position - 1)


def _trigger(row: postgres.Row) -> Trigger:
    return Trigger(
        row["trigger_kind"],
        row["trigger_ref"],
        str(row["trigger_event_id"]),
        row["source_topic"],
        row["source_partition"],
        row["source_offset"],
    )

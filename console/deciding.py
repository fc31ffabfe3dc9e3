"""Decides about a client as the worker would decide now, by its own rules. Nothing is written."""

from __future__ import annotations

from dataclasses import dataclass

from db import query
from worker.explain.reasons import Recomputation, recompute
from worker.plans.change import StoredPlan
from worker.plans.for_rules import in_force
from worker.postgres import Connection
from worker.rules.choose import NO_LINKS, Links, Shares
from worker.rules.plan import Mode

CONTACTS = query("explain/contacts")
OWNERS = query("console/owners")


@dataclass(frozen=True, slots=True)
class Known:
    """The managers that a client knows now. ``owners`` are (plan, its manager), latest first."""

    contacts: tuple[str, ...] = ()
    owners: tuple[tuple[str, str], ...] = ()

    def links(self, plan_id: str) -> Links:
        """The links for a decision of this plan: its own assignment of the client does not count."""
        return Links(self.contacts, tuple(each for each in self.owners if each[0] != plan_id))

    def with_owner(self, plan_id: str, manager_id: str) -> Known:
        """The same after a decision."""
        return Known(self.contacts, ((plan_id, manager_id), *self.owners))


async def read_known(connection: Connection, account_id: str, lead_id: str) -> Known:
    """The managers of the account that the lead knows."""
    contacts = await connection.fetch(CONTACTS, account_id, lead_id)
    owners = await connection.fetch(OWNERS, lead_id)
    return Known(
        tuple(row["manager_id"] for row in contacts), tuple((row["plan_id"], row["manager_id"]) for row in owners)
    )


def decide_now(stored: StoredPlan, known: Known) -> Recomputation:
    """The decision of the plan in force, and the reason for or against each of its managers."""
    plan = in_force(stored)
    links = known.links(plan.plan_id) if plan.mode is Mode.LINKED else NO_LINKS
    assigned = [stored.assigned[manager] for manager in stored.roster]
    last_seqs = [stored.last_seqs[manager] for manager in stored.roster]
    shares = Shares(plan, stored.last_seq, assigned, last_seqs)
    return recompute(plan, [manager.id for manager in stored.spec.managers], shares, links)

"""`/waiting`: plans in which clients wait. `/plans/{plan}/waiting`: the clients who wait in one plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from console.asked import plan_of
from console.database import Role
from console.errors import N_
from console.names import Names, read_names
from console.page import Answer, Page, Shown, Visit
from console.pages.clients import Source, source_of
from console.pages.plans import WAITING_PLANS
from console.standing import first_paused
from db import query
from worker.plans import store
from worker.plans.change import StoredPlan

WAITING = query("console/waiting")

MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Queue:
    """A plan with waiting clients. ``paused`` is a manager who could take them, by id and name.

    ``is_stuck``: no manager is active, or the plan is archived.
    """

    plan_id: str
    name: str
    clients: int
    is_archived: bool
    is_stuck: bool
    paused: tuple[str, str] | None
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class QueuesView:
    """All plans in which clients wait, the longest wait first."""

    queues: tuple[Queue, ...]
    clients: int
    now: datetime


@dataclass(frozen=True, slots=True)
class Waits:
    """A client who waits."""

    lead_id: str
    since: datetime
    source: Source


@dataclass(frozen=True, slots=True)
class QueueView:
    """One plan, its next client first. ``further`` is the number of clients that are left out."""

    queue: Queue
    clients: tuple[Waits, ...]
    further: int
    now: datetime


async def get_all(visit: Visit) -> Answer:
    """The plans of the account in which clients wait."""
    plans = {plan.plan_no: plan for plan in await store.read(visit.connection, visit.person.account)}
    names = await read_names(visit.connection)
    rows = [row for row in await visit.connection.fetch(WAITING_PLANS) if row["plan_no"] in plans]
    queues = [_queue(plans[row["plan_no"]], names, row["leads"], row["oldest"]) for row in rows]
    queues.sort(key=lambda queue: queue.oldest or visit.call.now)
    view = QueuesView(tuple(queues), sum(queue.clients for queue in queues), visit.call.now)
    return Shown("waiting_plans.html", view)


async def get_plan(visit: Visit) -> Answer:
    """The clients who wait in the plan, as far as they fit."""
    plan = await plan_of(visit)
    names = await read_names(visit.connection)
    rows = await visit.connection.fetch(WAITING, plan.plan_no, MOST_ROWS) if plan.waiting else []
    clients = tuple(
        Waits(row["lead_id"], row["since"], source_of(row["trigger_kind"], row["trigger_ref"], names)) for row in rows
    )
    queue = _queue(plan, names, plan.waiting, rows[0]["since"] if rows else None)
    return Shown("waiting.html", QueueView(queue, clients, plan.waiting - len(clients), visit.call.now))


def _queue(plan: StoredPlan, names: Names, clients: int, oldest: datetime | None) -> Queue:
    return Queue(
        plan_id=plan.spec.id,
        name=plan.spec.name,
        clients=clients,
        is_archived=plan.archived,
        is_stuck=plan.archived or all(manager.paused for manager in plan.spec.managers),
        paused=first_paused(plan, names),
        oldest=oldest,
    )


ALL = Page("/waiting", (Role.HEAD,), get_all, nav=N_("Waiting"))
OF_PLAN = Page("/plans/{plan}/waiting", (Role.HEAD,), get_plan)

"""`/plans/{plan}/clients`: a plan's clients page by page, newest first, of all managers or of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from console.asked import manager_of, number_of, plan_of
from console.database import Role
from console.names import Names, read_names
from console.page import Answer, Page, Shown, Visit
from db import query
from worker.plans.change import StoredPlan
from worker.postgres import Row

CLIENTS = query("console/clients")

ON_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Source:
    """The kind of event that brought a client in, and the LGT or offer with its name."""

    kind: str
    ref: str
    name: str


@dataclass(frozen=True, slots=True)
class Client:
    """A client of the plan; ``manager`` is the name."""

    lead_id: str
    manager_id: str
    manager: str
    assigned_at: datetime
    reason: str
    source: Source


@dataclass(frozen=True, slots=True)
class Choice:
    """A manager whose clients can be asked for."""

    manager_id: str
    name: str
    clients: int


@dataclass(frozen=True, slots=True)
class ClientsView:
    """One page. ``total`` counts those that were asked for, waiting ones too where nobody is chosen.

    ``older`` is the mark of the next page, None on the last one. ``is_newest``: no newer page is before this one.
    """

    plan_id: str
    plan_name: str
    total: int
    waiting: int
    manager: Choice | None
    managers: tuple[Choice, ...]
    clients: tuple[Client, ...]
    older: int | None
    is_newest: bool


async def get(visit: Visit) -> Answer:
    """Fifty clients below `below`, of `manager` or of all."""
    plan = await plan_of(visit)
    manager_id, below = manager_of(visit, plan), number_of(visit, "below")
    names = await read_names(visit.connection)
    rows = await visit.connection.fetch(CLIENTS, plan.spec.id, manager_id, below, ON_A_PAGE + 1)
    choices = {choice.manager_id: choice for choice in _choices(plan, names)}
    manager = choices[manager_id] if manager_id is not None else None
    view = ClientsView(
        plan_id=plan.spec.id,
        plan_name=plan.spec.name,
        total=manager.clients if manager else plan.leads,
        waiting=0 if manager else plan.waiting,
        manager=manager,
        managers=tuple(choices.values()),
        clients=tuple(client_of(row, names) for row in rows[:ON_A_PAGE]),
        older=rows[ON_A_PAGE - 1]["plan_seq"] if len(rows) > ON_A_PAGE else None,
        is_newest=below is None,
    )
    return Shown("clients.html", view)


def _choices(plan: StoredPlan, names: Names) -> list[Choice]:
    """Everybody who is or was in the plan, by name."""
    found = [Choice(manager_id, names.manager(manager_id), plan.assigned[manager_id]) for manager_id in plan.roster]
    return sorted(found, key=lambda choice: choice.name.casefold())


def client_of(row: Row, names: Names) -> Client:
    """A row of the statement, with names."""
    return Client(
        lead_id=row["lead_id"],
        manager_id=row["manager_id"],
        manager=names.manager(row["manager_id"]),
        assigned_at=row["assigned_at"],
        reason=row["reason"],
        source=source_of(row["trigger_kind"], row["trigger_ref"], names),
    )


def source_of(kind: str, ref: str, names: Names) -> Source:
    """The source, with the name of its LGT or offer."""
    return Source(kind, ref, names.lgt(ref) if kind == "subscription" else names.offer(ref))


PAGE = Page("/plans/{plan}/clients", (Role.HEAD,), get)

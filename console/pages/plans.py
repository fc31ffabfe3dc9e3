"""`/plans`: how things stand at a glance, what needs a hand, and a card for each plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from console.database import Role
from console.errors import N_
from console.names import Names, read_names
from console.page import Answer, Page, Shown, Visit
from console.standing import first_paused
from db import query
from worker.plans import store
from worker.plans.change import StoredPlan
from worker.plans.potential import potential
from worker.rules.event import Trigger

LAST_LEAD = query("console/last_lead")
UNMATCHED_KINDS = query("console/unmatched_kinds")
WAITING_PLANS = query("console/waiting_plans")

# Nothing for longer than the latest twenty leads took together is unusual, unless that was soon.
SHORTEST_SILENCE = timedelta(minutes=30)
MOST_MANAGERS = 12  # that a card names
FORGOTTEN = timedelta(days=30)  # what matched no plan so long ago needs no hand any more


@dataclass(frozen=True, slots=True)
class Pulse:
    """The time of the latest lead, None if none has come. ``is_unusual``: nothing has come for unusually long."""

    last_at: datetime | None
    is_unusual: bool
    now: datetime


@dataclass(frozen=True, slots=True)
class WaitingPlan:
    """A plan whose clients wait because none of its managers is active.

    The first of the clients has waited since ``oldest``. ``paused`` is the plan's first manager, by id and name; None
    if the plan has no manager.
    """

    plan_id: str
    name: str
    clients: int
    oldest: datetime
    paused: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Stray:
    """Events of one kind that matched no plan, and the number of LGTs or offers that they name."""

    kind: Trigger
    refs: int
    times: int
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class CardManager:
    """A manager of the plan; ``name`` is his id where no name is known."""

    name: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class Card:
    """A plan as the list shows it. ``difference`` is that between active managers, None where there are under two."""

    plan_id: str
    name: str
    label: tuple[str, str | None] | None
    clients: int
    waiting: int
    potential: Decimal
    managers: tuple[CardManager, ...]
    further_managers: int
    difference: int | None
    mode: str
    is_archived: bool


@dataclass(frozen=True, slots=True)
class PlansView:
    """The whole page. ``active`` and ``archived`` count all plans, ``cards`` are those that were asked for."""

    pulse: Pulse
    waiting: tuple[WaitingPlan, ...]
    strays: tuple[Stray, ...]
    cards: tuple[Card, ...]
    q: str
    shows_archived: bool
    active: int
    archived: int


async def get(visit: Visit) -> Answer:
    """The list, searched by `q`; `archived=1` shows the archived plans in place of the active ones."""
    connection, asked = visit.connection, visit.call.query
    plans = await store.read(connection, visit.person.account)
    names = await read_names(connection)
    shows_archived, q = asked.get("archived") == "1", asked.get("q", "").strip()
    active, archived = [plan for plan in plans if not plan.archived], [plan for plan in plans if plan.archived]
    found = [plan for plan in (archived if shows_archived else active) if _matches(plan, names, q)]
    view = PlansView(
        pulse=await _pulse(visit),
        waiting=await _waiting(visit, {plan.plan_no: plan for plan in active}, names),
        strays=await read_strays(visit),
        cards=tuple(_card(plan, names) for plan in sorted(found, key=lambda plan: plan.spec.name.casefold())),
        q=q,
        shows_archived=shows_archived,
        active=len(active),
        archived=len(archived),
    )
    return Shown("plans.html", view)


async def _pulse(visit: Visit) -> Pulse:
    now = visit.call.now
    row = await visit.connection.fetchrow(LAST_LEAD)
    if row is None:
        return Pulse(None, is_unusual=False, now=now)
    last, before = row["assigned_at"], row["twenty_before"]
    usual = max(SHORTEST_SILENCE, last - before) if before else None
    return Pulse(last, is_unusual=usual is not None and now - last > usual, now=now)


async def _waiting(visit: Visit, plans: Mapping[int, StoredPlan], names: Names) -> tuple[WaitingPlan, ...]:
    """Plans in which leads wait and no manager is active. Other plans are about to give their leads out."""
    rows = await visit.connection.fetch(WAITING_PLANS)
    stuck = [(row, plans[row["plan_no"]]) for row in rows if row["plan_no"] in plans]
    return tuple(
        WaitingPlan(plan.spec.id, plan.spec.name, row["leads"], row["oldest"], first_paused(plan, names))
        for row, plan in stuck
        if all(manager.paused for manager in plan.spec.managers)
    )


async def read_strays(visit: Visit) -> tuple[Stray, ...]:
    """One for each kind of event, in the order of the form's fields."""
    rows = await visit.connection.fetch(UNMATCHED_KINDS, visit.call.now - FORGOTTEN)
    found = {
        row["trigger_kind"]: Stray(Trigger(row["trigger_kind"]), row["refs"], row["times"], row["last_seen_at"])
        for row in rows
    }
    return tuple(found[kind] for kind in Trigger if kind in found)


def _matches(plan: StoredPlan, names: Names, q: str) -> bool:
    """True where the plan's name, id, label or one of its managers has the words in it."""
    spec = plan.spec
    texts = [spec.name, spec.id, spec.label.text if spec.label else ""]
    texts += [text for manager in spec.managers for text in (manager.id, names.manager(manager.id))]
    return any(q.casefold() in text.casefold() for text in texts)


def _card(plan: StoredPlan, names: Names) -> Card:
    spec = plan.spec
    active = [plan.assigned[manager.id] for manager in spec.managers if not manager.paused]
    return Card(
        plan_id=spec.id,
        name=spec.name,
        label=(spec.label.text, spec.label.color) if spec.label else None,
        clients=plan.leads,
        waiting=plan.waiting,
        potential=potential(plan.leads, spec.conversion_percent, spec.average_sale),
        managers=tuple(
            CardManager(names.manager(manager.id), not manager.paused) for manager in spec.managers[:MOST_MANAGERS]
        ),
        further_managers=max(len(spec.managers) - MOST_MANAGERS, 0),
        difference=max(active) - min(active) if len(active) > 1 else None,
        mode=spec.mode.value,
        is_archived=plan.archived,
    )


PAGE = Page("/plans", (Role.HEAD,), get, nav=N_("Plans"))

"""`/plans/{plan}`: what the plan is, who gets its clients and how many, and the newest of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from console.asked import plan_of
from console.coming import span_of_a_day
from console.database import Role
from console.days import days_until, read_days
from console.names import Names, read_names
from console.page import Answer, Page, Shown, Visit
from console.pages.clients import CLIENTS, Client, Source, client_of, source_of
from console.shares import SharesView, shares_view
from console.standing import Gap, ManagerLine, State, first_paused, gap_of, lines
from db import query
from worker.plans.change import StoredPlan
from worker.plans.potential import potential

LATEST_LEADS = query("console/latest_leads")
SOURCES_BETWEEN = query("console/sources_between")

PERIODS = (7, 14, 30)  # days
USUAL_PERIOD = 14
NEWEST = 10
FEW_MANAGERS = 20  # more of them scroll in a region of their own


@dataclass(frozen=True, slots=True)
class SourceLine:
    """An LGT or offer that brings clients in, and how many were given out in the last 24 hours.

    ``is_listed``: the plan has it today.
    """

    source: Source
    clients: int
    is_listed: bool


@dataclass(frozen=True, slots=True)
class PlanView:
    """The whole page. ``paused`` is somebody who can be resumed, by id and name; None where nobody needs to be."""

    plan: StoredPlan
    now: datetime
    clients: int
    potential: Decimal
    last_at: datetime | None
    gap: Gap | None
    managers: tuple[ManagerLine, ...]
    active: int
    is_long: bool
    paused: tuple[str, str] | None
    sources: tuple[SourceLine, ...]
    shares: SharesView
    periods: tuple[int, ...]
    newest: tuple[Client, ...]


async def get(visit: Visit) -> Answer:
    """The plan; `days` is how far back its shares go."""
    plan = await plan_of(visit)
    connection, now = visit.connection, visit.call.now
    names = await read_names(connection)
    latest = {row["manager_id"]: row["assigned_at"] for row in await connection.fetch(LATEST_LEADS, plan.plan_no)}
    days = days_until(now, _period(visit), visit.call.language.zone)
    shares = await read_days(connection, plan, days, visit.call.finished, now)
    newest = await connection.fetch(CLIENTS, plan.spec.id, None, None, NEWEST)
    managers = lines(plan, names, latest)
    view = PlanView(
        plan=plan,
        now=now,
        clients=plan.leads,
        potential=potential(plan.leads, plan.spec.conversion_percent, plan.spec.average_sale),
        last_at=max(latest.values(), default=None),
        gap=gap_of(plan, names),
        managers=managers,
        active=0 if plan.archived else sum(line.state is State.ACTIVE for line in managers),
        is_long=len(managers) > FEW_MANAGERS,
        paused=first_paused(plan, names),
        sources=await _sources(visit, plan, names),
        shares=shares_view(plan, names, days, shares),
        periods=PERIODS,
        newest=tuple(client_of(row, names) for row in newest),
    )
    return Shown("plan.html", view)


def _period(visit: Visit) -> int:
    asked = visit.call.query.get("days", "")
    return next((period for period in PERIODS if str(period) == asked), USUAL_PERIOD)


async def _sources(visit: Visit, plan: StoredPlan, names: Names) -> tuple[SourceLine, ...]:
    """The LGTs and offers that the plan lists, in the order of the form's fields.

    Those that have left the plan, but brought clients in the last 24 hours, come after them.
    """
    span = await span_of_a_day(visit.connection, plan.spec.id, visit.call.now)
    rows = await visit.connection.fetch(SOURCES_BETWEEN, plan.plan_no, *span)
    found = {(row["trigger_kind"], row["trigger_ref"]): row["leads"] for row in rows}
    listed = dict.fromkeys(_listed(plan))
    return tuple(
        SourceLine(source_of(kind, ref, names), found.get((kind, ref), 0), (kind, ref) in listed)
        for kind, ref in listed | dict.fromkeys(sorted(found))
    )


def _listed(plan: StoredPlan) -> Iterator[tuple[str, str]]:
    return ((kind.value, ref) for kind, refs in plan.spec.refs.items() for ref in refs)


PAGE = Page("/plans/{plan}", (Role.HEAD,), get)

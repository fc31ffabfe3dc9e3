"""`/my/{plan}`: a manager's clients of a plan page by page, newest first, each with the reason why it is his."""

from __future__ import annotations

from dataclasses import dataclass

from console.asked import id_of
from console.database import Role
from console.own import OwnClient, OwnPlan, client, plan_of
from console.page import Answer, Page, Shown, Visit
from db import query

OWN_PAGE = query("console/own_page")

ON_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class MyPlanView:
    """One page. ``older`` is the last client of it, where further ones follow; ``is_newest``: it is the first page."""

    plan: OwnPlan
    clients: tuple[OwnClient, ...]
    older: str | None
    is_newest: bool


async def get(visit: Visit) -> Answer:
    """Fifty clients that came before the client `below`."""
    plan, below = await plan_of(visit), id_of(visit, "below")
    rows = await visit.connection.fetch(OWN_PAGE, plan.plan_id, below, ON_A_PAGE + 1)
    clients = tuple(client(row, row["lead_id"]) for row in rows[:ON_A_PAGE])
    older = clients[-1].lead_id if len(rows) > ON_A_PAGE else None
    return Shown("my_plan.html", MyPlanView(plan, clients, older, is_newest=below is None))


PAGE = Page("/my/{plan}", (Role.MANAGER,), get)

"""`/my`: a manager's plans, each with his own clients and their potential."""

from __future__ import annotations

from dataclasses import dataclass

from console.database import Role
from console.errors import N_
from console.own import OwnPlan, read_plans
from console.page import Answer, Page, Shown, Visit


@dataclass(frozen=True, slots=True)
class MyView:
    """The manager's plans; ``name`` is his own, or his id if no name is known."""

    name: str
    plans: tuple[OwnPlan, ...]
    clients: int


async def get(visit: Visit) -> Answer:
    """All his plans, those that he was taken out of too."""
    plans = await read_plans(visit)
    name = visit.person.manager_name or visit.person.manager_id or ""
    return Shown("my.html", MyView(name, tuple(plans), sum(plan.clients for plan in plans)))


PAGE = Page("/my", (Role.MANAGER,), get, nav=N_("My plans"))

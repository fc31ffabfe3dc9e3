"""`/plans/{plan}/archive`: a GET says what will happen, a POST does it. An archived plan does not come back."""

from __future__ import annotations

from dataclasses import dataclass

from console.asked import plan_of
from console.database import Role
from console.names import read_names
from console.page import Answer, Page, SeeOther, Shown, Visit
from console.pages.clients import Source, source_of
from worker.plans import store


@dataclass(frozen=True, slots=True)
class ArchiveView:
    """The question. ``clients`` are those who have a manager. ``lgts`` become free for other plans."""

    plan_id: str
    plan_name: str
    is_done: bool
    clients: int
    waiting: int
    lgts: tuple[Source, ...]


async def get(visit: Visit) -> Answer:
    """Ask."""
    plan = await plan_of(visit)
    names = await read_names(visit.connection)
    view = ArchiveView(
        plan_id=plan.spec.id,
        plan_name=plan.spec.name,
        is_done=plan.archived,
        clients=plan.leads - plan.waiting,
        waiting=plan.waiting,
        lgts=tuple(source_of("subscription", lgt, names) for lgt in plan.spec.lgts),
    )
    return Shown("archive.html", view)


async def post(visit: Visit) -> Answer:
    """Archive the plan; its page shows it. An archived plan stays as it is."""
    plan, person = await plan_of(visit), visit.person
    await store.archive(visit.connection, person.account, plan.spec.id, changed_by=person.user, execute=True)
    return SeeOther(f"/plans/{plan.spec.id}")


PAGE = Page("/plans/{plan}/archive", (Role.HEAD,), get, post)

"""`/manager`: all plans of a manager. A POST pauses or resumes in all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from console import errors
from console.asked import id_of
from console.coming import came_in_a_day
from console.database import Role
from console.errors import RefusalError
from console.names import read_names
from console.page import Answer, Page, SeeOther, Shown, Visit
from console.standing import State, active_managers, state_of
from console.urls import address
from worker.plans import change, store
from worker.plans.change import Change, StoredPlan


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A plan of the manager. ``share`` is a part of 1, None in a plan without clients."""

    plan_id: str
    name: str
    state: State
    is_archived: bool
    clients: int
    share: float | None
    waiting: int


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A plan in which nobody else is active, and the clients who came to a manager there in the last 24 hours."""

    plan_id: str
    name: str
    in_a_day: int


@dataclass(frozen=True, slots=True)
class ManagerView:
    """The whole page. ``active`` and ``paused`` are the plans that a pause, or an end of pauses, changes.

    ``waiting`` is how many clients wait in paused plans without an active manager.
    """

    manager_id: str
    name: str
    clients: int
    plans: tuple[PlanLine, ...]
    active: int
    paused: int
    alone: tuple[LeftAlone, ...]
    waiting: int


async def get(visit: Visit) -> Answer:
    """The plans, by name: those that are running first, then those that the manager has left."""
    plans, manager_id = await _asked(visit)
    names = await read_names(visit.connection)
    running = [plan for plan in plans if not plan.archived]
    states = {plan.plan_no: state_of(plan, manager_id) for plan in running}
    paused = [plan for plan in running if states[plan.plan_no] is State.PAUSED]
    view = ManagerView(
        manager_id=manager_id,
        name=names.manager(manager_id),
        clients=sum(plan.assigned[manager_id] for plan in plans),
        plans=tuple(_line(plan, manager_id) for plan in plans),
        active=sum(state is State.ACTIVE for state in states.values()),
        paused=len(paused),
        alone=tuple(
            [
                LeftAlone(plan.spec.id, plan.spec.name, await came_in_a_day(visit.connection, plan, visit.call.now))
                for plan in running
                if active_managers(plan) == [manager_id]
            ]
        ),
        waiting=sum(plan.waiting for plan in paused if not active_managers(plan)),
    )
    return Shown("manager.html", view)


async def post(visit: Visit) -> Answer:
    """Pause, or resume, in all plans that are not archived, in one edit."""
    _, manager_id = await _asked(visit)
    to = visit.call.form.get("to")
    if to not in ("pause", "resume"):
        raise RefusalError(errors.NOT_FOUND)

    def decide(stored: store.Plans) -> list[Change]:
        return [
            change.set_paused(plan_id, manager_id, paused=to == "pause", stored=stored)
            for plan_id, plan in stored.items()
            if not plan.archived and state_of(plan, manager_id) is not State.REMOVED
        ]

    person = visit.person
    await store.edit(visit.connection, person.account, decide, changed_by=person.user, execute=True)
    return SeeOther(address(None, "/manager", id=manager_id))


async def _asked(visit: Visit) -> tuple[Sequence[StoredPlan], str]:
    """The manager in the query, and the plans that ever had this manager. Raises RefusalError if there are none."""
    manager_id = id_of(visit, "id")
    plans = [plan for plan in await store.read(visit.connection, visit.person.account) if manager_id in plan.roster]
    if manager_id is None or not plans:
        raise RefusalError(errors.NOT_FOUND)

    def order(plan: StoredPlan) -> tuple[bool, bool, str]:
        return plan.archived, state_of(plan, manager_id) is State.REMOVED, plan.spec.name.casefold()

    return sorted(plans, key=order), manager_id


def _line(plan: StoredPlan, manager_id: str) -> PlanLine:
    total = sum(plan.assigned.values())
    return PlanLine(
        plan_id=plan.spec.id,
        name=plan.spec.name,
        state=state_of(plan, manager_id),
        is_archived=plan.archived,
        clients=plan.assigned[manager_id],
        share=plan.assigned[manager_id] / total if total else None,
        waiting=plan.waiting,
    )


PAGE = Page("/manager", (Role.HEAD,), get, post)

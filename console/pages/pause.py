"""`/plans/{plan}/pause` and `/resume`: a GET says what will happen, a POST does it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from console import errors
from console.asked import id_of, plan_of
from console.coming import came_in_a_day
from console.database import Role
from console.errors import RefusalError
from console.names import read_names
from console.page import Answer, Page, SeeOther, Shown, Visit
from console.standing import State, active_managers, state_of
from worker.plans import change as planchange
from worker.plans import store
from worker.plans.change import PlanRefusedError, StoredPlan
from worker.plans.preview import preview
from worker.rules.plan import Mode


@dataclass(frozen=True, slots=True)
class PauseView:
    """The question. ``is_done``: the manager is in this state already.

    ``others`` counts the other active managers; if there are none, ``in_a_day`` is how many clients came to a manager
    in the last 24 hours. ``next`` gets the next client after the change, None where nobody is active then. ``run`` is
    how many clients a manager who comes back gets before any other does.
    """

    plan_id: str
    plan_name: str
    manager_id: str
    name: str
    pauses: bool
    is_done: bool
    others: int
    waiting: int
    in_a_day: int
    next: str | None
    run: int
    is_linked: bool


def _get(*, pauses: bool) -> Callable[[Visit], Awaitable[Answer]]:
    async def get(visit: Visit) -> Answer:
        """Ask."""
        plan, manager_id = await _asked(visit)
        others = [manager for manager in active_managers(plan) if manager != manager_id]
        names = await read_names(visit.connection)
        change = planchange.set_paused(plan.spec.id, manager_id, paused=pauses, stored={plan.spec.id: plan})
        (ahead,) = await preview(visit.connection, [change], visit.call.language.zone)
        view = PauseView(
            plan_id=plan.spec.id,
            plan_name=plan.spec.name,
            manager_id=manager_id,
            name=names.manager(manager_id),
            pauses=pauses,
            is_done=state_of(plan, manager_id) is (State.PAUSED if pauses else State.ACTIVE),
            others=len(others),
            waiting=plan.waiting,
            in_a_day=0 if others else await came_in_a_day(visit.connection, plan, visit.call.now),
            next=names.manager(ahead.next_managers[0]) if ahead.next_managers else None,
            run=ahead.run,
            is_linked=plan.spec.mode is Mode.LINKED,
        )
        return Shown("pause.html", view)

    return get


def _post(*, pauses: bool) -> Callable[[Visit], Awaitable[Answer]]:
    async def post(visit: Visit) -> Answer:
        """Pause or resume; the plan's page shows it."""
        plan, manager_id = await _asked(visit)
        person = visit.person
        try:
            await store.set_paused(
                visit.connection,
                person.account,
                plan.spec.id,
                manager_id,
                paused=pauses,
                changed_by=person.user,
                execute=True,
            )
        except PlanRefusedError:  # another edit came in between
            raise RefusalError(errors.CONFLICT) from None
        return SeeOther(f"/plans/{plan.spec.id}")

    return post


async def _asked(visit: Visit) -> tuple[StoredPlan, str]:
    """The plan, and a manager who is in it. Raises RefusalError."""
    plan, manager_id = await plan_of(visit), id_of(visit, "manager")
    if manager_id is None or state_of(plan, manager_id) is State.REMOVED:
        raise RefusalError(errors.NOT_FOUND)
    if plan.archived:
        raise RefusalError(errors.ARCHIVED)
    return plan, manager_id


PAUSE = Page("/plans/{plan}/pause", (Role.HEAD,), _get(pauses=True), _post(pauses=True))
RESUME = Page("/plans/{plan}/resume", (Role.HEAD,), _get(pauses=False), _post(pauses=False))

"""`/managers`: everybody who is or was in a plan of the account."""

from __future__ import annotations

from dataclasses import dataclass

from console.database import Role
from console.errors import N_
from console.names import read_names
from console.page import Answer, Page, Shown, Visit
from console.standing import State, state_of
from worker.plans import store


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A manager: in how many plans active and paused, archived plans left out; and all clients, of all plans."""

    manager_id: str
    name: str
    active: int
    paused: int
    clients: int


@dataclass(frozen=True, slots=True)
class ManagersView:
    """The whole page, by name."""

    lines: tuple[PersonLine, ...]


async def get(visit: Visit) -> Answer:
    """All managers."""
    plans = await store.read(visit.connection, visit.person.account)
    names = await read_names(visit.connection)
    found: dict[str, PersonLine] = {}
    for plan in plans:
        for manager_id in plan.roster:
            line = found.get(manager_id) or PersonLine(manager_id, names.manager(manager_id), 0, 0, 0)
            state = None if plan.archived else state_of(plan, manager_id)
            found[manager_id] = PersonLine(
                manager_id,
                line.name,
                line.active + (state is State.ACTIVE),
                line.paused + (state is State.PAUSED),
                line.clients + plan.assigned[manager_id],
            )
    lines = sorted(found.values(), key=lambda line: (line.name.casefold(), line.manager_id))
    return Shown("managers.html", ManagersView(tuple(lines)))


PAGE = Page("/managers", (Role.HEAD,), get, nav=N_("Managers"))

"""Compares the managers of a plan: their clients, their shares, and the difference between those who are active."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from console.names import Names
from worker.plans.change import StoredPlan
from worker.rules.plan import Mode


class State(StrEnum):
    """A manager in a plan. ``REMOVED``: a former manager, who keeps the clients."""

    ACTIVE = "active"
    PAUSED = "paused"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class ManagerLine:
    """A manager of the plan. ``number`` stays the same for as long as the plan exists.

    ``share`` is a part of 1, None in a plan without clients. ``bar`` is in per cent of the largest manager's clients.
    ``last_at`` is the time of the latest client, None for none.
    """

    number: int
    manager_id: str
    name: str
    state: State
    clients: int
    share: float | None
    bar: float
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Behind:
    """An active manager with ``clients`` fewer than the one who has the most."""

    name: str
    clients: int


@dataclass(frozen=True, slots=True)
class Gap:
    """The difference between active managers, and who is further behind than one client, most first."""

    difference: int
    behind: tuple[Behind, ...]
    is_linked: bool


def state_of(plan: StoredPlan, manager_id: str) -> State:
    """The manager's state in the plan."""
    for manager in plan.spec.managers:
        if manager.id == manager_id:
            return State.PAUSED if manager.paused else State.ACTIVE
    return State.REMOVED


def active_managers(plan: StoredPlan) -> list[str]:
    """The ids of those who get new clients, in the plan's order. An archived plan has none."""
    return [manager.id for manager in plan.spec.managers if not manager.paused and not plan.archived]


def first_paused(plan: StoredPlan, names: Names) -> tuple[str, str] | None:
    """The first of the plan's paused managers, by id and name; None if no manager is paused."""
    return next(((manager.id, names.manager(manager.id)) for manager in plan.spec.managers if manager.paused), None)


def lines(plan: StoredPlan, names: Names, latest: Mapping[str, datetime]) -> tuple[ManagerLine, ...]:
    """The plan's managers in its order; then those who were taken out and have clients."""
    total, most = sum(plan.assigned.values()), max(plan.assigned.values(), default=0)
    return tuple(
        ManagerLine(
            number=plan.roster.index(manager_id),
            manager_id=manager_id,
            name=names.manager(manager_id),
            state=state,
            clients=plan.assigned[manager_id],
            share=plan.assigned[manager_id] / total if total else None,
            bar=round(100 * plan.assigned[manager_id] / most, 2) if most else 0,
            last_at=latest.get(manager_id),
        )
        for manager_id, state in _in_order(plan)
    )


def _in_order(plan: StoredPlan) -> Iterator[tuple[str, State]]:
    states = {manager.id: State.PAUSED if manager.paused else State.ACTIVE for manager in plan.spec.managers}
    yield from states.items()
    for manager_id in plan.roster:
        if manager_id not in states and plan.assigned[manager_id]:
            yield manager_id, State.REMOVED


def gap_of(plan: StoredPlan, names: Names) -> Gap | None:
    """None where fewer than two managers are active."""
    active = active_managers(plan)
    if len(active) < 2:
        return None
    most = max(plan.assigned[manager] for manager in active)
    missing = {manager: most - plan.assigned[manager] for manager in active}
    behind = sorted((manager for manager in active if missing[manager] > 1), key=lambda manager: -missing[manager])
    return Gap(
        difference=max(missing.values()),
        behind=tuple(Behind(names.manager(manager), missing[manager]) for manager in behind),
        is_linked=plan.spec.mode is Mode.LINKED,
    )

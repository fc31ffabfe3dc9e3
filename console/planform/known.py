"""Managers, LGTs and offers that the account knows, to choose from beside a list."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from console.names import Names
from console.planform.fields import LIST_OF, LISTS
from console.planform.lists import Item, write_items
from worker.plans import store
from worker.plans.file import PlanSpec

MOST = 300  # of one list

_EVENTS = {field: kind for kind, field in LIST_OF.items()}


@dataclass(frozen=True, slots=True)
class KnownId:
    """An id with its name, None where no name is known.

    ``line`` is the id as a list has it. ``taken_by`` names the other plan that has this LGT. ``times`` counts its
    events that matched no plan.
    """

    id: str
    line: str
    name: str | None
    taken_by: str | None = None
    times: int = 0


def known_ids(
    names: Names, stored: store.Plans, plan_id: str | None, strays: Iterable[tuple[str, str, int]]
) -> Mapping[str, Sequence[KnownId]]:
    """By field: first those with a name, sorted by it.

    ``strays`` are event, id and count of the events that matched no plan.
    """
    plans = [plan for plan in stored.values() if not plan.archived]
    taken = {lgt: plan.spec.name for plan in plans if plan.spec.id != plan_id for lgt in plan.spec.lgts}
    counts = {(event, id_): times for event, id_, times in strays}
    found: dict[str, Sequence[KnownId]] = {}
    for field in LISTS:
        kind = {"managers": "manager", "lgts": "lgt"}.get(field, "offer")
        ids = {id_ for of_kind, id_ in names.known if of_kind == kind}
        ids = ids.union(*(_ids(plan.spec, kind) for plan in plans))
        event = _EVENTS.get(field)
        ids |= {id_ for of_event, id_ in counts if of_event == event}
        lines = [
            KnownId(
                id=id_,
                line=write_items([Item(id_)]),
                name=names.known.get((kind, id_)),
                taken_by=taken.get(id_) if field == "lgts" else None,
                times=counts.get((event, id_), 0) if event else 0,
            )
            for id_ in ids
        ]
        found[field] = sorted(lines, key=lambda line: (line.name is None, (line.name or line.id).casefold()))[:MOST]
    return found


def _ids(spec: PlanSpec, kind: str) -> Collection[str]:
    if kind == "manager":
        return [manager.id for manager in spec.managers]
    return spec.lgts if kind == "lgt" else spec.offers.all()

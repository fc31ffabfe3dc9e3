"""`/unmatched`: LGTs and offers of events that match no plan, and the way to put each into a plan.

`kind` chooses the events; with `ref` the page lists the plans that the LGT or offer can be added to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from console.asked import id_of, kind_of
from console.database import Role
from console.errors import N_
from console.names import Names, read_names
from console.page import Answer, Page, Shown, Visit
from console.pages.clients import Source, source_of
from console.pages.plans import FORGOTTEN, Stray, read_strays
from console.planform.fields import ADDED_BY
from db import query
from worker.plans import store
from worker.plans.change import StoredPlan
from worker.rules.event import Trigger

UNMATCHED = query("console/unmatched")

MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Line:
    """An LGT or offer, and the plans that have it by now as (id, name)."""

    source: Source
    times: int
    last_seen_at: datetime
    plans: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class UnmatchedView:
    """One kind of event. ``further`` is the number of lines that are left out."""

    kinds: tuple[Stray, ...]
    kind: Trigger
    stray: Stray | None
    lines: tuple[Line, ...]
    further: int
    now: datetime


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """The plans as (id, name, True where the plan has it already); ``field`` is that of the form's address."""

    source: Source
    field: str
    plans: tuple[tuple[str, str, bool], ...]


async def get(visit: Visit) -> Answer:
    """The list of one kind, or the choice of a plan for `ref`."""
    asked, ref = kind_of(visit), id_of(visit, "ref")
    names = await read_names(visit.connection)
    plans = [plan for plan in await store.read(visit.connection, visit.person.account) if not plan.archived]
    if ref is not None:
        return _choice(asked or Trigger.SUBSCRIPTION, ref, plans, names)
    kinds = await read_strays(visit)
    kind = asked or (kinds[0].kind if kinds else Trigger.SUBSCRIPTION)
    found = await visit.connection.fetch(UNMATCHED, [kind], MOST_ROWS)
    lines = tuple(
        Line(source_of(kind, row["ref"], names), row["times"], row["last_seen_at"], _holders(plans, kind, row["ref"]))
        for row in found
        if visit.call.now - row["last_seen_at"] < FORGOTTEN
    )
    stray = next((each for each in kinds if each.kind is kind), None)
    further = stray.refs - len(lines) if stray else 0
    return Shown("unmatched.html", UnmatchedView(kinds, kind, stray, lines, further, visit.call.now))


def _choice(kind: Trigger, ref: str, plans: Iterable[StoredPlan], names: Names) -> Answer:
    lines = [(plan.spec.id, plan.spec.name, ref in plan.spec.refs[kind]) for plan in plans]
    lines.sort(key=lambda line: line[1].casefold())
    return Shown("unmatched_plan.html", ChoiceView(source_of(kind, ref, names), ADDED_BY[kind], tuple(lines)))


def _holders(plans: Iterable[StoredPlan], kind: Trigger, ref: str) -> tuple[tuple[str, str], ...]:
    return tuple((plan.spec.id, plan.spec.name) for plan in plans if ref in plan.spec.refs[kind])


PAGE = Page("/unmatched", (Role.HEAD,), get, nav=N_("Without a plan"))

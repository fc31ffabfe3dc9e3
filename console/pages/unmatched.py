"""`/unmatched`: LGTs and offers of events that match no plan, and the way to put each into a plan.

`kind` chooses the events; with `ref` the page lists the plans that the LGT or offer can be added to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from console import errors
from console.asked import id_of
from console.database import Role
from console.errors import N_, RefusalError
from console.names import Names, read_names
from console.page import Answer, Page, Shown, Visit
from console.pages.clients import Source, source_of
from console.pages.plans import FORGOTTEN, UNMATCHED_KINDS, Stray
from db import query
from worker.plans import store
from worker.plans.change import StoredPlan
from worker.rules.event import Trigger

UNMATCHED = query("console/unmatched")

MOST_ROWS = 200
FIELDS = {  # of the plan form's address
    Trigger.SUBSCRIPTION: "lgt",
    Trigger.ORDER: "ordered",
    Trigger.FAILED_PAYMENT: "payment_failed",
    Trigger.PAID: "paid",
}


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
    asked, ref = id_of(visit, "kind"), id_of(visit, "ref")
    if asked is not None and asked not in {each.value for each in Trigger}:
        raise RefusalError(errors.NOT_FOUND)
    names = await read_names(visit.connection)
    plans = [plan for plan in await store.read(visit.connection, visit.person.account) if not plan.archived]
    if ref is not None:
        return _choice(Trigger(asked or Trigger.SUBSCRIPTION), ref, plans, names)
    rows = await visit.connection.fetch(UNMATCHED_KINDS, visit.call.now - FORGOTTEN)
    strays = {row["trigger_kind"]: row for row in rows}
    kinds = tuple(
        Stray(each, strays[each]["times"], strays[each]["last_seen_at"]) for each in Trigger if each in strays
    )
    kind = Trigger(asked) if asked else kinds[0].kind if kinds else Trigger.SUBSCRIPTION
    found = await visit.connection.fetch(UNMATCHED, [kind], MOST_ROWS)
    lines = tuple(
        Line(source_of(kind, row["ref"], names), row["times"], row["last_seen_at"], _holders(plans, kind, row["ref"]))
        for row in found
        if visit.call.now - row["last_seen_at"] < FORGOTTEN
    )
    further = strays[kind]["refs"] - len(lines) if kind in strays else 0
    stray = next((each for each in kinds if each.kind is kind), None)
    return Shown("unmatched.html", UnmatchedView(kinds, kind, stray, lines, further, visit.call.now))


def _choice(kind: Trigger, ref: str, plans: Iterable[StoredPlan], names: Names) -> Answer:
    lines = [(plan.spec.id, plan.spec.name, ref in refs_of(plan, kind)) for plan in plans]
    lines.sort(key=lambda line: line[1].casefold())
    return Shown("unmatched_plan.html", ChoiceView(source_of(kind, ref, names), FIELDS[kind], tuple(lines)))


def _holders(plans: Iterable[StoredPlan], kind: Trigger, ref: str) -> tuple[tuple[str, str], ...]:
    return tuple((plan.spec.id, plan.spec.name) for plan in plans if ref in refs_of(plan, kind))


def refs_of(plan: StoredPlan, kind: Trigger) -> tuple[str, ...]:
    """The LGTs or offers whose events of this kind the plan takes."""
    offers = plan.spec.offers
    match kind:
        case Trigger.SUBSCRIPTION:
            return tuple(plan.spec.lgts)
        case Trigger.ORDER:
            return tuple(offers.ordered)
        case Trigger.FAILED_PAYMENT:
            return tuple(offers.payment_failed)
        case Trigger.PAID:
            return tuple(offers.paid)


PAGE = Page("/unmatched", (Role.HEAD,), get, nav=N_("Without a plan"))

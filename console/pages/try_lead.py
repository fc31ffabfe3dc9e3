"""`/plans/{plan}/try`: which plans an event would enter, and who would get the client. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from console.asked import id_of, kind_of, named
from console.database import Role
from console.deciding import Known, decide_now, read_known
from console.names import Names, read_names
from console.page import Answer, Page, Shown, Visit
from console.pages.clients import Source, source_of
from console.reasons import CandidateLine, Words, words_of
from db import query
from worker.plans import store
from worker.plans.change import StoredPlan
from worker.plans.for_rules import in_force
from worker.rules.event import Trigger
from worker.rules.match import match
from worker.rules.plan import PlanBook

WAITING = query("explain/waiting")

MOST_SUGGESTIONS = 200


@dataclass(frozen=True, slots=True)
class Tried:
    """The answer of one plan that the event enters.

    ``has``: the name of the manager whose client it is already. ``waits``: it waits there already. ``chosen`` is None
    where no manager is active. ``ahead`` clients wait, and are given out before it.
    """

    plan_id: str
    name: str
    has: str | None = None
    waits: bool = False
    chosen: str | None = None
    why: str = ""
    ahead: int = 0
    candidates: tuple[CandidateLine, ...] = ()


@dataclass(frozen=True, slots=True)
class LeadNow:
    """The client of the question: the managers that it knows, and the plans in which it waits."""

    known: Known
    waits_in: frozenset[str]


@dataclass(frozen=True, slots=True)
class TryView:
    """The form, and the answer; ``tried`` is None before the first question."""

    plan_id: str
    plan_name: str
    is_archived: bool
    kinds: tuple[Trigger, ...]
    kind: Trigger
    ref: str
    lead_id: str
    suggestions: tuple[tuple[str, str], ...]
    source: Source | None
    tried: tuple[Tried, ...] | None
    is_entered: bool


async def get(visit: Visit) -> Answer:
    """The form, and the answer for `kind`, `ref` and `lead` once `ref` is given."""
    plans = await store.read(visit.connection, visit.person.account)
    plan, names = named(visit, plans), await read_names(visit.connection)
    kind, ref, lead_id = kind_of(visit) or Trigger.SUBSCRIPTION, id_of(visit, "ref"), id_of(visit, "lead")
    words = words_of(visit.call.language.code, names, {each.spec.id: each.spec.name for each in plans})
    tried = None
    if ref:
        now = await _lead_now(visit, lead_id)
        tried = tuple(_tried(_entered(visit, plans, kind, ref), now, words))
    view = TryView(
        plan_id=plan.spec.id,
        plan_name=plan.spec.name,
        is_archived=plan.archived,
        kinds=tuple(Trigger),
        kind=kind,
        ref=ref or "",
        lead_id=lead_id or "",
        suggestions=_suggestions(plan, names),
        source=source_of(kind, ref, names) if ref else None,
        tried=tried,
        is_entered=any(each.plan_id == plan.spec.id for each in tried or ()),
    )
    return Shown("try.html", view)


def _suggestions(plan: StoredPlan, names: Names) -> tuple[tuple[str, str], ...]:
    """The plan's LGTs and offers by id and name."""
    found = {ref: source_of(kind, ref, names).name for kind, refs in plan.spec.refs.items() for ref in refs}
    return tuple(found.items())[:MOST_SUGGESTIONS]


async def _lead_now(visit: Visit, lead_id: str | None) -> LeadNow:
    """The managers that the client knows, and its waits. A question without a client is about a new one."""
    if lead_id is None:
        return LeadNow(Known(), frozenset())
    account = visit.person.account
    waiting = await visit.connection.fetch(WAITING, account, lead_id)
    known = await read_known(visit.connection, account, lead_id)
    return LeadNow(known, frozenset(row["plan_id"] for row in waiting))


def _entered(visit: Visit, plans: Iterable[StoredPlan], kind: Trigger, ref: str) -> list[StoredPlan]:
    """The plans that the event enters, found by the worker's own matcher, in its order."""
    active = {plan.spec.id: plan for plan in plans if not plan.archived}
    book = PlanBook.empty().with_changes(1, map(in_force, active.values()), ())
    return [active[plan.plan_id] for plan in match(book, visit.person.account, kind, ref)]


def _tried(plans: Iterable[StoredPlan], now: LeadNow, words: Words) -> Iterable[Tried]:
    """The plans decide one after the other, and a later one knows the earlier decision, as in the worker."""
    known, owners = now.known, dict(now.known.owners)
    for plan in plans:
        id_, name = plan.spec.id, plan.spec.name
        if id_ in owners:
            yield Tried(id_, name, has=words.names.manager(owners[id_]))
        elif id_ in now.waits_in:
            yield Tried(id_, name, waits=True)
        else:
            decided = decide_now(plan, known)
            lines = tuple(map(words.candidate, decided.candidates))
            chosen = next((line for line in lines if line.chosen), None)
            if chosen:
                known = known.with_owner(id_, chosen.manager_id)
            yield Tried(
                id_,
                name,
                chosen=chosen.name if chosen else None,
                why=chosen.why if chosen else "",
                ahead=plan.waiting,
                candidates=lines,
            )


PAGE = Page("/plans/{plan}/try", (Role.HEAD,), get)

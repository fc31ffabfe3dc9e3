"""`/lead`: why a client has its managers, and the decision of today. A manager sees only the manager's own part."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from console import errors
from console.asked import id_of
from console.database import Role
from console.deciding import Known, decide_now, read_known
from console.errors import RefusalError
from console.names import read_names
from console.page import Answer, Page, Shown, Visit
from console.pages import my_lead
from console.pages.clients import Source, source_of
from console.reasons import CandidateLine, Words, words_of
from worker.explain.explanation import Decision, Trigger, Waiting, explain
from worker.explain.verdicts import InArchived, InQueue
from worker.plans import store
from worker.plans.change import StoredPlan


@dataclass(frozen=True, slots=True)
class Today:
    """The decision that the plan in force would make now.

    ``manager`` is None where no manager is active. ``is_archived``: the plan decides nothing any more.
    """

    is_archived: bool
    manager: str | None = None
    is_same: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """The client's manager in a plan. ``contacts`` and ``owners`` are None where the plan does not look at them."""

    plan_id: str
    plan_name: str
    version: int
    manager_id: str
    manager: str
    assigned_at: datetime
    source: Source
    reason: str
    why: str | None
    candidates: tuple[CandidateLine, ...]
    contacts: tuple[str, ...] | None
    owners: tuple[tuple[str, str], ...] | None
    fault: str | None
    today: Today


@dataclass(frozen=True, slots=True)
class Waits:
    """A plan in which the client waits. ``ahead`` is the number of clients before it."""

    plan_id: str
    plan_name: str
    since: datetime
    source: Source
    ahead: int
    is_archived: bool
    is_stuck: bool


@dataclass(frozen=True, slots=True)
class LeadView:
    """All plans that have the client. ``contacts`` are (manager, time of the latest contact), latest first."""

    lead_id: str
    given: tuple[Given, ...]
    waiting: tuple[Waits, ...]
    contacts: tuple[tuple[str, datetime], ...]
    now: datetime


async def get(visit: Visit) -> Answer:
    """The client `id`. A client that is in no plan is not found, even if a manager has contacted it."""
    if visit.person.role is Role.MANAGER:
        return await my_lead.get(visit)
    return await _of_head(visit)


async def _of_head(visit: Visit) -> Answer:
    lead_id, account = id_of(visit, "id"), visit.person.account
    if lead_id is None:
        raise RefusalError(errors.NOT_FOUND)
    found = await explain(visit.connection, account, lead_id)
    if not found.found:
        raise RefusalError(errors.NOT_FOUND)
    plans = {plan.spec.id: plan for plan in await store.read(visit.connection, account)}
    names = await read_names(visit.connection)
    words = words_of(visit.call.language.code, names, {id_: plan.spec.name for id_, plan in plans.items()})
    known = await read_known(visit.connection, account, lead_id)
    view = LeadView(
        lead_id=lead_id,
        given=tuple(_given(made, words, plans[made.plan_id], known) for made in found.decisions),
        waiting=tuple(_waits(waits, words) for waits in found.waiting),
        contacts=tuple((names.manager(contact.manager_id), contact.occurred_at) for contact in found.contacts),
        now=visit.call.now,
    )
    return Shown("lead.html", view)


def _given(made: Decision, words: Words, plan: StoredPlan, known: Known) -> Given:
    candidates = made.recomputation.candidates if made.recomputation else ()
    chosen = next((each for each in candidates if each.chosen), None)
    contacts, owners = words.links(made.links) if made.links is not None else (None, None)
    return Given(
        plan_id=made.plan_id,
        plan_name=plan.spec.name,
        version=made.plan_version,
        manager_id=made.manager_id,
        manager=words.names.manager(made.manager_id),
        assigned_at=made.assigned_at,
        source=_source(made.trigger, words),
        reason=made.reason,
        why=words.why(chosen.why) if chosen and made.fault is None else None,
        candidates=tuple(map(words.candidate, candidates)),
        contacts=contacts,
        owners=owners,
        fault=words.disagreement(made.fault) if made.fault else None,
        today=_today(made.manager_id, plan, known, words),
    )


def _today(manager_id: str, plan: StoredPlan, known: Known, words: Words) -> Today:
    """The decision that the plan in force makes with the present counts."""
    if plan.archived:
        return Today(is_archived=True)
    decided = decide_now(plan, known)
    chosen = next((each for each in decided.candidates if each.chosen), None)
    if chosen is None:
        return Today(is_archived=False)
    return Today(
        is_archived=False,
        manager=words.names.manager(chosen.manager_id),
        is_same=chosen.manager_id == manager_id,
        why=words.why(chosen.why),
    )


def _waits(waits: Waiting, words: Words) -> Waits:
    return Waits(
        plan_id=waits.plan_id,
        plan_name=words.plan(waits.plan_id),
        since=waits.since,
        source=_source(waits.trigger, words),
        ahead=waits.queue_position - 1,
        is_archived=isinstance(waits.why, InArchived),
        is_stuck=not isinstance(waits.why, InQueue),
    )


def _source(trigger: Trigger, words: Words) -> Source:
    return source_of(trigger.kind, trigger.ref, words.names)


PAGE = Page("/lead", (Role.HEAD, Role.MANAGER), get)

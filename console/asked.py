"""Reads what an address asks for: its plan, and the fields of its query. What makes no sense there is not found."""

from __future__ import annotations

from collections.abc import Iterable

from console import errors
from console.errors import RefusalError
from console.page import Visit
from worker.plans import store
from worker.plans.change import StoredPlan
from worker.rules.event import Trigger

LARGEST = 2**63 - 1  # the largest number that the database takes
LONGEST_ID = 128  # characters


async def plan_of(visit: Visit) -> StoredPlan:
    """The plan in the path, active or archived. Raises RefusalError if the account has no such plan."""
    plans = await store.read(visit.connection, visit.person.account)
    return named(visit, plans)


def named(visit: Visit, plans: Iterable[StoredPlan]) -> StoredPlan:
    """The plan in the path, among these. Raises RefusalError."""
    plan = next((plan for plan in plans if plan.spec.id == visit.call.path["plan"]), None)
    if plan is None:
        raise RefusalError(errors.NOT_FOUND)
    return plan


def id_of(visit: Visit, field: str) -> str | None:
    """The id in this field of the query, None where it is empty. Raises RefusalError for a text that is no id."""
    text = visit.call.query.get(field) or None
    if text is not None and ("\0" in text or len(text) > LONGEST_ID):
        raise RefusalError(errors.NOT_FOUND)
    return text


def manager_of(visit: Visit, plan: StoredPlan) -> str | None:
    """The manager in the query, present or past; None for all. Raises RefusalError for a stranger to the plan."""
    manager_id = id_of(visit, "manager")
    if manager_id is not None and manager_id not in plan.roster:
        raise RefusalError(errors.NOT_FOUND)
    return manager_id


def kind_of(visit: Visit) -> Trigger | None:
    """The kind of event in the query, None where it is empty. Raises RefusalError for any other text."""
    text = id_of(visit, "kind")
    if text is not None and text not in {each.value for each in Trigger}:
        raise RefusalError(errors.NOT_FOUND)
    return Trigger(text) if text is not None else None


def number_of(visit: Visit, field: str) -> int | None:
    """The whole number in this field of the query, None where it is empty. Raises RefusalError for any other text."""
    text = visit.call.query.get(field) or None
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 19):
        raise RefusalError(errors.NOT_FOUND)
    return min(int(text), LARGEST)

"""Gives the rules a stored plan in their own form."""

from __future__ import annotations

from worker.plans.change import StoredPlan
from worker.plans.file import PlanSpec
from worker.rules.ids import PlanNo, index_by_manager
from worker.rules.plan import Plan


def in_force(stored: StoredPlan) -> Plan:
    """The plan as it is stored, for a decision of now. Its label is left out, because nothing is announced."""
    return as_version(stored, stored.spec, stored.version, stored.roster)


def as_version(stored: StoredPlan, spec: PlanSpec, version: int, roster: tuple[str, ...]) -> Plan:
    """A version of the stored plan, perhaps one that is not saved. ``roster`` has all managers of ``spec``."""
    indexes = index_by_manager(roster)
    return Plan(
        plan_no=PlanNo(stored.plan_no),
        account_id=stored.account_id,
        plan_id=spec.id,
        version=version,
        name=spec.name,
        mode=spec.mode,
        label=None,
        roster=roster,
        active=tuple(indexes[manager.id] for manager in spec.managers if not manager.paused),
        refs=spec.refs,
    )

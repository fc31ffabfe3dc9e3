"""Reasons to refuse an edit because of the stored plans, as values. Pure.

``nearest`` is an existing name that is similar to the missing one.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NoPlan:
    """The account has no such plan."""

    plan_id: str
    nearest: str | None


@dataclass(frozen=True, slots=True)
class NotInPlan:
    """The plan has no such manager."""

    manager_id: str
    plan_id: str
    nearest: str | None


@dataclass(frozen=True, slots=True)
class AlreadyInPlan:
    """The manager to add is in the plan, active or paused."""

    manager_id: str
    plan_id: str


@dataclass(frozen=True, slots=True)
class PlanArchived:
    """An archived plan can't be edited."""

    plan_id: str


@dataclass(frozen=True, slots=True)
class LgtLost:
    """Another edit gave the LGT to the plan ``holder`` a moment before."""

    plan_id: str
    lgt_id: str
    holder: str


Refusal = NoPlan | NotInPlan | AlreadyInPlan | PlanArchived | LgtLost

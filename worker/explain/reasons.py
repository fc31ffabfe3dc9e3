"""The reasons for this manager and against each other one. Pure: values in, values out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from worker.explain.verdicts import (
    ByContact,
    ByCount,
    ByOwner,
    ByTurn,
    Chosen,
    EarlierContact,
    EarlierOwner,
    FewestLeads,
    FirstInOrder,
    HadMore,
    LaterInOrder,
    LatestContact,
    LongestWithout,
    MoreRecent,
    NobodyLinked,
    NoContact,
    NotLinked,
    OnlyActive,
    OwnsElsewhere,
    OwnsWithoutContact,
    Paused,
    Verdict,
)
from worker.rules.choose import Links, Reason, Shares, choose
from worker.rules.ids import RosterIndex
from worker.rules.plan import Mode, Plan


@dataclass(frozen=True, slots=True)
class Candidate:
    """A manager of the plan at the decision: what he had before it, and why he was chosen or passed over."""

    manager_id: str
    leads: int
    last_seq: int  # plan_seq of his latest lead, 0 = never
    active: bool
    chosen: bool
    why: Verdict


@dataclass(frozen=True, slots=True)
class Recomputed:
    """What the rules give; ``manager_id`` None where nobody was active."""

    manager_id: str | None
    reason: Reason | None
    candidates: tuple[Candidate, ...]


def recomputed(plan: Plan, managers: Sequence[str], shares: Shares, links: Links) -> Recomputed:
    """Decide again, and say why of each of the plan's managers."""
    if not plan.active:
        nobody = tuple(_candidate(plan, shares, manager, None, Paused()) for manager in managers)
        return Recomputed(None, None, nobody)
    index, reason = choose(plan, shares, links)
    chosen = plan.roster[index]
    case = _Case(plan, shares, links, index, reason)
    return Recomputed(
        chosen,
        reason,
        tuple(_candidate(plan, shares, manager, chosen, case.why(manager)) for manager in managers),
    )


def _candidate(plan: Plan, shares: Shares, manager: str, chosen: str | None, why: Verdict) -> Candidate:
    index = plan.roster.index(manager)
    return Candidate(
        manager, shares.assigned[index], shares.last_seqs[index], index in plan.active, manager == chosen, why
    )


@dataclass(frozen=True, slots=True)
class _Case:
    plan: Plan
    shares: Shares
    links: Links
    index: RosterIndex
    reason: Reason

    @property
    def chosen(self) -> str:
        return self.plan.roster[self.index]

    def why(self, manager: str) -> Verdict:
        if manager == self.chosen:
            return self._why_he()
        if manager not in self.plan.active_indexes:
            return Paused()
        match self.reason:
            case Reason.LINKED_CONTACT:
                return self._not_by_contact(manager)
            case Reason.LINKED_PLAN:
                return self._not_by_plan(manager)
            case Reason.EVEN:
                return self._not_even(manager)

    def _why_he(self) -> Chosen:
        match self.reason:
            case Reason.LINKED_CONTACT:
                return LatestContact()
            case Reason.LINKED_PLAN:
                return OwnsElsewhere(next(plan for plan, manager in self.links.plans if manager == self.chosen))
            case Reason.EVEN if self.plan.mode is Mode.LINKED:
                return NobodyLinked(self._why_even())
            case Reason.EVEN:
                return self._why_even()

    def _why_even(self) -> ByCount:
        leads, last_seq, *_ = self.shares.standing(self.index)
        rivals = [self.shares.standing(index) for index in self.plan.active if index != self.index]
        if not rivals:
            return OnlyActive()
        if all(rival[0] > leads for rival in rivals):
            return FewestLeads(leads)
        if all(rival[:2] > (leads, last_seq) for rival in rivals):
            return LongestWithout(leads)
        return FirstInOrder(leads)

    def _not_by_contact(self, manager: str) -> ByContact:
        if manager in self.links.contacts:
            return EarlierContact(self.chosen)
        if plan := self._other_plan(manager):
            return OwnsWithoutContact(plan)
        return NoContact()

    def _not_by_plan(self, manager: str) -> ByOwner:
        if plan := self._other_plan(manager):
            return EarlierOwner(plan, self.chosen)
        return NotLinked()

    def _other_plan(self, manager: str) -> str | None:
        return next((plan for plan, owner in self.links.plans if owner == manager), None)

    def _not_even(self, manager: str) -> ByTurn:
        mine = self.shares.standing(self.plan.active_indexes[manager])
        his = self.shares.standing(self.index)
        if mine[0] > his[0]:
            return HadMore(mine[0], self.chosen, his[0])
        if mine[1] > his[1]:
            return MoreRecent(mine[0], mine[1], self.chosen, his[1])
        return LaterInOrder(mine[0], self.chosen)

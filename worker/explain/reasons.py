"""Why this manager and not another, in words. Pure: values in, words out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    why: str


@dataclass(frozen=True, slots=True)
class Recomputed:
    """What the rules give; ``manager_id`` None where nobody was active."""

    manager_id: str | None
    reason: Reason | None
    candidates: tuple[Candidate, ...]


def recomputed(plan: Plan, managers: Sequence[str], shares: Shares, links: Links) -> Recomputed:
    """Decide again, and say why of each of the plan's managers."""
    if not plan.active:
        nobody = tuple(_candidate(plan, shares, manager, None, "paused") for manager in managers)
        return Recomputed(None, None, nobody)
    index, reason = choose(plan, shares, links)
    chosen = plan.roster[index]
    case = _Case(plan, shares, links, index, reason)
    return Recomputed(
        chosen,
        reason,
        tuple(_candidate(plan, shares, manager, chosen, case.why(manager)) for manager in managers),
    )


def _candidate(plan: Plan, shares: Shares, manager: str, chosen: str | None, why: str) -> Candidate:
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

    def why(self, manager: str) -> str:
        if manager == self.chosen:
            return self._why_he()
        if manager not in self.plan.active_indexes:
            return "paused"
        match self.reason:
            case Reason.LINKED_CONTACT:
                return self._not_by_contact(manager)
            case Reason.LINKED_PLAN:
                return self._not_by_plan(manager)
            case Reason.EVEN:
                return self._not_even(manager)

    def _why_he(self) -> str:
        match self.reason:
            case Reason.LINKED_CONTACT:
                return "the latest of the plan's active managers to contact the lead"
            case Reason.LINKED_PLAN:
                plan = next(plan for plan, manager in self.links.plans if manager == self.chosen)
                return f"none who contacted the lead is active in the plan, and he has it in plan {plan}"
            case Reason.EVEN if self.plan.mode is Mode.LINKED:
                return f"nobody active in the plan is linked to the lead, so by count: {self._why_even()}"
            case Reason.EVEN:
                return self._why_even()

    def _why_even(self) -> str:
        leads, last_seq, *_ = self.shares.standing(self.index)
        rivals = [self.shares.standing(index) for index in self.plan.active if index != self.index]
        if not rivals:
            return "the only active manager"
        if all(rival[0] > leads for rival in rivals):
            return f"the fewest leads ({leads})"
        if all(rival[:2] > (leads, last_seq) for rival in rivals):
            return f"as few leads as anyone ({leads}), and the longest without a new one"
        return f"as few leads as anyone ({leads}), as long without a new one, and first in the plan's fixed order"

    def _not_by_contact(self, manager: str) -> str:
        if manager in self.links.contacts:
            return f"contacted the lead earlier than {self.chosen}"
        if plan := self._other_plan(manager):
            return f"has not contacted the lead; he has it in plan {plan}, but a contact goes first"
        return "has not contacted the lead"

    def _not_by_plan(self, manager: str) -> str:
        if plan := self._other_plan(manager):
            return f"has the lead in plan {plan}, but was given it earlier than {self.chosen} in his"
        return "has not contacted the lead, and has it in no other plan"

    def _other_plan(self, manager: str) -> str | None:
        return next((plan for plan, owner in self.links.plans if owner == manager), None)

    def _not_even(self, manager: str) -> str:
        mine = self.shares.standing(self.plan.active_indexes[manager])
        his = self.shares.standing(self.index)
        if mine[0] > his[0]:
            return f"had {_leads(mine[0])}, {self.chosen} had {his[0]}"
        if mine[1] > his[1]:
            return (
                f"as many leads ({mine[0]}), but was given one more recently: "
                f"number {mine[1]}, {self.chosen} number {his[1]}"
            )
        return f"as many leads ({mine[0]}), none more recently, but later in the plan's fixed order than {self.chosen}"


def _leads(count: int) -> str:
    return "1 lead" if count == 1 else f"{count} leads"

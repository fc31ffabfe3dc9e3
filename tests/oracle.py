"""Assigns leads one at a time, as plainly as the specification says it: lists, read from end to end.

Nothing here comes from the code under test but the values that go in.
Where the specification leaves a choice: a lead that enters several plans enters them in order of their ids.
"""

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple

from worker.rules.event import Contact, Event, Lead, Trigger


@dataclass(frozen=True)
class Rules:
    """A plan in force. ``managers`` are in order, each with whether he is active."""

    plan_id: str
    managers: tuple[tuple[str, bool], ...] = ()
    refs: frozenset[tuple[Trigger, str]] = frozenset()
    mode: str = "even"
    account_id: str = "acme"

    @property
    def active(self) -> list[str]:
        return [manager for manager, is_active in self.managers if is_active]


class Given(NamedTuple):
    """This lead, in this plan, belongs to this manager."""

    account_id: str
    plan_id: str
    plan_seq: int
    lead_id: str
    manager_id: str
    reason: str


class Waits(NamedTuple):
    account_id: str
    plan_id: str
    lead_id: str


@dataclass
class Oracle:
    plans: list[Rules] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)  # in the order of decision
    waiting: list[Waits] = field(default_factory=list)  # in order of arrival
    contacts: list[Contact] = field(default_factory=list)  # in order of arrival
    unmatched: list[tuple[str, str, str]] = field(default_factory=list)

    def edit(self, rules: Rules) -> None:
        """The plan is new, or changed to this."""
        key = (rules.account_id, rules.plan_id)
        self.plans = [plan for plan in self.plans if (plan.account_id, plan.plan_id) != key]
        self.plans = sorted([*self.plans, rules], key=lambda plan: (plan.account_id, plan.plan_id))

    def wake(self, plan: Rules) -> None:
        """Waiting leads are assigned as soon as the plan has an active manager."""
        while plan.active and (queue := self._queue(plan)):
            self.waiting.remove(queue[0])
            self._assign(plan, queue[0].lead_id)

    def tell(self, event: Event) -> str:
        """The outcome of one record."""
        if isinstance(event, Contact):
            self.contacts.append(event)
            return "contact_recorded"
        if not isinstance(event, Lead):
            return "dead_lettered"
        plans = [
            plan for plan in self.plans if plan.account_id == event.account_id and (event.kind, event.ref) in plan.refs
        ]
        if not plans:
            self.unmatched.append((event.account_id, event.kind.value, event.ref))
            return "no_match"
        outcomes = [self._enter(plan, event.lead_id) for plan in plans]
        return min(outcomes, key=["assigned", "waiting", "already_assigned"].index)

    def _enter(self, plan: Rules, lead_id: str) -> str:
        self.wake(plan)
        if any(given.lead_id == lead_id for given in self._of(plan)):
            return "already_assigned"
        if not plan.active:
            if lead_id not in [waits.lead_id for waits in self._queue(plan)]:
                self.waiting.append(Waits(plan.account_id, plan.plan_id, lead_id))
            return "waiting"
        self._assign(plan, lead_id)
        return "assigned"

    def _assign(self, plan: Rules, lead_id: str) -> None:
        manager, reason = self._choose(plan, lead_id)
        plan_seq = len(self._of(plan)) + 1
        self.given.append(Given(plan.account_id, plan.plan_id, plan_seq, lead_id, manager, reason))

    def _choose(self, plan: Rules, lead_id: str) -> tuple[str, str]:
        if plan.mode == "linked":
            contacts = [
                (contact.occurred_at, arrival, contact.manager_id)
                for arrival, contact in enumerate(self.contacts)
                if (contact.account_id, contact.lead_id) == (plan.account_id, lead_id)
                and contact.manager_id in plan.active
            ]
            if contacts:
                return max(contacts)[2], "linked_contact"
            elsewhere = [
                given.manager_id
                for given in self.given
                if (given.account_id, given.lead_id) == (plan.account_id, lead_id)
                and given.plan_id != plan.plan_id
                and given.manager_id in plan.active
            ]
            if elsewhere:
                return elsewhere[-1], "linked_plan"
        return sorted(plan.active, key=lambda manager: self._standing(plan, manager))[0], "even"

    def _standing(self, plan: Rules, manager: str) -> tuple[int, int, int]:
        """Fewest leads, then longest without one, then the plan's permutation."""
        his = [given.plan_seq for given in self._of(plan) if given.manager_id == manager]
        return len(his), max(his, default=0), _tie_rank(plan.account_id, plan.plan_id, manager)

    def _of(self, plan: Rules) -> list[Given]:
        return [given for given in self.given if given[:2] == (plan.account_id, plan.plan_id)]

    def _queue(self, plan: Rules) -> list[Waits]:
        return [waits for waits in self.waiting if waits[:2] == (plan.account_id, plan.plan_id)]


def _tie_rank(*ids: str) -> int:
    """The rank of a manager in a plan, from account, plan and manager."""
    return int.from_bytes(blake2b("\0".join(ids).encode(), digest_size=8).digest(), "big")

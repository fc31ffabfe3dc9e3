"""Chooses the manager of a plan who gets a lead. Pure: imports only the standard library and pure modules.

The rules are those in "How a lead is assigned" of the specification.
"""

import heapq
from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import compress
from typing import NamedTuple

from worker.rules.ids import RosterIndex, roster_indexes
from worker.rules.plan import Mode, Plan

LINKED = Mode.LINKED  # before Python 3.12 each look-up of an enum's member runs Python code


class Reason(StrEnum):
    """The rule that gave the lead to this manager."""

    EVEN = "even"
    LINKED_CONTACT = "linked_contact"
    LINKED_PLAN = "linked_plan"


EVEN = Reason.EVEN


class Links(NamedTuple):
    """The managers that a lead knew at the decision, the latest first."""

    contacts: tuple[str, ...]
    plans: tuple[tuple[str, str], ...]  # (plan, its manager)


NO_LINKS = Links((), ())


# The key by which managers are compared: number of leads, plan_seq of the latest lead, tie rank, roster index. It is a
# plain tuple, because a named one takes three times as long to make, and each batch makes one for each manager.
Standing = tuple[int, int, int, RosterIndex]


class Shares:
    """The leads that each manager of one plan has, by roster index: the plan's counter row during a batch."""

    __slots__ = ("_heap", "assigned", "last_seq", "last_seqs", "plan")

    def __init__(self, plan: Plan, last_seq: int, assigned: Iterable[int], last_seqs: Iterable[int]) -> None:
        self.last_seq = last_seq
        self.assigned = list(assigned)
        self.last_seqs = list(last_seqs)
        self.plan = plan
        self._heap: list[Standing] | None = None

    def next_manager(self) -> RosterIndex:
        """The active manager who gets the next lead by the rule `even`."""
        if self._heap is None:
            self._heap = []  # a heap is faster only from the second lead on
            return min(self._standings())[-1]
        if not self._heap:
            self._heap += self._standings()
            heapq.heapify(self._heap)
        # A standing only rises, so an outdated item of the heap is too low and comes to the top, where the loop
        # replaces it. Every lead has its own plan_seq, so a different last_seq shows that an item is outdated.
        heap, last_seqs = self._heap, self.last_seqs
        while (top := heap[0])[1] != last_seqs[top[3]]:
            heapq.heapreplace(heap, self.standing(top[3]))
        return top[3]

    def standing(self, index: RosterIndex) -> Standing:
        """The standing of the manager at this index, active or paused."""
        return self.assigned[index], self.last_seqs[index], self.plan.tie_rank[index], index

    def _standings(self) -> Iterator[Standing]:
        """The standings of the active managers."""
        plan = self.plan
        everybody = zip(self.assigned, self.last_seqs, plan.tie_rank, roster_indexes(), strict=False)
        return compress(everybody, plan.is_active)

    def give(self, index: RosterIndex) -> int:
        """Count a lead for the manager; returns its ``plan_seq``."""
        self.last_seq += 1
        self.assigned[index] += 1
        self.last_seqs[index] = self.last_seq
        return self.last_seq


def choose(plan: Plan, shares: Shares, links: Links) -> tuple[RosterIndex, Reason]:
    """The manager for a lead with these links, and the reason. The plan must have an active manager."""
    if plan.mode is LINKED:
        active = plan.active_indexes
        for manager in links.contacts:
            if manager in active:
                return active[manager], Reason.LINKED_CONTACT
        for _, manager in links.plans:
            if manager in active:
                return active[manager], Reason.LINKED_PLAN
    return shares.next_manager(), EVEN

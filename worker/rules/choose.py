"""Which manager of a plan gets a lead. Pure: imports only the standard library and what is pure.

The rules are those of "How a lead is assigned" in the specification.
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
    """Why this manager."""

    EVEN = "even"
    LINKED_CONTACT = "linked_contact"
    LINKED_PLAN = "linked_plan"


EVEN = Reason.EVEN


class Links(NamedTuple):
    """Which managers a lead knew when it was decided, each latest first."""

    contacts: tuple[str, ...]
    plans: tuple[tuple[str, str], ...]  # (plan, its manager)


NO_LINKS = Links((), ())


# What managers are compared by: fewest leads, then longest without one, then the plan's permutation; and their index.
# A plain tuple: a named one takes three times as long to make, once for each manager of each plan in a batch.
Standing = tuple[int, int, int, RosterIndex]


class Shares:
    """How many leads of one plan each manager has, by index in the roster: the plan's counter row."""

    __slots__ = ("_heap", "assigned", "last_seq", "last_seqs", "plan")

    def __init__(self, plan: Plan, last_seq: int, assigned: Iterable[int], last_seqs: Iterable[int]) -> None:
        self.last_seq = last_seq
        self.assigned = list(assigned)
        self.last_seqs = list(last_seqs)
        self.plan = plan
        self._heap: list[Standing] | None = None

    def next_manager(self) -> RosterIndex:
        """The active manager whose turn it is by the rule `even`."""
        if self._heap is None:
            self._heap = []  # pays from the second lead on
            return min(self._standings())[-1]
        if not self._heap:
            self._heap += self._standings()
            heapq.heapify(self._heap)
        # Standings only rise, so an entry that is out of date is too low and surfaces before it can mislead. Every lead
        # has a number of its own, so the last one tells whether an entry is out of date.
        heap, last_seqs = self._heap, self.last_seqs
        while (top := heap[0])[1] != last_seqs[top[3]]:
            heapq.heapreplace(heap, self.standing(top[3]))
        return top[3]

    def standing(self, index: RosterIndex) -> Standing:
        """Of the manager at this index, whether he takes leads or not."""
        return self.assigned[index], self.last_seqs[index], self.plan.tie_rank[index], index

    def _standings(self) -> Iterator[Standing]:
        """Of all who take leads now."""
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
    """The manager who gets a lead with these links, and why. The plan must have an active one."""
    if plan.mode is LINKED:
        active = plan.active_indexes
        for manager in links.contacts:
            if manager in active:
                return active[manager], Reason.LINKED_CONTACT
        for _, manager in links.plans:
            if manager in active:
                return active[manager], Reason.LINKED_PLAN
    return shares.next_manager(), EVEN

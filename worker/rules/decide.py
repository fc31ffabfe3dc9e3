"""Who gets the lead. Pure: imports only the standard library and what is pure.

The rules are those of "How a lead is assigned" in the specification. The same inputs give the same manager, one by
one or in batches of any size: everything a decision hangs on is either in the arguments or was decided before it.
"""

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import compress, count
from typing import NamedTuple

from worker.records.traceparent import traceparent
from worker.rules.batch import Batch
from worker.rules.event import Arrival, Contact, Lead, Poison, Trigger
from worker.rules.match import Matched
from worker.rules.plan import Mode, Plan


class Outcome(StrEnum):
    """What became of an input record. Every record has exactly one."""

    ASSIGNED = "assigned"
    WAITING = "waiting"
    ALREADY_ASSIGNED = "already_assigned"
    NO_MATCH = "no_match"
    CONTACT_RECORDED = "contact_recorded"
    DEAD_LETTERED = "dead_lettered"


# Before Python 3.12 each look-up of an enum's member runs Python code: what is wanted for every record is named once.
ASSIGNED, WAITING, ALREADY_ASSIGNED = Outcome.ASSIGNED, Outcome.WAITING, Outcome.ALREADY_ASSIGNED
NO_MATCH, LINKED = Outcome.NO_MATCH, Mode.LINKED

# A record that enters several plans counts as the first of these that applies.
PRECEDENCE = (ASSIGNED, WAITING, ALREADY_ASSIGNED)


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


class Assignment(NamedTuple):
    """This lead, in this plan, belongs to this manager. ``links`` is None where the plan does not ask for them."""

    plan: Plan
    plan_seq: int
    manager_id: str
    reason: Reason
    arrival: Arrival
    links: Links | None


# What managers are compared by: fewest leads, then longest without one, then the plan's permutation; and their place.
Standing = tuple[int, int, int, int]


class Shares:
    """How many leads of one plan each manager has, by place in the roster: the plan's counter row."""

    __slots__ = ("_heap", "assigned", "last_seq", "last_seqs", "plan")

    def __init__(self, plan: Plan, last_seq: int, assigned: Iterable[int], last_seqs: Iterable[int]) -> None:
        self.last_seq = last_seq
        self.assigned = list(assigned)
        self.last_seqs = list(last_seqs)
        self.plan = plan
        self._heap: list[Standing] | None = None

    def next_place(self) -> int:
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

    def standing(self, place: int) -> Standing:
        """Of the manager in this place, whether he takes leads or not."""
        return self.assigned[place], self.last_seqs[place], self.plan.tie_rank[place], place

    def _standings(self) -> Iterator[Standing]:
        """Of all who take leads now."""
        plan = self.plan
        return compress(zip(self.assigned, self.last_seqs, plan.tie_rank, count()), plan.is_active)

    def give(self, place: int) -> int:
        """Count a lead for the manager; returns its ``plan_seq``."""
        self.last_seq += 1
        self.assigned[place] += 1
        self.last_seqs[place] = self.last_seq
        return self.last_seq


def choose(plan: Plan, shares: Shares, links: Links) -> tuple[int, Reason]:
    """The place of the manager who gets a lead with these links, and why. The plan must have an active one."""
    if plan.mode is LINKED:
        places = plan.active_places
        for manager in links.contacts:
            if manager in places:
                return places[manager], Reason.LINKED_CONTACT
        for _, manager in links.plans:
            if manager in places:
                return places[manager], Reason.LINKED_PLAN
    return shares.next_place(), EVEN


@dataclass(slots=True)
class Known:
    """The managers one lead knows, as the batch adds to them."""

    contacts: dict[str, tuple[datetime, int]] = field(default_factory=dict)  # manager: when, arrival
    plans: list[tuple[str, str]] = field(default_factory=list)  # (plan, manager), latest last

    def links(self) -> Links:
        """As ``choose`` wants them."""
        latest_first = sorted(self.contacts, key=self.contacts.__getitem__, reverse=True)
        return Links(tuple(latest_first), tuple(reversed(self.plans)))

    def heard(self, manager_id: str, occurred_at: datetime, arrival: int) -> None:
        """The manager contacted the lead; an older contact than the known one changes nothing."""
        latest = (occurred_at, arrival)
        self.contacts[manager_id] = max(self.contacts.get(manager_id, latest), latest)


@dataclass(slots=True)
class Desk:
    """One plan during one batch: what is known under its lock, and what the batch adds."""

    plan: Plan
    shares: Shares
    assigned: set[str] = field(default_factory=set)  # leads of this batch that the plan has already
    waiting: set[str] = field(default_factory=set)  # leads of this batch that wait in the plan already
    backlog: Sequence[Arrival] = ()  # the plan's oldest waiting leads, in order of arrival
    backlog_rest: int = 0  # how many more wait behind them
    drained: int = 0  # how many of the backlog the batch assigned


@dataclass(slots=True)
class Decider:
    """Decides a batch record by record. ``known`` needs the leads that enter linked plans, by (account, lead)."""

    desks: dict[int, Desk]
    known: dict[tuple[str, str], Known]
    assignments: list[Assignment] = field(default_factory=list)
    queued: list[tuple[Plan, Arrival]] = field(default_factory=list)

    def hear(self, contact: Contact, arrival: int) -> None:
        """A contact counts for every lead decided after it."""
        if known := self.known.get((contact.account_id, contact.lead_id)):
            known.heard(contact.manager_id, contact.occurred_at, arrival)

    def enter(self, plans: Sequence[Plan], arrival: Arrival) -> Outcome:
        """The lead enters the plans, one after the other."""
        if len(plans) == 1:
            return self._enter(self.desks[plans[0].plan_no], arrival)
        outcomes = {self._enter(self.desks[plan.plan_no], arrival) for plan in plans}
        return min(outcomes, key=PRECEDENCE.index)

    def drain(self, desk: Desk) -> None:
        """Waiting leads go first: assign the backlog as soon as there is an active manager."""
        if not desk.plan.active or desk.drained:
            return
        desk.drained = len(desk.backlog)
        for arrival in desk.backlog:
            self._assign(desk, arrival)

    def _enter(self, desk: Desk, arrival: Arrival) -> Outcome:
        if desk.backlog:
            self.drain(desk)
        if arrival.lead_id in desk.assigned:
            return ALREADY_ASSIGNED
        if arrival.lead_id in desk.waiting:
            return WAITING
        if not desk.plan.active or desk.backlog_rest:
            desk.waiting.add(arrival.lead_id)
            self.queued.append((desk.plan, arrival))
            return WAITING
        self._assign(desk, arrival)
        return ASSIGNED

    def _assign(self, desk: Desk, arrival: Arrival) -> None:
        plan = desk.plan
        known = self.known.get((plan.account_id, arrival.lead_id)) if self.known else None
        is_linked = plan.mode is LINKED
        links = known.links() if known and is_linked else NO_LINKS
        place, reason = choose(plan, desk.shares, links)
        manager_id = plan.roster[place]
        seq = desk.shares.give(place)
        self.assignments.append(Assignment(plan, seq, manager_id, reason, arrival, links if is_linked else None))
        desk.assigned.add(arrival.lead_id)
        desk.waiting.discard(arrival.lead_id)
        if known:
            known.plans.append((plan.plan_id, manager_id))


def decide_records(
    decider: Decider, batch: Batch, matched: Matched, first_arrival: int
) -> tuple[list[Outcome], Counter[tuple[str, Trigger, str]]]:
    """Each record's outcome, in order, and what matched no plan."""
    outcomes: list[Outcome] = []
    unmatched: Counter[tuple[str, Trigger, str]] = Counter()
    for place, (record, event, plans) in enumerate(zip(batch.records, batch.events, matched.by_record, strict=True)):
        match event:
            case Lead() if plans:
                arrival = Arrival(
                    event.lead_id,
                    event.kind,
                    event.ref,
                    event.event_id,
                    record.topic,
                    record.partition,
                    record.offset,
                    traceparent(record.headers) if record.headers else None,
                )
                outcomes.append(decider.enter(plans, arrival))
            case Lead():
                unmatched[event.account_id, event.kind, event.ref] += 1
                outcomes.append(NO_MATCH)
            case Contact():
                decider.hear(event, first_arrival + place)
                outcomes.append(Outcome.CONTACT_RECORDED)
            case Poison():
                outcomes.append(Outcome.DEAD_LETTERED)
    return outcomes, unmatched

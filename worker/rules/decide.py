"""Decides a batch. Pure: imports only the standard library and pure modules.

The same inputs give the same managers, one by one or in batches of any size. A decision depends only on the arguments
and on earlier decisions.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from worker.records.record import Record
from worker.records.traceparent import traceparent
from worker.rules.batch import Batch, Work
from worker.rules.choose import LINKED, NO_LINKS, Links, Reason, Shares, choose
from worker.rules.event import Contact, Entry, Lead, Poison, Trigger
from worker.rules.facts import Counters, Facts
from worker.rules.ids import LeadKey, PlanNo
from worker.rules.match import Matches
from worker.rules.plan import Plan


class Outcome(StrEnum):
    """The outcome of an input record. Every record has exactly one."""

    ASSIGNED = "assigned"
    WAITING = "waiting"
    ALREADY_ASSIGNED = "already_assigned"
    NO_MATCH = "no_match"
    CONTACT_RECORDED = "contact_recorded"
    DEAD_LETTERED = "dead_lettered"


# Before Python 3.12 each look-up of an enum's member runs Python code, so the frequent ones have names of their own.
ASSIGNED, WAITING, ALREADY_ASSIGNED = Outcome.ASSIGNED, Outcome.WAITING, Outcome.ALREADY_ASSIGNED
NO_MATCH = Outcome.NO_MATCH

# A record that enters several plans counts as the first of these that applies.
PRECEDENCE = (ASSIGNED, WAITING, ALREADY_ASSIGNED)


class Assignment(NamedTuple):
    """This lead, in this plan, belongs to this manager. ``links`` is None where the plan does not ask for them."""

    plan: Plan
    plan_seq: int
    manager_id: str
    reason: Reason
    entry: Entry
    links: Links | None


@dataclass(frozen=True, slots=True)
class Decisions:
    """All decisions of a batch. The ledger writes them in one transaction.

    ``counters`` has the new counter rows of the plans that changed. ``leads_by_plan`` is the number of leads that each
    plan assigned. ``contacts`` have their arrival numbers beside them.
    """

    outcomes: Sequence[Outcome]  # one for each record
    assignments: Sequence[Assignment]
    queued: Sequence[tuple[Plan, Entry]]  # leads that begin to wait
    contacts: Sequence[tuple[Contact, int]]
    unmatched: Counter[tuple[str, Trigger, str]]  # account, trigger, LGT or offer
    dead_letters: Sequence[tuple[Record, Poison]]
    counters: Mapping[PlanNo, Counters]
    leads_by_plan: Sequence[tuple[Plan, int]]


@dataclass(slots=True)
class LeadLinks:
    """The managers that one lead knows. The batch adds to them."""

    contacts: dict[str, tuple[datetime, int]] = field(
        default_factory=dict
    )  # by manager: time of the contact, arrival number
    plans: list[tuple[str, str]] = field(default_factory=list)  # (plan, manager), latest last

    def links(self) -> Links:
        """The links in the form that ``choose`` needs."""
        latest_first = sorted(self.contacts, key=self.contacts.__getitem__, reverse=True)
        return Links(tuple(latest_first), tuple(reversed(self.plans)))

    def add_contact(self, manager_id: str, occurred_at: datetime, arrival_no: int) -> None:
        """Add a contact of the manager with the lead. An older contact than the present one changes nothing."""
        latest = (occurred_at, arrival_no)
        self.contacts[manager_id] = max(self.contacts.get(manager_id, latest), latest)


@dataclass(slots=True)
class PlanState:
    """The state of one plan during one batch: its locked counter row, and the changes by the batch."""

    plan: Plan
    shares: Shares
    assigned: set[str] = field(default_factory=set)  # leads of this batch that already have a manager in the plan
    waiting: set[str] = field(default_factory=set)  # leads of this batch that already wait in the plan
    backlog: Sequence[Entry] = ()  # the plan's oldest waiting leads, until the batch has assigned them
    backlog_rest: int = 0  # the number of leads that wait behind the backlog
    queued: int = 0  # the number of leads of the batch that begin to wait


def decide(work: Work, matches: Matches, facts: Facts) -> Decisions:
    """Decide a batch, record by record, or a wake-up. Changes none of its arguments.

    Waiting leads go first: the first record that enters a plan causes the assignment of its backlog. All other backlogs
    follow at the end.
    """
    decider = _Decider(_plan_states(matches.plans, facts), _lead_links(facts))
    if isinstance(work, Batch):
        decider.decide_records(work, matches, facts.first_arrival_no)
    decider.assign_backlogs()
    return decider.decisions(facts)


def _plan_states(plans: Mapping[PlanNo, Plan], facts: Facts) -> dict[int, PlanState]:
    states: dict[int, PlanState] = {}
    for plan_no, plan in plans.items():
        last_seq, _, assigned, last_seqs = facts.counters[plan_no]
        states[plan_no] = PlanState(plan, Shares(plan, last_seq, assigned, last_seqs))
    for plan_no, backlog in facts.backlogs.items():
        states[plan_no].backlog = backlog.leads
        states[plan_no].backlog_rest = facts.counters[plan_no].waiting - len(backlog.leads)
    for plan_no, lead_id in facts.assigned:
        states[plan_no].assigned.add(lead_id)
    for plan_no, lead_id in facts.waiting:
        states[plan_no].waiting.add(lead_id)
    return states


def _lead_links(facts: Facts) -> dict[LeadKey, LeadLinks]:
    links = {key: LeadLinks() for key in facts.linked_leads}
    for account_id, lead_id, manager_id, occurred_at, arrival_no in facts.contacts:
        links[account_id, lead_id].add_contact(manager_id, occurred_at, arrival_no)
    for account_id, lead_id, plan_id, manager_id in facts.owners:
        links[account_id, lead_id].plans.append((plan_id, manager_id))
    return links


@dataclass(slots=True)
class _Decider:
    """Makes and collects the decisions."""

    states: dict[int, PlanState]
    links: dict[LeadKey, LeadLinks]
    outcomes: list[Outcome] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    queued: list[tuple[Plan, Entry]] = field(default_factory=list)
    contacts: list[tuple[Contact, int]] = field(default_factory=list)
    unmatched: Counter[tuple[str, Trigger, str]] = field(default_factory=Counter)
    dead_letters: list[tuple[Record, Poison]] = field(default_factory=list)

    def decide_records(self, batch: Batch, matches: Matches, first_arrival_no: int) -> None:
        outcomes = self.outcomes
        records = zip(batch.records, batch.events, matches.by_record, strict=True)
        for arrival_no, (record, event, plans) in enumerate(records, first_arrival_no):
            match event:
                case Lead() if plans:
                    entry = Entry(
                        event.lead_id,
                        event.kind,
                        event.ref,
                        event.event_id,
                        record.topic,
                        record.partition,
                        record.offset,
                        traceparent(record.headers) if record.headers else None,
                    )
                    outcomes.append(self._enter_all(plans, entry))
                case Lead():
                    self.unmatched[event.account_id, event.kind, event.ref] += 1
                    outcomes.append(NO_MATCH)
                case Contact():
                    self._add_contact(event, arrival_no)
                    outcomes.append(Outcome.CONTACT_RECORDED)
                case Poison():
                    self.dead_letters.append((record, event))
                    outcomes.append(Outcome.DEAD_LETTERED)

    def assign_backlogs(self) -> None:
        for state in self.states.values():
            if state.backlog:
                self._assign_backlog(state)

    def decisions(self, facts: Facts) -> Decisions:
        counters, leads_by_plan = {}, []
        for state in self.states.values():
            plan, shares = state.plan, state.shares
            before, backlog = facts.counters[plan.plan_no], facts.backlogs.get(plan.plan_no)
            if leads := shares.last_seq - before.last_seq:
                leads_by_plan.append((plan, leads))
            if leads or state.queued:
                waiting = before.waiting + state.queued - (len(backlog.leads) if backlog else 0)
                counters[plan.plan_no] = Counters(shares.last_seq, waiting, shares.assigned, shares.last_seqs)
        return Decisions(
            outcomes=self.outcomes,
            assignments=self.assignments,
            queued=self.queued,
            contacts=self.contacts,
            unmatched=self.unmatched,
            dead_letters=self.dead_letters,
            counters=counters,
            leads_by_plan=leads_by_plan,
        )

    def _add_contact(self, contact: Contact, arrival_no: int) -> None:
        """Record a contact. It counts for every later decision of the batch about this lead."""
        self.contacts.append((contact, arrival_no))
        if links := self.links.get((contact.account_id, contact.lead_id)):
            links.add_contact(contact.manager_id, contact.occurred_at, arrival_no)

    def _enter_all(self, plans: Sequence[Plan], entry: Entry) -> Outcome:
        """Let the lead enter the plans, one after the other. The first outcome of ``PRECEDENCE`` counts."""
        if len(plans) == 1:
            return self._enter(self.states[plans[0].plan_no], entry)
        outcomes = {self._enter(self.states[plan.plan_no], entry) for plan in plans}
        return min(outcomes, key=PRECEDENCE.index)

    def _enter(self, state: PlanState, entry: Entry) -> Outcome:
        if state.backlog:
            self._assign_backlog(state)
        if entry.lead_id in state.assigned:
            return ALREADY_ASSIGNED
        if entry.lead_id in state.waiting:
            return WAITING
        if not state.plan.active or state.backlog_rest:
            state.waiting.add(entry.lead_id)
            state.queued += 1
            self.queued.append((state.plan, entry))
            return WAITING
        self._assign(state, entry)
        return ASSIGNED

    def _assign_backlog(self, state: PlanState) -> None:
        """Assign the backlog. Leads behind it wait for the next batch."""
        backlog, state.backlog = state.backlog, ()
        for entry in backlog:
            self._assign(state, entry)

    def _assign(self, state: PlanState, entry: Entry) -> None:
        plan = state.plan
        known = self.links.get((plan.account_id, entry.lead_id)) if self.links else None
        is_linked = plan.mode is LINKED
        links = known.links() if known and is_linked else NO_LINKS
        index, reason = choose(plan, state.shares, links)
        manager_id = plan.roster[index]
        seq = state.shares.give(index)
        self.assignments.append(Assignment(plan, seq, manager_id, reason, entry, links if is_linked else None))
        state.assigned.add(entry.lead_id)
        state.waiting.discard(entry.lead_id)
        if known:
            known.plans.append((plan.plan_id, manager_id))

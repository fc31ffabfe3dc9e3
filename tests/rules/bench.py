"""The pure rules with lists for a database."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from tests.oracle import Given, Rules, Waits
from tests.support.make import Feed
from worker.rules.batch import Batch, Wake, Work
from worker.rules.decide import Assignment, Decisions, Outcome, decide
from worker.rules.event import Contact, Entry, Event, Poison, Trigger
from worker.rules.facts import Backlog, Counters, Facts
from worker.rules.ids import PlanNo, index_by_manager
from worker.rules.match import Matches
from worker.rules.plan import Mode, Plan, PlanBook


class Bench:
    def __init__(self, chunk: int = 2000) -> None:
        self.book = PlanBook.empty()
        self.feed = Feed()
        self.assignments: list[Assignment] = []
        self.waiting: list[tuple[Plan, Entry]] = []
        self.contacts: list[Contact] = []
        self._chunk = chunk
        self._numbers: dict[tuple[str, str], PlanNo] = {}

    def edit(self, *edits: Rules) -> None:
        plans = [self._plan(rules) for rules in edits]
        self.book = self.book.with_changes(self.book.revision + 1, plans, ())

    def wake(self, plan_id: str, account_id: str = "acme") -> None:
        plan = self._find(account_id, plan_id)
        while plan and plan.active and any(waits.plan_no == plan.plan_no for waits, _ in self.waiting):
            self._decide(Wake([plan.plan_no]), ())

    def write(self, *events: Event, halvings: int = 0) -> list[Outcome]:
        return self._halved(self.feed.batch(events), halvings)

    @property
    def given(self) -> list[Given]:
        return [
            Given(a.plan.account_id, a.plan.plan_id, a.plan_seq, a.entry.lead_id, a.manager_id, a.reason)
            for a in self.assignments
        ]

    @property
    def waits(self) -> list[Waits]:
        return [Waits(plan.account_id, plan.plan_id, entry.lead_id) for plan, entry in self.waiting]

    def managers(self, plan_id: str) -> list[str]:
        """The managers who got the leads of a plan, one after the other."""
        return [given.manager_id for given in self.given if given.plan_id == plan_id]

    def _halved(self, batch: Batch, halvings: int) -> list[Outcome]:
        if halvings and len(batch) > 1:
            return [outcome for half in batch.halves() for outcome in self._halved(half, halvings - 1)]
        return self._decide(batch, batch.events)

    def _decide(self, work: Work, events: Sequence[Event]) -> list[Outcome]:
        matches = Matches.of(work, self.book)
        decided = decide(work, matches, self._facts(events, matches.plans))
        self.assignments += decided.assignments
        done = {(a.plan.plan_no, a.entry.lead_id) for a in self.assignments}
        queue = [*self.waiting, *decided.queued]
        self.waiting = [(plan, it) for plan, it in queue if (plan.plan_no, it.lead_id) not in done]
        self.contacts += [event for event in events if isinstance(event, Contact)]
        self._check(decided, matches.plans)
        return list(decided.outcomes)

    def _check(self, decided: Decisions, plans: Mapping[PlanNo, Plan]) -> None:
        """The counters that are to be written are those that the lists come to."""
        for plan_no, counters in decided.counters.items():
            assert counters == self._counters(plans[plan_no])
        gave = Counter(a.plan.plan_no for a in decided.assignments)
        assert {plan.plan_no: leads for plan, leads in decided.leads_by_plan} == gave
        assert decided.counters.keys() == gave.keys() | {plan.plan_no for plan, _ in decided.queued}

    def _facts(self, events: Sequence[Event], plans: Mapping[PlanNo, Plan]) -> Facts:
        """The facts about all leads and plans, also if the batch does not ask for them."""
        linked = {(plan.account_id, entry.lead_id) for plan, entry in self.waiting}
        linked |= {(e.account_id, e.lead_id) for e in events if not isinstance(e, Poison)}
        return Facts(
            first_arrival_no=len(self.contacts),
            counters={plan_no: self._counters(plan) for plan_no, plan in plans.items()},
            backlogs={plan_no: self._backlog(plan) for plan_no, plan in plans.items() if plan.active},
            assigned=[(a.plan.plan_no, a.entry.lead_id) for a in self.assignments if a.plan.plan_no in plans],
            waiting=[(plan.plan_no, entry.lead_id) for plan, entry in self.waiting if plan.plan_no in plans],
            linked_leads=linked,
            contacts=[
                (it.account_id, it.lead_id, it.manager_id, it.occurred_at, number)
                for number, it in enumerate(self.contacts)
                if (it.account_id, it.lead_id) in linked
            ],
            owners=[
                (a.plan.account_id, a.entry.lead_id, a.plan.plan_id, a.manager_id)
                for a in self.assignments
                if (a.plan.account_id, a.entry.lead_id) in linked
            ],
        )

    def _counters(self, plan: Plan) -> Counters:
        his = [a for a in self.assignments if a.plan.plan_no == plan.plan_no]
        seqs = [[a.plan_seq for a in his if a.manager_id == manager] for manager in plan.roster]
        last_seqs = [max(seq, default=0) for seq in seqs]
        return Counters(len(his), len(self._queue(plan)), list(map(len, seqs)), last_seqs)

    def _backlog(self, plan: Plan) -> Backlog:
        return Backlog(self._queue(plan)[: self._chunk], 0)

    def _queue(self, plan: Plan) -> list[Entry]:
        return [entry for waits, entry in self.waiting if waits.plan_no == plan.plan_no]

    def _find(self, account_id: str, plan_id: str) -> Plan | None:
        key = (account_id, plan_id)
        return next((p for p in self.book.plans.values() if (p.account_id, p.plan_id) == key), None)

    def _plan(self, rules: Rules) -> Plan:
        old = self._find(rules.account_id, rules.plan_id)
        known = old.roster if old else ()
        roster = (*known, *(manager for manager, _ in rules.managers if manager not in known))
        return Plan(
            self._numbers.setdefault((rules.account_id, rules.plan_id), PlanNo(len(self._numbers) + 1)),
            rules.account_id,
            rules.plan_id,
            old.version + 1 if old else 1,
            rules.plan_id.title(),
            Mode(rules.mode),
            None,
            roster,
            tuple(map(index_by_manager(roster).__getitem__, rules.active)),
            {kind: _refs(rules.refs, kind) for kind in Trigger},
        )


def _refs(refs: Iterable[tuple[Trigger, str]], kind: Trigger) -> tuple[str, ...]:
    return tuple(sorted(ref for of_kind, ref in refs if of_kind is kind))

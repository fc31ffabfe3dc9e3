"""The pure rules with lists for a database."""

from collections.abc import Iterable

from tests.oracle import Given, Rules, Waits
from tests.support.make import Feed
from worker.rules.batch import Batch
from worker.rules.decide import Assignment, Decider, Desk, Known, Outcome, Shares, decide_records
from worker.rules.event import Arrival, Contact, Event, Poison, Trigger
from worker.rules.match import Matched
from worker.rules.plan import Mode, Plan, PlanBook


class Bench:
    def __init__(self, chunk: int = 2000) -> None:
        self.book = PlanBook.empty()
        self.feed = Feed()
        self.assignments: list[Assignment] = []
        self.waiting: list[tuple[Plan, Arrival]] = []
        self.contacts: list[Contact] = []
        self._chunk = chunk
        self._numbers: dict[tuple[str, str], int] = {}

    def edit(self, *edits: Rules) -> None:
        plans = [self._plan(rules) for rules in edits]
        self.book = self.book.changed(self.book.revision + 1, plans, ())

    def wake(self, plan_id: str, account_id: str = "acme") -> None:
        plan = self._find(account_id, plan_id)
        while plan and plan.active and any(waits.plan_no == plan.plan_no for waits, _ in self.waiting):
            self._decide(self.feed.batch([]), [plan.plan_no])

    def write(self, *events: Event, halvings: int = 0) -> list[Outcome]:
        return self._halved(self.feed.batch(events), halvings)

    @property
    def given(self) -> list[Given]:
        return [
            Given(a.plan.account_id, a.plan.plan_id, a.plan_seq, a.arrival.lead_id, a.manager_id, a.reason)
            for a in self.assignments
        ]

    @property
    def waits(self) -> list[Waits]:
        return [Waits(plan.account_id, plan.plan_id, arrival.lead_id) for plan, arrival in self.waiting]

    def managers(self, plan_id: str) -> list[str]:
        """Who got the leads of a plan, one after the other."""
        return [given.manager_id for given in self.given if given.plan_id == plan_id]

    def _halved(self, batch: Batch, halvings: int) -> list[Outcome]:
        if halvings and len(batch) > 1:
            return [outcome for half in batch.halves() for outcome in self._halved(half, halvings - 1)]
        return self._decide(batch)

    def _decide(self, batch: Batch, wake: Iterable[int] = ()) -> list[Outcome]:
        matched = Matched.of(batch, self.book, wake)
        desks = {plan_no: self._desk(plan) for plan_no, plan in matched.plans.items()}
        decider = Decider(desks, self._known(batch))
        outcomes, _ = decide_records(decider, batch, matched, len(self.contacts))
        for desk in desks.values():
            decider.drain(desk)
        self.assignments += decider.assignments
        done = {(a.plan.plan_no, a.arrival.lead_id) for a in self.assignments}
        queue = [*self.waiting, *decider.queued]
        self.waiting = [(plan, it) for plan, it in queue if (plan.plan_no, it.lead_id) not in done]
        self.contacts += [event for event in batch.events if isinstance(event, Contact)]
        return outcomes

    def _desk(self, plan: Plan) -> Desk:
        his = [a for a in self.assignments if a.plan.plan_no == plan.plan_no]
        seqs = [[a.plan_seq for a in his if a.manager_id == manager] for manager in plan.roster]
        shares = Shares(plan, len(his), map(len, seqs), (max(seq, default=0) for seq in seqs))
        queue = [arrival for waits, arrival in self.waiting if waits.plan_no == plan.plan_no]
        desk = Desk(plan, shares, {a.arrival.lead_id for a in his}, {arrival.lead_id for arrival in queue})
        if plan.active:
            desk.backlog, desk.backlog_rest = queue[: self._chunk], len(queue[self._chunk :])
        return desk

    def _known(self, batch: Batch) -> dict[tuple[str, str], Known]:
        arrivals = [(plan.account_id, arrival.lead_id) for plan, arrival in self.waiting]
        leads = [(e.account_id, e.lead_id) for e in batch.events if not isinstance(e, Poison)]
        known = {key: Known() for key in (*arrivals, *leads)}
        for place, it in enumerate(self.contacts):
            if (key := (it.account_id, it.lead_id)) in known:
                known[key].heard(it.manager_id, it.occurred_at, place)
        for a in self.assignments:
            if (key := (a.plan.account_id, a.arrival.lead_id)) in known:
                known[key].plans.append((a.plan.plan_id, a.manager_id))
        return known

    def _find(self, account_id: str, plan_id: str) -> Plan | None:
        key = (account_id, plan_id)
        return next((p for p in self.book.plans.values() if (p.account_id, p.plan_id) == key), None)

    def _plan(self, rules: Rules) -> Plan:
        old = self._find(rules.account_id, rules.plan_id)
        known = old.roster if old else ()
        roster = (*known, *(manager for manager, _ in rules.managers if manager not in known))
        return Plan(
            self._numbers.setdefault((rules.account_id, rules.plan_id), len(self._numbers) + 1),
            rules.account_id,
            rules.plan_id,
            old.version + 1 if old else 1,
            rules.plan_id.title(),
            Mode(rules.mode),
            None,
            roster,
            tuple(map(roster.index, rules.active)),
            {kind: _refs(rules.refs, kind) for kind in Trigger},
        )


def _refs(refs: Iterable[tuple[Trigger, str]], kind: Trigger) -> tuple[str, ...]:
    return tuple(sorted(ref for of_kind, ref in refs if of_kind is kind))

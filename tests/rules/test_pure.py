"""Deciding takes values and returns values: nothing of what it is given changes."""

from copy import deepcopy

from tests.rules.bench import Bench
from tests.support.make import EVENT_ID, NOON, Feed, contact, lead, plan, poison
from worker.rules.decide import decide
from worker.rules.event import Entry, Trigger
from worker.rules.facts import Backlog, Counters, Facts
from worker.rules.ids import PlanNo
from worker.rules.match import Matches

EVEN, LINKED = PlanNo(1), PlanNo(2)
WAITED = Entry("lead-0", Trigger.SUBSCRIPTION, "linked", EVENT_ID, "subscription", 0, 0, None)


def test_the_same_work_is_decided_twice_alike_and_the_facts_stay_as_they_were() -> None:
    """Leads that are assigned, that wait, that know a manager; a contact, a dead letter, and one of no plan."""
    bench = Bench()
    bench.edit(plan("even", "anna", "boris"), plan("linked", "anna", "boris", mode="linked"))
    batch = Feed().batch(
        [
            *(lead(f"lead-{number}", "even") for number in range(1, 4)),
            contact("lead-4", "boris"),
            *(lead(f"lead-{number}", "linked") for number in range(1, 6)),
            poison(),
            lead("lead-9", "of-no-plan"),
        ]
    )
    facts = Facts(
        first_arrival_no=7,
        counters={EVEN: Counters(1, 0, [1, 0], [1, 0]), LINKED: Counters(0, 1, [0, 0], [0, 0])},
        backlogs={LINKED: Backlog([WAITED], 3)},
        assigned=[(EVEN, "lead-1")],
        linked_leads={("acme", f"lead-{number}") for number in range(6)},
        contacts=[("acme", "lead-0", "boris", NOON, 1)],
        owners=[("acme", "lead-1", "even", "anna")],
    )
    matches = Matches.of(batch, bench.book)
    before = deepcopy((facts, matches))
    first = decide(batch, matches, facts)
    assert decide(batch, matches, facts) == first
    assert (facts, matches) == before

    assert [(a.entry.lead_id, a.plan.plan_id, a.plan_seq, a.manager_id) for a in first.assignments] == [
        ("lead-2", "even", 2, "boris"),
        ("lead-3", "even", 3, "anna"),
        ("lead-0", "linked", 1, "boris"),
        ("lead-1", "linked", 2, "anna"),
        ("lead-2", "linked", 3, "boris"),
        ("lead-3", "linked", 4, "anna"),
        ("lead-4", "linked", 5, "boris"),
        ("lead-5", "linked", 6, "anna"),
    ]
    assert first.counters == {EVEN: Counters(3, 0, [2, 1], [3, 2]), LINKED: Counters(6, 0, [3, 3], [6, 5])}
    assert [(given.plan_id, leads) for given, leads in first.leads_by_plan] == [("even", 2), ("linked", 6)]
    assert first.contacts == [(batch.events[3], 10)]
    assert [record.offset for record, _ in first.dead_letters] == [0]
    assert first.unmatched == {("acme", Trigger.SUBSCRIPTION, "of-no-plan"): 1}

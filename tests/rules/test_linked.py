"""Mode `linked`: whoever contacted the lead, else who has it in another plan, else as `even`."""

from tests.rules.bench import Bench
from tests.support.make import contact, lead, order, paused, plan

TEAM = ("anna", "boris", "clara")


def bench_with(*others: str) -> Bench:
    """A linked plan of the team, and plans of one manager each, named after him."""
    bench = Bench()
    bench.edit(plan("linked", *TEAM, mode="linked"), *(plan(manager, manager) for manager in others))
    return bench


def decided(bench: Bench) -> tuple[str, str]:
    """To whom the latest lead went, and why."""
    return bench.given[-1].manager_id, bench.given[-1].reason


def test_a_lead_goes_to_the_manager_who_contacted_it() -> None:
    """Also where the contact came just before in the same batch."""
    for manager in TEAM:
        bench = bench_with()
        bench.write(contact("lead-1", manager), lead("lead-1", "linked"))
        assert decided(bench) == (manager, "linked_contact")


def test_the_latest_contact_counts_and_not_the_last_to_arrive() -> None:
    """By `occurred_at`: a contact that arrives late does not outdo a later one."""
    bench = bench_with()
    bench.write(contact("lead-1", "anna", 5), contact("lead-1", "boris", 3), lead("lead-1", "linked"))
    assert decided(bench) == ("anna", "linked_contact")


def test_of_contacts_at_the_same_time_the_later_arrival_counts() -> None:
    """Within a batch and across batches."""
    for halvings in (0, 1):
        bench = bench_with()
        events = (contact("lead-1", "boris"), contact("lead-1", "anna"), lead("lead-1", "linked"))
        bench.write(*events, halvings=halvings)
        assert decided(bench) == ("anna", "linked_contact")


def test_an_older_contact_of_the_same_manager_does_not_set_him_back() -> None:
    """His latest contact is what counts."""
    bench = bench_with()
    bench.write(contact("lead-1", "anna", 5), contact("lead-1", "boris", 4), contact("lead-1", "anna", 1))
    bench.write(lead("lead-1", "linked"))
    assert decided(bench) == ("anna", "linked_contact")


def test_a_contact_after_the_decision_changes_nothing() -> None:
    """The lead is decided by what was known before it."""
    bench = bench_with("boris")
    bench.write(lead("lead-1", "boris"), lead("lead-1", "linked"), contact("lead-1", "anna"))
    assert decided(bench) == ("boris", "linked_plan")


def test_an_inactive_manager_who_contacted_the_lead_is_passed_over() -> None:
    """Paused, and never in the plan: the next latest contact counts."""
    bench = Bench()
    bench.edit(plan("linked", "anna", "boris", paused("clara"), mode="linked"))
    contacts = [contact("lead-1", "anna", 1), contact("lead-1", "clara", 2), contact("lead-1", "zoe", 3)]
    bench.write(*contacts, lead("lead-1", "linked"))
    assert decided(bench) == ("anna", "linked_contact")


def test_a_lead_goes_to_whom_it_has_in_another_plan() -> None:
    """Where nobody of the plan contacted it."""
    for manager in TEAM:
        bench = bench_with(manager)
        bench.write(lead("lead-1", manager), lead("lead-1", "linked"))
        assert decided(bench) == (manager, "linked_plan")


def test_of_several_other_plans_the_latest_assignment_counts() -> None:
    """Not the order of the plans' names."""
    for first, second in (("anna", "boris"), ("boris", "anna")):
        bench = bench_with("anna", "boris")
        bench.write(lead("lead-1", first), lead("lead-1", second), lead("lead-1", "linked"))
        assert decided(bench) == (second, "linked_plan")


def test_an_inactive_manager_of_another_plan_is_passed_over() -> None:
    """The assignment before his counts."""
    bench = bench_with("anna", "boris")
    bench.edit(plan("linked", "anna", paused("boris"), "clara", mode="linked"))
    bench.write(lead("lead-1", "anna"), lead("lead-1", "boris"), lead("lead-1", "linked"))
    assert decided(bench) == ("anna", "linked_plan")


def test_a_contact_goes_before_another_plan() -> None:
    """However old it is."""
    bench = bench_with("anna")
    bench.write(contact("lead-1", "clara"), lead("lead-1", "anna"), lead("lead-1", "linked"))
    assert decided(bench) == ("clara", "linked_contact")


def test_without_links_a_linked_plan_is_even() -> None:
    """Other leads' contacts mean nothing, nor do strangers'."""
    bench = bench_with()
    bench.write(contact("lead-9", "anna"), *(contact(f"lead-{number}", "zoe") for number in range(6)))
    bench.write(*(lead(f"lead-{number}", "linked") for number in range(6)))
    assert sorted(bench.managers("linked")) == ["anna", "anna", "boris", "boris", "clara", "clara"]
    assert {given.reason for given in bench.given} == {"even"}


def test_a_linked_assignment_counts_like_any_other() -> None:
    """After two by contact the others are served first."""
    bench = bench_with()
    bench.write(*(contact(f"lead-{number}", "anna") for number in (1, 2)))
    bench.write(*(lead(f"lead-{number}", "linked") for number in range(1, 7)))
    assert bench.managers("linked")[:2] == ["anna", "anna"]
    assert sorted(bench.managers("linked")[2:]) == ["boris", "boris", "clara", "clara"]


def test_an_order_that_enters_two_linked_plans_stays_with_one_manager() -> None:
    """The second plan sees what the first has just decided."""
    bench = Bench()
    bench.edit(*(plan(name, *TEAM, mode="linked", ordered=["offer"]) for name in ("alpha", "beta")))
    bench.write(order("lead-1", "offer"))
    (first, second) = bench.given
    assert (first.reason, second.reason) == ("even", "linked_plan")
    assert first.manager_id == second.manager_id


def test_links_of_another_account_mean_nothing() -> None:
    """The same lead and the same manager there are somebody else."""
    bench = bench_with()
    there = plan("linked", "clara", account="globex")
    bench.edit(there)
    bench.write(contact("lead-1", "anna", account="globex"), lead("lead-1", "linked", account="globex"))
    bench.write(lead("lead-1", "linked"))
    assert decided(bench)[1] == "even"

"""Mode `even`: fewest leads, then longest without one, then the plan's permutation."""

from collections import Counter
from hashlib import blake2b

from tests.rules.bench import Bench
from tests.support.make import contact, lead, leads, paused, plan

TEAM = ("anna", "boris", "clara")


def permuted(plan_id: str, *managers: str) -> list[str]:
    """By a hash of account, plan and manager, as it has always been: changing it would change decisions."""

    def rank(manager: str) -> bytes:
        return blake2b(f"acme\0{plan_id}\0{manager}".encode(), digest_size=8).digest()

    return sorted(managers, key=rank)


def test_every_manager_gets_a_lead_before_anyone_gets_a_second() -> None:
    """Nine leads make three rounds of the team, all in the order of the first."""
    bench = Bench()
    bench.edit(plan("alpha", *TEAM))
    bench.write(*leads(*range(1, 10)))
    assert bench.managers("alpha") == permuted("alpha", *TEAM) * 3


def test_a_tie_goes_to_whom_the_plan_gave_a_lead_longest_ago() -> None:
    """After a pause both have two again: the turn is that of him whose latest lead is older."""
    first, second = permuted("alpha", "anna", "boris")
    bench = Bench()
    bench.edit(plan("alpha", "anna", "boris"))
    bench.write(*leads(1))
    bench.edit(plan("alpha", paused(first), second))
    bench.write(*leads(2, 3))
    bench.edit(plan("alpha", first, second))
    bench.write(*leads(4, 5))
    assert bench.managers("alpha") == [first, second, second, first, second]


def test_the_first_name_is_not_favoured_in_every_plan() -> None:
    """Over 300 plans each of three managers gets the first lead of about a third."""
    bench = Bench()
    plans = [f"plan-{number}" for number in range(300)]
    bench.edit(*(plan(plan_id, *TEAM) for plan_id in plans))
    bench.write(*(lead("lead-1", plan_id) for plan_id in plans))
    firsts = Counter(given.manager_id for given in bench.given)
    assert set(firsts) == set(TEAM)
    assert all(70 <= count <= 130 for count in firsts.values())


def test_the_order_of_the_list_means_nothing() -> None:
    """The same plan with its managers listed backwards decides the same."""
    bench, backwards = Bench(), Bench()
    bench.edit(plan("alpha", *TEAM))
    backwards.edit(plan("alpha", *reversed(TEAM)))
    for each in (bench, backwards):
        each.write(*leads(*range(1, 11)))
    assert bench.given == backwards.given


def test_a_newcomer_gets_every_new_lead_until_he_has_as_many() -> None:
    """He begins with none, catches up in one go, and then takes his turn."""
    bench = Bench()
    bench.edit(plan("alpha", "anna", "boris"))
    bench.write(*leads(*range(1, 7)))
    bench.edit(plan("alpha", "anna", "boris", "clara"))
    bench.write(*leads(*range(7, 13)))
    assert bench.managers("alpha")[6:9] == ["clara"] * 3
    assert sorted(bench.managers("alpha")[9:]) == ["anna", "boris", "clara"]


def test_a_paused_manager_gets_none_and_keeps_his_count() -> None:
    """Back from his pause he has fewer than the others and gets every lead until he is level."""
    bench = Bench()
    bench.edit(plan("alpha", "anna", "boris"))
    bench.write(*leads(*range(1, 5)))
    bench.edit(plan("alpha", paused("anna"), "boris"))
    bench.write(*leads(5, 6))
    bench.edit(plan("alpha", "anna", "boris"))
    bench.write(*leads(7, 8))
    assert bench.managers("alpha")[4:] == ["boris", "boris", "anna", "anna"]


def test_a_removed_manager_who_comes_back_still_has_his_count() -> None:
    """He is no newcomer: his two leads count, wherever on the list he is put."""
    bench = Bench()
    bench.edit(plan("alpha", "anna", "boris"))
    bench.write(*leads(*range(1, 5)))
    bench.edit(plan("alpha", "boris"))
    bench.write(*leads(5))
    bench.edit(plan("alpha", "clara", "boris", "anna"))
    bench.write(*leads(6, 7, 8))
    assert bench.managers("alpha")[4:] == ["boris", "clara", "clara", "anna"]


def test_counts_are_per_plan() -> None:
    """A manager with many leads in one plan is not passed over in another."""
    bench = Bench()
    bench.edit(plan("alpha", "anna"), plan("beta", "anna", "boris"))
    bench.write(*leads(*range(1, 6)))
    bench.write(*leads(1, 2, ref="beta"))
    assert sorted(bench.managers("beta")) == ["anna", "boris"]


def test_contacts_mean_nothing_in_an_even_plan() -> None:
    """Two leads go to two managers although one of them knows both."""
    bench = Bench()
    bench.edit(plan("alpha", "anna", "boris"))
    bench.write(contact("lead-1", "anna"), contact("lead-2", "anna"), *leads(1, 2))
    assert sorted(bench.managers("alpha")) == ["anna", "boris"]
    assert {given.reason for given in bench.given} == {"even"}

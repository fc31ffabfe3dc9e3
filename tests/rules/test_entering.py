"""Which plans an event enters, and what becomes of the record."""

import pytest

from tests.rules.bench import Bench
from tests.support.make import contact, lead, order, plan, poison
from worker.rules.event import Trigger
from worker.rules.ids import PlanNo
from worker.rules.match import match
from worker.rules.plan import PlanBook


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("lgts", Trigger.SUBSCRIPTION),
        ("ordered", Trigger.ORDER),
        ("payment_failed", Trigger.FAILED_PAYMENT),
        ("paid", Trigger.PAID),
    ],
)
def test_a_reference_counts_under_its_own_trigger_only(word: str, kind: Trigger) -> None:
    """An offer listed under `paid` brings in no order of it."""
    bench = Bench()
    bench.edit(plan("alpha", "anna", **{word: ["it"]}))
    entered = {each for each in Trigger if match(bench.book, "acme", each, "it")}
    assert entered == {kind}


def test_a_lead_enters_every_plan_that_lists_the_offer() -> None:
    """Each assigns it for itself, under its own number."""
    bench = Bench()
    bench.edit(*(plan(name, name, ordered=["offer"]) for name in ("alpha", "beta", "gamma")))
    assert bench.write(order("lead-1", "offer")) == ["assigned"]
    assert [(given.manager_id, given.plan_seq) for given in bench.given] == [
        ("alpha", 1),
        ("beta", 1),
        ("gamma", 1),
    ]


def test_a_lead_is_assigned_once_in_a_plan() -> None:
    """Another trigger changes nothing, in the same batch or a later one."""
    bench = Bench()
    bench.edit(plan("alpha", "anna", lgts=["site"], ordered=["offer"], paid=["offer"]))
    assert bench.write(lead("lead-1", "site"), order("lead-1", "offer")) == ["assigned", "already_assigned"]
    assert bench.write(lead("lead-1", "offer", Trigger.PAID)) == ["already_assigned"]
    assert len(bench.given) == 1


def test_assigned_counts_before_waiting_and_waiting_before_already_assigned() -> None:
    """A record has the first outcome that applies in any of its plans."""
    bench = Bench()
    bench.edit(plan("old", "anna", lgts=["site"], ordered=["a", "b"]), plan("empty", ordered=["b", "c"]))
    bench.edit(plan("new", "anna", ordered=["c"]))
    assert bench.write(lead("lead-1", "site")) == ["assigned"]
    assert bench.write(order("lead-1", "a")) == ["already_assigned"]
    assert bench.write(order("lead-1", "b")) == ["waiting"]
    assert bench.write(order("lead-1", "c")) == ["assigned"]


def test_every_kind_of_record_has_its_outcome() -> None:
    """An account that nobody knows is no match, and no poison."""
    bench = Bench()
    bench.edit(plan("alpha", "anna"), plan("empty"))
    outcomes = bench.write(
        lead("lead-1", "alpha"),
        lead("lead-1", "alpha"),
        lead("lead-1", "empty"),
        lead("lead-1", "nowhere"),
        lead("lead-1", "alpha", account="nobody"),
        contact("lead-1", "anna"),
        poison(),
    )
    assert outcomes == [
        "assigned",
        "already_assigned",
        "waiting",
        "no_match",
        "no_match",
        "contact_recorded",
        "dead_lettered",
    ]


def test_a_changed_book_leaves_the_old_one_as_it_was() -> None:
    """A batch under way keeps the plans it was matched against; an LGT that moved is in one plan of each."""
    bench = Bench()
    bench.edit(plan("alpha", "anna", lgts=["site"]))
    old = bench.book
    bench.edit(plan("alpha", "anna", lgts=["other"]), plan("beta", "anna", lgts=["site"]))
    assert _plans(old, "site") == ["alpha"]
    assert _plans(bench.book, "site") == ["beta"]
    assert _plans(bench.book, "other") == ["alpha"]
    assert _plans(bench.book.with_changes(3, [], [PlanNo(2)]), "site") == []


def _plans(book: PlanBook, lgt: str) -> list[str]:
    return [found.plan_id for found in match(book, "acme", Trigger.SUBSCRIPTION, lgt)]

"""Leads that wait because their plan has no active manager."""

from tests.rules.bench import Bench
from tests.support.make import contact, leads, paused, plan


def assigned(bench: Bench) -> list[str]:
    return [given.lead_id for given in bench.given]


def test_leads_wait_while_nobody_is_active() -> None:
    """A further trigger of a waiting lead is `waiting` again, and leaves one entry."""
    bench = Bench()
    bench.edit(plan("alpha", paused("anna")))
    assert bench.write(*leads(1, 2, 1)) == ["waiting"] * 3
    assert bench.write(*leads(2)) == ["waiting"]
    assert [waits.lead_id for waits in bench.waits] == ["lead-1", "lead-2"]


def test_waiting_leads_are_assigned_on_resume_with_no_event() -> None:
    """In order of arrival, evenly."""
    bench = Bench()
    bench.edit(plan("alpha"))
    bench.write(*leads(3, 1, 2))
    bench.edit(plan("alpha", "anna"))
    bench.wake("alpha")
    assert assigned(bench) == ["lead-3", "lead-1", "lead-2"]
    assert not bench.waits


def test_waiting_leads_go_before_newer_ones() -> None:
    """Also where the newer one arrives before the wake-up."""
    bench = Bench()
    bench.edit(plan("alpha"))
    bench.write(*leads(1, 2))
    bench.edit(plan("alpha", "anna"))
    assert bench.write(*leads(3, 1)) == ["assigned", "already_assigned"]
    assert assigned(bench) == ["lead-1", "lead-2", "lead-3"]


def test_new_leads_queue_behind_what_is_left_of_a_long_backlog() -> None:
    """One transaction assigns two of five; what is new waits, what waits already is not queued again."""
    bench = Bench(chunk=2)
    bench.edit(plan("alpha"))
    bench.write(*leads(1, 2, 3, 4, 5))
    bench.edit(plan("alpha", "anna"))
    assert bench.write(*leads(6, 1, 4)) == ["waiting", "already_assigned", "waiting"]
    assert assigned(bench) == ["lead-1", "lead-2"]
    bench.wake("alpha")
    assert assigned(bench) == [f"lead-{number}" for number in range(1, 7)]


def test_a_waiting_lead_is_linked_by_what_is_known_when_it_is_assigned() -> None:
    """A contact while it waited counts."""
    bench = Bench()
    bench.edit(plan("alpha", mode="linked"))
    bench.write(*leads(1))
    bench.write(contact("lead-1", "boris"))
    bench.edit(plan("alpha", "anna", "boris", "clara", mode="linked"))
    bench.wake("alpha")
    assert [(given.manager_id, given.reason) for given in bench.given] == [("boris", "linked_contact")]

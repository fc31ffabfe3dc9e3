"""The managers that a linked plan found are read from the tables, and stored with the assignment."""

import json

from tests.support.make import contact, lead, paused, plan
from tests.support.office import Office
from worker.plans import store as planstore

TEAM = ("anna", "boris", "clara")


async def decided(office: Office) -> tuple[str, str, object]:
    """The manager, the reason and the stored links of the linked plan's only assignment."""
    ((manager, reason, links),) = await office.rows(
        "select manager_id, reason, links from salesplan.assignment join salesplan.plan using (plan_no)"
        " where plan_id = 'linked'"
    )
    return manager, reason, links and json.loads(links)


async def test_contacts_are_kept_latest_first(office: Office) -> None:
    """By when they took place, then by arrival; also strangers, whom the plan passes over."""
    await office.edit(plan("linked", *TEAM, mode="linked"))
    await office.write(contact("lead-1", "clara", 9), contact("lead-1", "anna", 5))
    await office.write(contact("lead-1", "boris", 5), contact("lead-1", "zoe", 30), contact("lead-1", "clara", 1))
    await office.write(lead("lead-1", "linked"))
    links = {"contacts": ["zoe", "clara", "boris", "anna"], "plans": []}
    assert await decided(office) == ("clara", "linked_contact", links)


async def test_contacts_of_the_same_batch_are_seen(office: Office) -> None:
    """Those before the lead and not those behind it, whatever was known before."""
    await office.edit(plan("linked", *TEAM, mode="linked"))
    await office.write(contact("lead-1", "anna", 1))
    await office.write(contact("lead-1", "boris", 2), lead("lead-1", "linked"), contact("lead-1", "clara", 3))
    links = {"contacts": ["boris", "anna"], "plans": []}
    assert await decided(office) == ("boris", "linked_contact", links)


async def test_other_plans_are_kept_latest_first(office: Office) -> None:
    """Across batches and within one, though they were assigned in the same millisecond."""
    await office.edit(plan("linked", "boris", "clara", mode="linked"), *(plan(name, name) for name in TEAM))
    await office.write(lead("lead-1", "clara"))
    await office.write(lead("lead-1", "boris"), lead("lead-1", "anna"))
    await office.write(lead("lead-1", "linked"))
    links = {"contacts": [], "plans": [["anna", "anna"], ["boris", "boris"], ["clara", "clara"]]}
    assert await decided(office) == ("boris", "linked_plan", links)


async def test_an_archived_plan_still_links(office: Office) -> None:
    """It keeps its history, and the lead is his in it."""
    await office.edit(plan("old", "boris"), plan("linked", *TEAM, mode="linked"))
    await office.write(lead("lead-1", "old"))
    await planstore.archive(office.connection, "acme", "old", changed_by="test", execute=True)
    await office.write(lead("lead-1", "linked"))
    assert (await decided(office))[:2] == ("boris", "linked_plan")


async def test_inactive_managers_are_passed_over(office: Office) -> None:
    """A paused one's contact, then a stranger's plan; what is left is the rule `even`."""
    await office.edit(plan("linked", "anna", paused("boris"), mode="linked"), plan("other", "zoe"))
    await office.write(contact("lead-1", "boris"), lead("lead-1", "other"))
    await office.write(lead("lead-1", "linked"))
    assert await decided(office) == ("anna", "even", {"contacts": ["boris"], "plans": [["other", "zoe"]]})


async def test_a_lead_without_links_has_empty_ones(office: Office) -> None:
    """Which tells that the plan did look."""
    await office.edit(plan("linked", "anna", mode="linked"))
    await office.write(lead("lead-1", "linked"))
    assert await decided(office) == ("anna", "even", {"contacts": [], "plans": []})


async def test_an_even_plan_keeps_no_links(office: Office) -> None:
    """It did not ask for any."""
    await office.edit(plan("alpha", "anna"))
    await office.write(contact("lead-1", "anna"), lead("lead-1", "alpha"))
    assert await office.rows("select links from salesplan.assignment") == [(None,)]


async def test_only_the_latest_contact_of_a_manager_is_kept(office: Office) -> None:
    """An older one that arrives later changes nothing, in the same batch or the next."""
    await office.write(contact("lead-1", "anna", 5), contact("lead-1", "anna", 3))
    kept = await office.rows("select * from salesplan.contact")
    await office.write(contact("lead-1", "anna", 4))
    assert await office.rows("select * from salesplan.contact") == kept
    await office.write(contact("lead-1", "anna", 6))
    assert await office.rows("select extract(minute from occurred_at)::int from salesplan.contact") == [(6,)]

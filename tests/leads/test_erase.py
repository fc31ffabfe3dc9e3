"""A lead is forgotten: what named it is gone, what was counted is as it was."""

import pytest

from tests.leads.forgetting import erase, holding, publish
from tests.support.make import EVENT_ID, contact, lead, order, paused, plan
from tests.support.office import Office
from worker.leads.erase import EraseRefusedError, LeadCounts

COUNTERS = "select * from salesplan.plan_counter order by plan_no"
OTHERS = (
    "select * from salesplan_api.assignments where lead_id not like 'erased-%' order by account_id, plan_id, plan_seq"
)


@pytest.fixture
async def busy(office: Office) -> Office:
    """Leads in two plans, one of them linked, one that waits in a third, and the same lead id in another account."""
    await office.edit(
        plan("alpha", "anna", "boris", "clara"), plan("beta", "anna", "boris", ordered=["offer"], mode="linked")
    )
    await office.edit(plan("alpha", "anna", account="other"))
    await office.edit(plan("closed", paused("anna")))
    await office.write(*(lead(f"lead-{n}", "alpha") for n in range(5)), contact("lead-2", "boris"))
    await office.write(order("lead-2", "offer"), lead("lead-2", "closed"), lead("lead-3", "closed"))
    await office.write(lead("lead-2", "alpha", account="other"), contact("lead-2", "anna", account="other"))
    await publish(office)
    return office


async def test_nothing_names_the_lead_any_more(busy: Office) -> None:
    """Looked for in every row of every table; the account of the same lead elsewhere is not touched."""
    await busy.write(lead("private", "alpha"), contact("private", "anna"), lead("private", "closed"))
    await publish(busy)
    assert await holding(busy, "private") == ["assignment", "contact", "waiting_lead"]
    known = await erase(busy, "private")
    assert known == LeadCounts(assignments=1, waiting=1, contacts=1, pending=False)
    assert await holding(busy, "private") == []

    await erase(busy, "lead-2")
    assert await busy.rows("select account_id, manager_id from salesplan_api.assignments where lead_id = 'lead-2'") == [
        ("other", "anna")
    ]
    assert await busy.rows("select account_id, manager_id from salesplan.contact") == [("other", "anna")]


async def test_numbers_counts_and_all_other_leads_stay(busy: Office) -> None:
    """Every assignment keeps its number, manager and event; only the plan in which it waited counts one less."""
    same = "select plan_no, plan_seq, manager_id, reason, event_id, links, source_offset from salesplan.assignment"
    before = await busy.rows(f"{same} order by 1, 2")
    others = [row for row in await busy.rows(OTHERS) if (row[0], row[2]) != ("acme", "lead-2")]
    counters = {row[0]: row for row in await busy.rows(COUNTERS)}
    await busy.refresh()
    closed = busy.plan("closed").plan_no

    await erase(busy, "lead-2")

    assert await busy.rows(f"{same} order by 1, 2") == before
    assert await busy.rows(OTHERS) == others
    no, last_seq, waiting, *rest = counters[closed]
    counters[closed] = (no, last_seq, waiting - 1, *rest)
    assert {row[0]: row for row in await busy.rows(COUNTERS)} == counters
    assert await busy.waits() == [("acme", "closed", "lead-3")]


async def test_its_plans_go_by_one_name_that_nobody_can_work_out(busy: Office) -> None:
    """One name for all plans of the account; another one for the next lead; upstream's event id is gone."""
    await erase(busy, "lead-2")
    await erase(busy, "lead-1")
    rows = await busy.rows(
        "select lead_id, array_agg(plan_id order by plan_id), max(trigger_event_id::text)"
        " from salesplan_api.assignments where lead_id like 'erased-%' group by 1 order by 2"
    )
    nothing = "00000000-0000-0000-0000-000000000000"
    assert [row[1:] for row in rows] == [(["alpha"], nothing), (["alpha", "beta"], nothing)]
    assert rows[0][0] != rows[1][0]
    kept = await busy.rows(
        "select erased_id, account_id, erased_by, assignments, waiting, contacts from salesplan.erasure order by 4"
    )
    assert kept == [(rows[0][0], "acme", "test", 1, 0, 0), (rows[1][0], "acme", "test", 2, 1, 1)]
    assert EVENT_ID.hex != nothing


async def test_who_comes_back_is_a_new_lead(busy: Office) -> None:
    """With the next number, and without anything that was known of him: not even whom he knew."""
    await erase(busy, "lead-2")
    written = await busy.write(lead("lead-2", "alpha"), order("lead-2", "offer"), lead("lead-2", "alpha"))
    assert written.outcomes == {"assigned": 2, "already_assigned": 1}
    found = await busy.rows(
        "select plan_id, plan_seq, reason from salesplan_api.assignments"
        " where lead_id = 'lead-2' and account_id = 'acme' order by 1"
    )
    assert found == [("alpha", 6, "even"), ("beta", 2, "linked_plan")]
    assert await busy.rows("select assigned from salesplan.plan_counter order by plan_no limit 1") == [([2, 2, 2],)]


async def test_erasing_again_or_a_stranger_changes_nothing(busy: Office) -> None:
    """The command runs again, as after an answer that was lost."""
    await erase(busy, "lead-2")
    before = await busy.everything()
    erasures = await busy.rows("select * from salesplan.erasure")
    for lead_id, account_id in (("lead-2", "acme"), ("nobody", "acme"), ("lead-1", "nobody")):
        assert not (await erase(busy, lead_id, account_id)).has_data
    assert await busy.everything() == before
    assert await busy.rows("select * from salesplan.erasure") == erasures


async def test_not_while_an_announcement_is_to_come(busy: Office) -> None:
    """It would be published after the lead is forgotten. Of another lead it does not matter."""
    await busy.write(order("lead-4", "offer"))
    before = await busy.everything()
    with pytest.raises(EraseRefusedError, match="still to be published"):
        await erase(busy, "lead-4")
    assert await busy.everything() == before
    assert (await erase(busy, "lead-0")).assignments == 1
    await publish(busy)
    assert (await erase(busy, "lead-4")).assignments == 2

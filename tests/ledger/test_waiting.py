"""Leads that wait: kept, assigned first, published without a new event."""

import pytest

from db import query
from tests.oracle import Waits
from tests.support.make import contact, lead, leads, order, paused, plan
from tests.support.office import Office, value_of
from worker.ledger import read
from worker.rules.batch import Wake
from worker.rules.ids import PlanNo

TRACEPARENT = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


async def assigned(office: Office) -> list[str]:
    return [given.lead_id for given in await office.given()]


async def test_a_lead_waits_once_whatever_triggers_it(office: Office) -> None:
    """Outcome `waiting` each time, one row, the first trigger kept, nothing announced."""
    await office.edit(plan("alpha", paused("anna"), lgts=["alpha"], ordered=["offer"]))
    first = await office.write(*leads(1), order("lead-1", "offer"))
    again = await office.write(order("lead-1", "offer"))
    assert (first.outcomes, again.outcomes) == ({"waiting": 2}, {"waiting": 1})
    assert (first.sequence, again.sequence) == (None, None)
    assert await office.waits() == [Waits("acme", "alpha", "lead-1")]
    assert await office.rows("select trigger_kind from salesplan.waiting_lead") == [("subscription",)]


async def test_waiting_leads_are_assigned_on_resume_and_published(office: Office) -> None:
    """In order of arrival, by the wake-up alone; no input is counted for it."""
    await office.edit(plan("alpha", paused("anna")))
    await office.write(*leads(3, 1))
    await office.write(*leads(2))
    positions = await office.rows("select * from salesplan.position order by 1, 2, 3")
    await office.edit(plan("alpha", "anna"))
    announced = await office.wake("alpha")
    assert await assigned(office) == ["lead-3", "lead-1", "lead-2"]
    assert [value_of(message)["lead_id"] for message in announced] == ["lead-3", "lead-1", "lead-2"]
    assert await office.waits() == []
    assert await office.rows("select waiting from salesplan.plan_counter") == [(0,)]
    assert await office.rows("select * from salesplan.position order by 1, 2, 3") == positions


async def test_waiting_leads_go_before_newer_ones(office: Office) -> None:
    """Also where the first batch after the resume is faster than the wake-up."""
    await office.edit(plan("alpha"))
    await office.write(*leads(1, 2))
    await office.edit(plan("alpha", "anna"))
    written = await office.write(*leads(9, 1))
    assert written.outcomes == {"assigned": 1, "already_assigned": 1}
    assert len(written.messages) == 3
    assert await assigned(office) == ["lead-1", "lead-2", "lead-9"]
    assert await office.wake("alpha") == []


async def test_new_leads_queue_behind_what_a_transaction_leaves(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two at a time: the order stays that of arrival, and nobody is queued twice."""
    monkeypatch.setattr(read, "BACKLOG_CHUNK", 2)
    await office.edit(plan("alpha"))
    await office.write(*leads(1, 2, 3, 4, 5))
    await office.edit(plan("alpha", "anna"))
    assert (await office.write(*leads(6, 1, 4))).outcomes == {"waiting": 2, "already_assigned": 1}
    assert await assigned(office) == ["lead-1", "lead-2"]
    assert await office.rows("select waiting from salesplan.plan_counter") == [(4,)]
    await office.wake("alpha")
    assert await assigned(office) == [f"lead-{number}" for number in range(1, 7)]


async def test_a_wake_up_of_a_plan_with_nobody_active_does_nothing(office: Office) -> None:
    """Nor does one of a plan that no book has: its manager was paused again, or it was archived."""
    await office.edit(plan("alpha"))
    await office.write(*leads(1))
    before = await office.everything()
    await office.put(Wake([office.plan("alpha").plan_no, PlanNo(4711)]))
    assert await office.everything() == before


async def test_the_record_that_brought_the_lead_is_kept_while_it_waits(office: Office) -> None:
    """Its trigger, its place and its trace are in the assignment and the message, as if it had not waited."""
    await office.edit(plan("alpha", ordered=["offer"]))
    orders = [order("lead-0", "offer"), order("lead-1", "offer")]
    batch = await office.batch(*orders, headers=[("traceparent", TRACEPARENT)])
    await office.put(batch)
    await office.edit(plan("alpha", "anna", ordered=["offer"]))
    message = (await office.wake("alpha"))[1]
    assert value_of(message)["trigger"] == {
        "kind": "order",
        "event_id": "01a207d9-207f-7b52-9d41-3c6f7a10e5b2",
        "lgt_id": None,
        "offer_id": "offer",
    }
    assert dict(message.headers)["traceparent"] == TRACEPARENT
    record = batch.records[1]
    assert await office.rows(
        "select source_topic, source_partition, source_offset from salesplan.assignment where plan_seq = 2"
    ) == [(record.topic, record.partition, record.offset)]


async def test_a_waiting_lead_is_linked_by_what_is_known_when_it_is_assigned(office: Office) -> None:
    """A contact that came while it waited counts."""
    await office.edit(plan("alpha", mode="linked"))
    await office.write(*leads(1))
    await office.write(contact("lead-1", "boris"))
    await office.edit(plan("alpha", "anna", "boris", "clara", mode="linked"))
    await office.wake("alpha")
    assert [(given.manager_id, given.reason) for given in await office.given()] == [("boris", "linked_contact")]


async def test_arrivals_of_a_batch_never_reach_into_the_next(office: Office) -> None:
    """However many plans each record waits in: numbers given to one batch end before those of the next."""
    # As if batches were of three records at most.
    await office.connection.execute("alter sequence salesplan.arrival increment by 3")
    await office.edit(plan("alpha", ordered=["offer"]), plan("beta", ordered=["offer"]))
    for number in range(3):
        await office.write(*(order(f"lead-{number}-{place}", "offer") for place in range(3)))
    queued = [waits.lead_id for waits in await office.waits() if waits.plan_id == "beta"]
    assert queued == [f"lead-{number}-{place}" for number in range(3) for place in range(3)]


async def test_plans_in_which_leads_wait_are_found(office: Office) -> None:
    """Whichever they are among others, and no longer than they have any."""
    await office.edit(*(plan(name, paused("anna")) for name in ("alpha", "beta", "gamma", "delta")))
    assert await waiting_plans(office) == []
    await office.write(lead("lead-1", "beta"), lead("lead-2", "delta"), lead("lead-3", "delta"))
    assert await waiting_plans(office) == ["beta", "delta"]
    await office.edit(plan("beta", "anna"), *(plan(name, paused("anna")) for name in ("alpha", "gamma", "delta")))
    await office.wake("beta")
    assert await waiting_plans(office) == ["delta"]


async def waiting_plans(office: Office) -> list[str]:
    numbers = [number for (number,) in await office.rows(query("plans/with_waiting"))]
    names = await office.rows("select plan_id from salesplan.plan where plan_no = any ($1) order by plan_id", numbers)
    return [name for (name,) in names]

"""Several workers at the same plans: real connections, each with a slot of its own."""

import asyncio
import random
from collections import Counter

from tests.support.locks import all_blocked, until_blocked
from tests.support.make import contact, lead, order, paused, plan
from tests.support.office import Office, offices
from worker.ledger.answer import BookChanged, PositionsMoved, Written
from worker.rules.batch import Batch
from worker.rules.event import Event, Lead

PLANS = ("alpha", "beta", "gamma", "delta")
TEAM = ("anna", "boris", "clara")


async def test_two_workers_at_one_plan_lose_nothing(database_url: str) -> None:
    """Both ask for the same counters at the same time: the second decides by what the first has written."""
    async with offices(database_url, 2) as (one, two):
        await one.edit(plan("alpha", "anna", "boris"))
        await one.refresh()
        await two.refresh()
        batches = [await office.batch(lead(f"lead-{office.slot.number}", "alpha")) for office in (one, two)]
        async with all_blocked(database_url, "select from salesplan.plan_counter for update", 2):
            writing = asyncio.gather(one.put(batches[0]), two.put(batches[1]))
        await writing
        given = await one.given()
    assert [each.plan_seq for each in given] == [1, 2]
    assert {each.manager_id for each in given} == {"anna", "boris"}
    assert {each.lead_id for each in given} == {"lead-0", "lead-1"}


async def test_two_workers_with_one_lead_assign_it_once(database_url: str) -> None:
    """Its order and its payment, say, under two workers for a moment of a rebalance."""
    async with offices(database_url, 2) as (one, two):
        await one.edit(plan("alpha", "anna", "boris"))
        await one.refresh()
        await two.refresh()
        batches = [await office.batch(lead("lead-1", "alpha")) for office in (one, two)]
        async with all_blocked(database_url, "select from salesplan.plan_counter for update", 2):
            writing = asyncio.gather(one.put(batches[0]), two.put(batches[1]))
        outcomes = sum((written.outcomes for written in await writing), Counter())
    assert outcomes == {"assigned": 1, "already_assigned": 1}


async def test_two_workers_with_one_partition_write_it_once(database_url: str) -> None:
    """The later one finds the position moved, and nothing of his remains."""
    async with offices(database_url, 2) as (one, two):
        await one.edit(plan("alpha", "anna", "boris"))
        await one.refresh()
        await two.refresh()
        batch: Batch = await one.batch(contact("lead-1", "anna"), lead("lead-1", "alpha"))
        async with all_blocked(database_url, "select from salesplan.position for update", 2):
            writing = asyncio.gather(one.attempt(batch), two.attempt(batch))
        answers = await writing
        assert {type(answer) for answer in answers} == {Written, PositionsMoved}
        assert len(await one.given()) == 1
        assert await one.rows("select last_seq from salesplan.plan_counter") == [(1,)]
        assert await one.rows("select count(*) from salesplan.outbox") == [(1,)]


async def test_a_batch_that_waited_for_an_edit_is_matched_again(database_url: str) -> None:
    """It asked for the lock before the edit was committed, and decides by the rules behind it."""
    async with offices(database_url, 2) as (one, editor):
        await one.edit(plan("alpha", "anna", "boris"))
        await one.refresh()
        batch = await one.batch(lead("lead-1", "alpha"), lead("lead-2", "alpha"))
        async with editor.connection.transaction():
            await editor.edit(plan("alpha", paused("anna"), "boris"))
            writing = asyncio.create_task(one.attempt(batch))
            await until_blocked(editor.connection, 1)
        assert await writing == BookChanged()
        await one.put(batch)
        assert await one.managers("alpha") == ["boris", "boris"]


async def test_contacts_and_unmatched_leads_in_any_order_never_deadlock(database_url: str) -> None:
    """Two workers that hear of the same leads the other way round, with no plan's lock to keep them apart."""
    async with offices(database_url, 2) as (one, two):
        await one.refresh()
        await two.refresh()
        events: list[Event] = [
            event for n in range(300) for event in (contact(f"lead-{n}", "anna"), lead(f"lead-{n}", f"gone-{n % 7}"))
        ]

        async def work(office: Office, told: list[Event]) -> None:
            for _ in range(8):
                await office.write(*told)

        await asyncio.gather(work(one, events), work(two, events[::-1]))
        assert await one.rows("select count(*) from salesplan.contact") == [(300,)]
        assert await one.rows("select sum(times) from salesplan_api.unmatched") == [(4800,)]


async def test_many_workers_at_many_plans_in_any_order(database_url: str) -> None:
    """Nobody waits in a circle, no lead is lost or doubled, no count drifts, numbers have no gap."""
    async with offices(database_url, 4) as crowd:
        every = [plan(name, *TEAM, lgts=[name], ordered=["offer"]) for name in PLANS]
        await crowd[0].edit(*every)
        told = [_events(random.Random(office.slot.number)) for office in crowd]

        async def work(office: Office, batches: list[list[Event]]) -> None:
            for events in batches:
                await office.put(await office.batch(*events))

        await asyncio.gather(*map(work, crowd, told))
        given = await crowd[0].given()
        counts = await crowd[0].rows("select assigned, last_seq from salesplan.plan_counter")
    wanted = {(name, event.lead_id) for event in _leads(told) for name in PLANS if event.ref in (name, "offer")}
    assert {(each.plan_id, each.lead_id) for each in given} == wanted
    assert len(given) == len(wanted)
    for name in PLANS:
        assert [each.plan_seq for each in given if each.plan_id == name] == [*range(1, 1 + _size(wanted, name))]
    assert all(max(assigned) - min(assigned) <= 1 and sum(assigned) == last for assigned, last in counts)


def _events(chance: random.Random) -> list[list[Event]]:
    """Batches that touch all plans, contacts and unmatched references of the same few names in any order."""

    def event() -> Event:
        lead_id = f"lead-{chance.randrange(60)}"
        choices: list[Event] = [
            lead(lead_id, chance.choice(PLANS)),
            lead(lead_id, chance.choice(PLANS)),
            order(lead_id, "offer"),
            contact(lead_id, chance.choice(TEAM)),
            lead(lead_id, "nowhere"),
        ]
        return chance.choice(choices)

    return [[event() for _ in range(chance.randrange(1, 12))] for _ in range(40)]


def _leads(told: list[list[list[Event]]]) -> list[Lead]:
    return [event for batches in told for events in batches for event in events if isinstance(event, Lead)]


def _size(wanted: set[tuple[str, str]], plan_id: str) -> int:
    return sum(name == plan_id for name, _ in wanted)

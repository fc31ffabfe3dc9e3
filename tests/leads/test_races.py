"""A lead is erased while a worker decides about it: one of the two comes first, and nothing is in between."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.leads.forgetting import erase, publish
from tests.support.locks import all_blocked, until_blocked
from tests.support.make import contact, lead, paused, plan
from tests.support.office import Office
from worker.leads.erase import EraseRefusedError, LeadCounts
from worker.ledger.answer import Written
from worker.rules.batch import Batch

# The batch has written all it decided then, and holds the counters.
POSITIONS = "select from salesplan.position for update"
CONTACTS = "select from salesplan.contact for update"
LEADS = "select plan_seq, lead_id like 'erased-%' from salesplan.assignment order by plan_no, plan_seq"
COUNTS = "select last_seq, waiting, assigned from salesplan.plan_counter order by plan_no"


@pytest.fixture
async def eraser(database_url: str) -> AsyncIterator[Office]:
    """A connection of its own for the erasure."""
    async with Office.open(database_url, partition=7) as opened:
        yield opened


async def batch_before_erasure(
    office: Office, eraser: Office, database_url: str, batch: Batch
) -> tuple[asyncio.Task[Written], asyncio.Task[LeadCounts]]:
    """The batch is being written, and an erasure of lead-1 waits for it; both go on now."""
    async with all_blocked(database_url, POSITIONS, 2):
        writing = asyncio.create_task(office.put(batch))
        await until_blocked(eraser.connection, 1)
        erasing = asyncio.create_task(erase(eraser, "lead-1"))
    return writing, erasing


async def test_a_batch_that_is_being_written_comes_first(office: Office, eraser: Office, database_url: str) -> None:
    """The erasure waits for it, sees its assignment, and that it is not announced yet; afterwards nothing is left."""
    await office.edit(plan("alpha", "anna", "boris"))
    await office.refresh()
    batch = await office.batch(lead("lead-1", "alpha"))
    writing, erasing = await batch_before_erasure(office, eraser, database_url, batch)
    assert (await writing).outcomes == {"assigned": 1}
    with pytest.raises(EraseRefusedError):
        await erasing
    assert await office.rows(LEADS) == [(1, False)]
    await publish(office)
    assert (await erase(eraser, "lead-1")).assignments == 1
    assert await office.rows(LEADS) == [(1, True)]


async def test_a_waiting_lead_that_is_being_assigned_is_not_counted_twice(
    office: Office, eraser: Office, database_url: str
) -> None:
    """It has left the queue when the erasure sees it: the count of those who wait goes down once."""
    await office.edit(plan("alpha", paused("anna")))
    await office.write(lead("lead-1", "alpha"), lead("lead-2", "alpha"))
    await office.edit(plan("alpha", "anna"))
    await office.refresh()
    batch = await office.batch(lead("lead-3", "alpha"))
    writing, erasing = await batch_before_erasure(office, eraser, database_url, batch)
    await writing
    with pytest.raises(EraseRefusedError):
        await erasing
    await publish(office)
    assert await erase(eraser, "lead-1")
    assert await office.rows(LEADS) == [(1, True), (2, False), (3, False)]
    assert await office.rows(COUNTS) == [(3, 0, [3])]


async def test_a_batch_that_waits_for_the_erasure_meets_a_new_lead(
    office: Office, eraser: Office, database_url: str
) -> None:
    """It finds neither the old assignment nor the place in the queue."""
    await office.edit(plan("alpha", "anna", "boris"), plan("closed", paused("anna")))
    await office.write(lead("lead-1", "alpha"), lead("lead-1", "closed"), contact("lead-1", "anna"))
    await publish(office)
    await office.refresh()
    batch = await office.batch(lead("lead-1", "alpha"), lead("lead-1", "closed"))
    async with all_blocked(database_url, CONTACTS, 2):
        erasing = asyncio.create_task(erase(eraser, "lead-1"))
        await until_blocked(office.connection, 1)
        writing = asyncio.create_task(office.put(batch))
    assert (await erasing).has_data
    written = await writing
    assert isinstance(written, Written)
    assert written.outcomes == {"assigned": 1, "waiting": 1}
    assert await office.rows(LEADS) == [(1, True), (2, False)]
    assert await office.rows(COUNTS) == [(2, 0, [1, 1]), (0, 1, [0])]


async def test_an_erasure_waits_for_an_edit_of_the_account(office: Office, eraser: Office) -> None:
    """A plan that is just being made might have the lead by the time the erasure is done."""
    await office.edit(plan("alpha", "anna"))
    await office.write(lead("lead-1", "alpha"))
    await publish(office)
    async with office.connection.transaction():
        await office.edit(plan("beta", "anna"))
        erasing = asyncio.create_task(erase(eraser, "lead-1"))
        await until_blocked(office.connection, 1)
    assert (await erasing).assignments == 1

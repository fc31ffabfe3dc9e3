"""Batches that must not be written: every table stays as it was."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from tests.support.make import Feed, contact, lead, order, plan, poison
from tests.support.office import GROUP, Office
from worker.ledger.answer import BookChanged, PositionsMoved, SlotLost, Written
from worker.outbox import slots
from worker.plans import store as planstore
from worker.rules.batch import Batch, Fetched, Wake
from worker.rules.event import Event

EVERYTHING: Sequence[Event] = (  # a batch that touches every table
    lead("lead-2", "alpha"),
    lead("lead-2", "empty"),
    lead("lead-2", "nowhere"),
    contact("lead-2", "anna"),
    poison(),
)


@pytest.fixture
async def busy(office: Office) -> Office:
    """One with a plan that has a lead, one in which one waits, and a book that is up to date."""
    await office.edit(plan("alpha", "anna", "boris"), plan("empty"))
    await office.write(lead("lead-1", "alpha"), lead("lead-1", "empty"), *EVERYTHING[2:])
    return office


@asynccontextmanager
async def untouched(office: Office) -> AsyncIterator[None]:
    before = await office.everything()
    yield
    assert await office.everything() == before


@pytest.mark.parametrize("moved", ["lgt", "new plan", "team", "roster", "archived"])
async def test_a_batch_matched_against_an_older_book_is_undone(busy: Office, moved: str) -> None:
    """Whatever changed since and though no notification came; with a fresh book it is written."""
    batch = await busy.batch(*EVERYTHING)
    changes = {
        "lgt": [plan("alpha", "anna", "boris", lgts=[]), plan("empty", lgts=["empty", "alpha"])],
        "new plan": [plan("new", "clara", lgts=["nowhere"])],
        "team": [plan("alpha", "boris")],
        "roster": [plan("alpha", "anna", "boris", "clara")],
    }
    if moved == "archived":
        await planstore.archive(busy.connection, "acme", "alpha", changed_by="test", execute=True)
    else:
        await busy.edit(*changes[moved])
    async with untouched(busy):
        assert await busy.attempt(batch) == BookChanged()
    await busy.refresh()
    assert isinstance(await busy.attempt(batch), Written)


async def test_an_lgt_that_moved_brings_leads_to_its_new_plan(busy: Office) -> None:
    """Also those that were read before it moved."""
    batch = await busy.batch(lead("lead-9", "alpha"))
    await busy.edit(plan("alpha", "anna", lgts=[]), plan("beta", "clara", lgts=["alpha"]))
    await busy.put(batch)
    assert [given[:2] for given in await busy.given() if given.lead_id == "lead-9"] == [("acme", "beta")]


async def test_a_wake_up_with_an_older_book_is_undone(busy: Office) -> None:
    """The manager who was to take the leads may be gone."""
    await busy.edit(plan("empty", "anna"))
    await busy.refresh()
    woken = busy.plan("empty").plan_no
    await busy.edit(plan("empty"))
    async with untouched(busy):
        assert await busy.attempt(Wake([woken])) == BookChanged()


@pytest.mark.parametrize("shift", [-1, 1])
async def test_a_position_that_is_not_the_expected_one_undoes_the_batch(busy: Office, shift: int) -> None:
    """Behind or ahead, and though the other partitions are right."""
    batch = await busy.batch(*EVERYTHING)
    partition = (batch.records[0].topic, batch.records[0].partition)
    expected = batch.fetched.expected
    moved = Batch(Fetched(batch.records, {**expected, partition: expected[partition] + shift}), batch.events)
    async with untouched(busy):
        assert await busy.attempt(moved) == PositionsMoved()


async def test_the_same_batch_is_written_once(busy: Office) -> None:
    """A record at the same offset again is nobody's to write."""
    batch = await busy.batch(*EVERYTHING)
    assert isinstance(await busy.attempt(batch), Written)
    async with untouched(busy):
        assert await busy.attempt(batch) == PositionsMoved()


async def test_a_partition_without_a_position_undoes_the_batch(busy: Office) -> None:
    """Its row was never made, or was taken away."""
    batch = Feed(partition=9).batch(EVERYTHING)
    async with untouched(busy):
        assert await busy.attempt(batch) == PositionsMoved()


async def test_a_slot_with_a_new_owner_undoes_the_batch(busy: Office) -> None:
    """The epoch has moved on: what is committed now would never be published in order."""
    await busy.connection.execute("update salesplan.slot set lease_until = now() - interval '1 second'")
    successor = await slots.lease(busy.connection, GROUP, "successor", 60)
    assert (successor.number, successor.epoch) == (busy.slot.number, busy.slot.epoch + 1)
    batch = await busy.batch(*EVERYTHING)
    async with untouched(busy):
        assert await busy.attempt(batch) == SlotLost()


async def test_a_row_out_of_sequence_undoes_the_batch(busy: Office) -> None:
    """A commit whose answer was lost must not be written over."""
    busy.slot.sequence -= 1
    batch = await busy.batch(*EVERYTHING)
    async with untouched(busy):
        assert await busy.attempt(batch) == SlotLost()


async def test_confirmed_rows_leave_the_outbox_with_the_next_batch(busy: Office) -> None:
    """And only those."""
    await busy.write(order("lead-3", "offer"), lead("lead-3", "alpha"))
    busy.slot.confirmed = 1
    await busy.write(lead("lead-4", "alpha"))
    assert await busy.rows("select sequence from salesplan.outbox order by 1") == [(2,), (3,)]
    assert await busy.rows("select sequence, confirmed from salesplan.slot") == [(3, 1)]


async def test_a_slot_writes_on_beyond_two_billion_rows(busy: Office) -> None:
    """A parameter that Postgres takes for an integer would refuse every batch from there on."""
    busy.slot.sequence = 2**31 - 1
    await busy.connection.execute("update salesplan.slot set sequence = $1, confirmed = $1", busy.slot.sequence)
    busy.slot.confirmed = busy.slot.sequence
    answer = await busy.attempt(await busy.batch(*EVERYTHING))
    assert isinstance(answer, Written)
    assert answer.sequence == 2**31

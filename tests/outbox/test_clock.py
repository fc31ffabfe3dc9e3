"""P33: the database's clock is set back or forward by an hour, and all that must happen happens as soon as before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.support.clock import install_clock, set_clock
from tests.support.make import lead, plan
from tests.support.office import GROUP, Office
from worker import postgres
from worker.ledger.silent_sessions import end_silent_sessions
from worker.outbox import slots
from worker.outbox.slots import Slot
from worker.publish.takeover import LOOK_SECONDS
from worker.run.gauges import OUTBOX_BACKLOG, oldest_age
from worker.settings import LONGEST_LEASE
from worker.stillness import Stillness

HOUR = 3600.0
LEASE = 10.0


class Looks:
    """Looks at the slots every second of a clock that takes no time."""

    def __init__(self, connection: postgres.Connection) -> None:
        self._connection = connection
        self._now = 0.0
        self._watched = Stillness[int](2.0, lambda: self._now)

    async def seconds_until_taken(self, most: int = 60) -> float:
        """Until a slot is taken over, or slots are freed; ``most`` where nothing happens."""
        before = await self._leases()
        for second in range(most):
            taken = await slots.lease_abandoned(
                self._connection, GROUP, "successor", LEASE, stillness=self._watched, limits={}
            )
            if taken or await self._leases() != before:
                return second
            self._now += 1
        return most

    async def _leases(self) -> list[postgres.Row]:
        return await self._connection.fetch("select lease_until from salesplan.slot order by number")


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[postgres.Connection]:
    """To a database with a clock that can be set."""
    await install_clock(database_url)
    async with postgres.connected(database_url, application_name="test") as opened:
        yield opened


async def leave(connection: postgres.Connection, owing: int) -> Slot:
    """The slot of a worker that dies now, so many rows of it unpublished."""
    slot = await slots.lease(connection, GROUP, "gone", LEASE)
    await connection.execute("update salesplan.slot set sequence = confirmed + $1", owing)
    return slot


@pytest.mark.parametrize("ahead", [-HOUR, 0, HOUR])
@pytest.mark.parametrize("owing", [0, 1])
async def test_p33_a_dead_workers_slot_is_taken_over_or_freed_whatever_the_clock_says(
    connection: postgres.Connection, database_url: str, ahead: float, owing: int
) -> None:
    """After the longest lease there is, by the clock of who watches; an hour back it took an hour."""
    await leave(connection, owing)
    await set_clock(database_url, ahead)
    assert await Looks(connection).seconds_until_taken() == (LEASE / 2 if ahead > 0 else LONGEST_LEASE)


async def test_p33_a_slot_that_is_renewed_stays_its_owners_when_the_clock_goes_forward(
    connection: postgres.Connection, database_url: str
) -> None:
    """Its lease has run out at once; but it has not been silent for half of one."""
    slot = await leave(connection, owing=1)
    looks = Looks(connection)
    await set_clock(database_url, HOUR)
    assert await looks.seconds_until_taken(most=4) == 4
    await set_clock(database_url, 0)
    await slots.renew(connection, slot)
    await set_clock(database_url, HOUR)
    assert await looks.seconds_until_taken(most=4) == 4


async def test_p33_a_slot_that_is_given_back_is_free_at_once(
    connection: postgres.Connection, database_url: str
) -> None:
    """Also where the clock is set back before the next worker comes."""
    slot = await leave(connection, owing=0)
    await slots.release(connection, slot)
    await set_clock(database_url, -HOUR)
    assert (await slots.lease(connection, GROUP, "next", LEASE)).number == slot.number


@pytest.mark.parametrize("who", ["another taker", "the owner, back again"])
async def test_p33_a_slot_that_moved_since_it_was_looked_at_is_not_taken(
    connection: postgres.Connection, who: str
) -> None:
    """It was silent when it was looked at, and is not any more."""
    slot = await leave(connection, owing=1)
    (seen,) = await connection.fetch(slots.READ_SLOTS, GROUP)
    take = (slots.LEASE_ABANDONED_SLOT, GROUP, LEASE, "taker", seen["number"], seen["version"])
    if who == "another taker":
        assert await connection.fetchrow(*take)
    else:
        await slots.renew(connection, slot)
    assert await connection.fetchrow(*take) is None


async def test_p33_the_latest_assignment_is_the_one_that_was_made_last(office: Office) -> None:
    """By number: the clock was set back between the two."""
    await office.edit(plan("linked", "anna", "boris", mode="linked"), plan("first", "anna"), plan("second", "boris"))
    await office.write(lead("lead-1", "first"))
    await office.connection.execute("update salesplan.assignment set assigned_at = assigned_at + interval '1 hour'")
    await office.write(lead("lead-1", "second"))
    await office.write(lead("lead-1", "linked"))
    ((manager,),) = await office.rows(
        "select manager_id from salesplan.assignment join salesplan.plan using (plan_no) where plan_id = 'linked'"
    )
    assert manager == "boris"


@pytest.mark.parametrize(("ahead", "age"), [(-HOUR, 2.0), (HOUR, HOUR)])
async def test_p33_the_oldest_batch_grows_older_whatever_the_clock_says(
    office: Office, database_url: str, ahead: float, age: float
) -> None:
    """An hour back its age was below zero for an hour, and no alert could fire."""
    await install_clock(database_url)
    ticks = iter((0.0, 1.0, 3.0))
    async with postgres.connected(database_url, application_name="test") as connection:
        await office.edit(plan("first", "anna"))
        await office.write(lead("lead-1", "first"))
        await set_clock(database_url, ahead)
        watched = Stillness[int](60.0, lambda: next(ticks))
        oldest_age(await connection.fetch(OUTBOX_BACKLOG, GROUP), watched)
        found = oldest_age(await connection.fetch(OUTBOX_BACKLOG, GROUP), watched)
    assert age <= found < age + 60


async def test_p33_a_session_that_is_silent_in_its_transaction_is_ended(database_url: str) -> None:
    """Also where the server's own timeout does not end it, as one that was running when the clock was set back."""
    ended = asyncio.Event()
    settings = dict.fromkeys(("idle_in_transaction_session_timeout", "transaction_timeout"), "0")
    async with (
        postgres.connected(database_url, application_name="salesplan-batches", settings=settings) as sleeper,
        postgres.pool(database_url, application_name="salesplan", size=1) as pool,
    ):
        sleeper.add_termination_listener(lambda _: ended.set())
        await sleeper.execute("begin")
        watching = asyncio.create_task(end_silent_sessions(pool, Stillness(2 * LOOK_SECONDS)))
        async with asyncio.timeout(10):
            await ended.wait()
        watching.cancel()

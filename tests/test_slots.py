"""A leased slot, and how its holder ends."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from worker import postgres, slots
from worker.postgres import Pool
from worker.slots import Slot, SlotLostError

GROUP = "salesplan"
SECONDS = 0.2  # of a lease
RUN_OUT = "update salesplan.slot set lease_until = now() - interval '1 second'"


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    async with postgres.pool(database_url, application_name="holder", size=2) as opened:
        yield opened


async def hold(pool: Pool, slot: Slot, ending: asyncio.Event, seconds: float) -> None:
    """Work under the slot, and take this long to end."""
    async with slots.kept(pool, slot):
        try:
            await asyncio.Event().wait()
        finally:
            ending.set()
            await asyncio.sleep(seconds)


async def hold_and_lose(pool: Pool, ending: asyncio.Event, seconds: float) -> asyncio.Task[None]:
    """The holder of a slot that has just got another owner."""
    async with postgres.borrowed(pool) as connection:
        slot = await slots.lease(connection, GROUP, "holder", SECONDS)
        holder = asyncio.create_task(hold(pool, slot, ending, seconds))
        await connection.execute(RUN_OUT)
        assert (await slots.lease(connection, GROUP, "successor", 60)).number == slot.number
    return holder


async def test_who_lost_his_slot_is_told(pool: Pool) -> None:
    holder = await hold_and_lose(pool, asyncio.Event(), 0)
    with pytest.raises(ExceptionGroup) as raised:
        await holder
    assert raised.group_contains(SlotLostError)


async def test_p10_who_is_stopped_while_he_ends_for_a_lost_slot_stops(pool: Pool) -> None:
    """Told only of the loss, he would go on with the next slot, and whoever stopped him would wait for ever."""
    ending = asyncio.Event()
    holder = await hold_and_lose(pool, ending, 60)
    await ending.wait()
    holder.cancel()
    await asyncio.wait({holder})
    assert holder.cancelled()

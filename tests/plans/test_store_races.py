"""Editors and batches at the same time, on connections of their own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import asyncpg
import pytest

from tests.plans.edits import apply, file, lgts, revision, versions
from tests.support.locks import is_blocked
from worker import postgres
from worker.plans import store as planstore
from worker.plans.change import PlanRefusedError
from worker.plans.faults import Fault, LgtTaken
from worker.plans.file import PlanFileError
from worker.plans.refusals import LgtLost
from worker.postgres import Connection


@pytest.fixture
async def connections(database_url: str) -> AsyncIterator[list[Connection]]:
    """Three editors' connections."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                postgres.connected(database_url, application_name=f"editor-{n}", settings=postgres.BATCH_SETTINGS)
            )
            for n in range(3)
        ]


async def test_of_two_editors_racing_for_an_lgt_one_gets_it_and_one_is_told_who(
    connections: list[Connection],
) -> None:
    results = await asyncio.gather(
        apply(connections[0], file(june="lgts: [l1]")),
        apply(connections[1], file(july="lgts: [l1]")),
        return_exceptions=True,
    )
    (refused,) = [result for result in results if isinstance(result, BaseException)]
    assert isinstance(refused, PlanFileError)
    (plan,) = await planstore.read(connections[0])
    assert refused.faults == (Fault("plans[0].lgts", LgtTaken("l1", plan.spec.id)),)


async def test_a_writer_who_takes_no_lock_is_stopped_by_the_constraint_and_told_who_has_it(
    connections: list[Connection],
) -> None:
    await apply(connections[0], file(june="", july=""))
    by_hand = connections[1].transaction()
    await by_hand.start()
    await connections[1].execute(
        "insert into salesplan.plan_lgt select account_id, 'l1', plan_no from salesplan.plan where plan_id = 'june'"
    )
    editing = asyncio.create_task(apply(connections[0], file(july="lgts: [l0, l1]")))
    await is_blocked(connections[2], connections[0])
    await by_hand.commit()
    with pytest.raises(PlanRefusedError) as caught:
        await editing
    assert caught.value.faults == (LgtLost("july", "l1", "june"),)
    assert await lgts(connections[0]) == {"l1": "june"}
    assert await revision(connections[0]) == 1


async def test_an_edit_waits_for_the_batch_that_decides_by_the_plan(connections: list[Connection]) -> None:
    await apply(connections[0], file(june="managers: [anna]"))
    batch = connections[1].transaction()
    await batch.start()
    await connections[1].execute("select from salesplan.plan_counter for update")
    editing = asyncio.create_task(apply(connections[0], file(june="managers: [anna, boris]")))
    await is_blocked(connections[2], connections[0])
    decided_at = await connections[1].fetchval("select clock_timestamp()")
    await connections[1].execute("update salesplan.plan_counter set assigned = '{1}', last_seqs = '{1}', last_seq = 1")
    await batch.commit()
    await editing
    (stored,) = await planstore.read(connections[0])
    assert stored.assigned == {"anna": 1, "boris": 0}
    assert stored.changed_at >= decided_at.replace(microsecond=decided_at.microsecond // 1000 * 1000)


async def test_no_edit_is_lost_between_editors_at_the_same_time(connections: list[Connection]) -> None:
    managers = [f"m{n}" for n in range(30)]
    await apply(connections[0], file(june=f"managers: [{', '.join(managers)}]"))

    async def pause(connection: Connection, mine: list[str]) -> None:
        for manager in mine:
            await planstore.set_paused(
                connection, "acme", "june", manager, paused=True, changed_by=manager, execute=True
            )

    await asyncio.gather(*(pause(connection, managers[n::3]) for n, connection in enumerate(connections)))
    (stored,) = await planstore.read(connections[0])
    assert all(manager.paused for manager in stored.spec.managers)
    kept = await versions(connections[0], "june")
    assert [row["version"] for row in kept] == list(range(1, 32))
    assert {row["changed_by"] for row in kept[1:]} == set(managers)
    assert await revision(connections[0]) == 31


async def test_editors_of_different_accounts_and_batches_never_deadlock(connections: list[Connection]) -> None:
    async def edit(connection: Connection, account: str) -> None:
        for n in range(20):
            await apply(connection, file(account, a=f"name: N{n}, lgts: [l{n % 2}]", b=f"name: M{n}, lgts: [l{2 + n}]"))

    async def batches() -> None:
        for _ in range(40):
            async with connections[2].transaction():
                await connections[2].execute("select from salesplan.plan_counter order by plan_no for update")
                await connections[2].fetchval("select revision from salesplan.plan_book")

    await asyncio.gather(edit(connections[0], "acme"), edit(connections[1], "other"), batches())
    assert await revision(connections[0]) == 40


async def test_listeners_hear_the_revision_only_of_what_was_committed(connections: list[Connection]) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    listener = connections[1]
    assert isinstance(listener, asyncpg.Connection)
    await listener.add_listener("salesplan_plans", lambda *told: heard.put_nowait(str(told[-1])))
    await apply(connections[0], file(june=""))
    await apply(connections[0], file(june=""))
    await apply(connections[0], file(june="name: Other"))
    async with asyncio.timeout(10):
        assert [await heard.get(), await heard.get()] == ["1", "2"]

"""Counter rows that a worker wrote last and does not read again: whatever comes between, he decides by the truth."""

import asyncio

import pytest
from asyncpg.connection import LoggedQuery

from db import query
from tests.support.locks import until_blocked
from tests.support.make import lead, paused, plan
from tests.support.office import Office, offices
from worker.ledger.answer import PositionsMoved

STEP = "update salesplan.position set next_offset = next_offset + $1"


async def test_what_another_worker_has_given_is_counted(database_url: str) -> None:
    """Two of them in turns, and one twice: the managers keep their order, and every lead gets the next number."""
    async with offices(database_url, 2) as (one, two):
        await one.edit(plan("alpha", "anna", "boris", "clara"))
        for office in (one, two):
            await office.refresh()
        for number, office in enumerate((one, two, one, one, two, two, one, two, one)):
            await office.write(lead(f"lead-{number}", "alpha"))
        given = await one.given()
    assert [each.plan_seq for each in given] == [*range(1, 10)]
    managers = [each.manager_id for each in given]
    assert sorted(managers[:3]) == ["anna", "boris", "clara"]
    assert managers == managers[:3] * 3


async def test_what_another_worker_gives_while_one_waits_for_the_lock_is_counted(database_url: str) -> None:
    """The row is still known when it is asked for, and is not any more when it is locked."""
    async with offices(database_url, 2) as (one, two):
        await one.edit(plan("alpha", "anna", "boris"))
        for office in (one, two):
            await office.refresh()
        await one.write(lead("lead-0", "alpha"))
        batch = await one.batch(lead("lead-2", "alpha"))
        async with two.connection.transaction():
            await two.write(lead("lead-1", "alpha"))
            writing = asyncio.create_task(one.put(batch))
            await until_blocked(two.connection, 1)
        await writing
        given = await one.given()
    assert [(each.plan_seq, each.lead_id) for each in given] == [(1, "lead-0"), (2, "lead-1"), (3, "lead-2")]
    assert given[2].manager_id == given[0].manager_id != given[1].manager_id


async def test_what_was_undone_is_forgotten(office: Office) -> None:
    """A batch that was decided and found its positions moved gave nothing to anybody."""
    await office.edit(plan("alpha", "anna", "boris", "clara"))
    await office.write(lead("lead-0", "alpha"))
    batch = await office.batch(lead("lead-1", "alpha"), lead("lead-2", "alpha"))
    await office.connection.execute(STEP, 1)
    assert await office.attempt(batch) == PositionsMoved()
    await office.connection.execute(STEP, -1)
    await office.put(batch)
    given = await office.given()
    assert [each.plan_seq for each in given] == [1, 2, 3]
    assert sorted(each.manager_id for each in given) == ["anna", "boris", "clara"]


async def test_a_change_of_plans_counts_from_the_next_lead_on(office: Office) -> None:
    """Who is paused gets none, and who is new gets his own; the counts stay."""
    await office.edit(plan("alpha", "anna", "boris"))
    await office.write(*(lead(f"lead-{number}", "alpha") for number in range(4)))
    await office.edit(plan("alpha", paused("anna"), "boris"))
    await office.refresh()
    await office.write(lead("lead-4", "alpha"), lead("lead-5", "alpha"))
    await office.edit(plan("alpha", "anna", "boris", "clara"))
    await office.refresh()
    await office.write(*(lead(f"lead-{number}", "alpha") for number in range(6, 10)))
    managers = await office.managers("alpha")
    assert managers[4:] == ["boris", "boris", "clara", "clara", "anna", "clara"]


async def test_what_is_remembered_is_asked_for_no_more(office: Office) -> None:
    """By the number of the transaction that wrote the row last; of a plan that was only looked at, too."""
    await office.edit(plan("alpha", "anna", "boris"))
    await office.write(lead("lead-0", "alpha"))
    asked: list[object] = []

    def note(query_: LoggedQuery) -> None:
        if query_.query == query("batch/lock_counters"):
            asked.append(query_.args)

    with office.connection.query_logger(note):
        for lead_id in ("lead-0", "lead-1"):
            ((plan_no, writer),) = await office.rows("select plan_no, xmin from salesplan.plan_counter")
            await office.write(lead(lead_id, "alpha"))
            assert asked.pop() == ([plan_no], [writer])


@pytest.mark.parametrize("somebody", [False, True])
async def test_only_what_somebody_else_has_changed_is_told(office: Office, somebody: bool) -> None:
    """Not even what is the same again."""
    await office.edit(plan("alpha", "anna", "boris"))
    await office.write(lead("lead-0", "alpha"))
    ((plan_no, writer, assigned),) = await office.rows("select plan_no, xmin, assigned from salesplan.plan_counter")
    if somebody:
        await office.connection.execute("update salesplan.plan_counter set assigned = assigned")
    (row,) = await office.connection.fetch(query("batch/lock_counters"), [plan_no], [writer])
    assert (row["assigned"], row["writer"] == writer) == ((assigned, False) if somebody else (None, True))

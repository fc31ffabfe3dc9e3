"""Sequences that are behind the numbers that were given, as logical replication and partial restores leave them."""

from __future__ import annotations

import asyncio
import subprocess

import pytest

from tests.db.schema import programs
from tests.support.make import contact, lead, paused, plan
from tests.support.office import Office
from worker import postgres
from worker.postgres import sequences
from worker.postgres.sequences import REMEDIES, SequencesBehindError

PLANS, ARRIVALS = "salesplan.plan_plan_no_seq", "salesplan.arrival"
AS_NEW = "select setval('{}', 1, false)"
ARRIVED = "select last_value from salesplan.arrival"
WAITING = "select lead_id from salesplan.waiting_lead order by arrival"


async def behind(office: Office) -> list[str]:
    """The sequences that a start names."""
    try:
        await sequences.refuse_behind(office.connection)
    except SequencesBehindError as error:
        return [name for name in (PLANS, ARRIVALS) if f"setval('{name}'" in str(error)]
    return []


async def test_a_database_that_is_new_or_in_use_is_in_order(office: Office) -> None:
    """Whatever was drawn and given back."""
    assert await behind(office) == []
    await office.edit(plan("alpha", "anna"), plan("closed", paused("anna")))
    await office.write(lead("lead-1", "alpha"), lead("lead-2", "closed"), contact("lead-1", "anna"))
    assert await behind(office) == []
    assert await sequences.mend(office.connection) == []


async def test_a_plan_would_get_the_number_of_another(office: Office) -> None:
    """No plan is added, and none is changed, until it is mended; then the next has a number of its own."""
    await office.edit(plan("alpha", "anna"), plan("beta", "anna"))
    await office.connection.execute(AS_NEW.format(PLANS))
    assert await behind(office) == [PLANS]
    with pytest.raises(SequencesBehindError):
        await office.edit(plan("alpha", "anna", "boris"), plan("gamma", "anna"))
    await office.edit(plan("alpha", "anna", "boris"))
    await office.connection.execute(REMEDIES[PLANS])
    await office.edit(plan("gamma", "anna"))
    assert await office.rows("select plan_id from salesplan.plan order by plan_no") == [
        ("alpha",),
        ("beta",),
        ("gamma",),
    ]


async def test_a_lead_would_wait_before_those_who_came_earlier(office: Office) -> None:
    """Mended, it waits behind them."""
    await office.edit(plan("closed", paused("anna")), plan("empty", paused("anna")))
    await office.refresh()
    for number in range(3):
        await office.write(lead(f"lead-{number}", "closed"))
    await office.connection.execute(AS_NEW.format(ARRIVALS))
    assert await behind(office) == [ARRIVALS]
    assert await sequences.mend(office.connection) == [ARRIVALS]
    await office.write(lead("lead-3", "closed"))
    assert [row[0] for row in await office.rows(WAITING)] == [f"lead-{number}" for number in range(4)]
    assert await behind(office) == []


async def test_where_nobody_waits_what_was_published_tells(office: Office) -> None:
    """Each batch that has announced something has drawn a number; the contacts' are above what it is set to."""
    await office.edit(plan("alpha", "anna"))
    await office.write(lead("lead-1", "alpha"))
    for number in range(3):
        await office.write(contact(f"lead-{number}", "anna"))
    ((before,),) = await office.rows(ARRIVED)
    await office.connection.execute(AS_NEW.format(ARRIVALS))
    assert await behind(office) == [ARRIVALS]
    await office.connection.execute(REMEDIES[ARRIVALS])
    assert await office.rows(ARRIVED) == [(before,)]
    assert await behind(office) == []


async def test_what_is_ahead_never_goes_back(office: Office) -> None:
    """While one sequence is mended the other stays where it is."""
    await office.edit(plan("alpha", "anna"))
    await office.write(lead("lead-1", "alpha"))
    await office.connection.execute("select setval('salesplan.arrival', 6553600000)")
    await office.connection.execute(AS_NEW.format(PLANS))
    assert await sequences.mend(office.connection) == [PLANS]
    assert await office.rows(ARRIVED) == [(6553600000,)]


async def test_a_restored_dump_is_in_order(office: Office, database_url: str, empty_database: str) -> None:
    """A dump holds the sequences as well."""
    await office.edit(plan("alpha", "anna"), plan("closed", paused("anna")))
    await office.write(lead("lead-1", "alpha"), lead("lead-2", "closed"))
    await asyncio.to_thread(restore, database_url, empty_database)
    async with postgres.connected(empty_database, application_name="test") as restored:
        assert await restored.fetchval(WAITING) == "lead-2"
        await sequences.refuse_behind(restored)


def restore(source: str, target: str) -> None:
    dump = subprocess.run([programs() / "pg_dump", "--format=custom", source], check=True, capture_output=True).stdout
    subprocess.run([programs() / "pg_restore", f"--dbname={target}"], input=dump, check=True)
